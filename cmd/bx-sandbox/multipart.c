/* Bodies of multipart/form-data (RFC 7578), as a browser or curl sends them. */
#include <string.h>
#include <strings.h>
#include "form.h"
#include "input.h"
#include "banned.h"

#define PARTS_MAX 1000

char *sb_header_param(const char *header, const char *name)
{
	size_t len = strlen(name);
	for (const char *p = strchr(header, ';'); p; p = strchr(p, ';')) {
		p += 1 + strspn(p + 1, " \t");
		if (strncasecmp(p, name, len) || p[len] != '=')
			continue;
		p += len + 1;
		if (*p != '"')
			return bx_xstrndup(p, strcspn(p, "; \t\r\n"));
		return bx_xstrndup(p + 1, strcspn(p + 1, "\"\r\n"));
	}
	return NULL;
}

/* One part: its header lines, then after an empty line its data. */
static void take_part(const char *part, size_t len, cJSON *root, struct sb_file *file)
{
	const char *gap = memmem(part, len, "\r\n\r\n", 4);
	if (!gap)
		return;
	auto_free char *head = bx_xstrndup(part, (size_t)(gap - part));
	const char *line = strcasestr(head, "Content-Disposition:");
	auto_free char *disposition = line ? bx_xstrndup(line, strcspn(line, "\r\n")) : NULL;
	auto_free char *name = disposition ? sb_header_param(disposition, "name") : NULL;
	auto_free char *filename = disposition ? sb_header_param(disposition, "filename") : NULL;
	const char *data = gap + 4;
	size_t size = len - (size_t)(data - part);
	if (!name || !*name)
		return;
	if (!filename) {
		auto_free char *value = bx_xstrndup(data, size);
		bx_form_put(root, name, cJSON_CreateString(value));
	} else if (file && !file->field) {
		*file = (struct sb_file){bx_xstrdup(name), bx_xstrdup(filename), data, size};
	}
}

void sb_multipart_read(const char *type, const char *body, size_t len, cJSON *root,
	struct sb_file *file)
{
	auto_free char *boundary = sb_header_param(type, "boundary");
	if (!boundary || !*boundary)
		return;
	auto_free char *mark = bx_xprintf("\r\n--%s", boundary);
	size_t mark_len = strlen(mark);
	if (len < mark_len - 2 || memcmp(body, mark + 2, mark_len - 2) != 0)
		return;
	const char *p = body + mark_len - 2, *end = body + len;
	for (int parts = 0; parts < PARTS_MAX && end - p > 2 && !memcmp(p, "\r\n", 2); parts++) {
		p += 2;
		const char *stop = memmem(p, (size_t)(end - p), mark, mark_len);
		if (!stop)
			return;
		take_part(p, (size_t)(stop - p), root, file);
		p = stop + mark_len;
	}
}
