#include "base64.h"

#include <string.h>
#include "str.h"
#include "banned.h"

static int value_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

static size_t skip_space(const char *p)
{
	return strspn(p, " \t\r\n");
}

char *sb_base64_decode(const char *text, size_t *len)
{
	char *out = bx_xcalloc(strlen(text) / 4 + 1, 3);
	unsigned bits = 0, have = 0, digits = 0;
	const char *p = text;
	*len = 0;
	for (int v; p += skip_space(p), (v = value_of(*p)) >= 0; p++, digits++) {
		bits = bits << 6 | (unsigned)v;
		have += 6;
		if (have >= 8)
			out[(*len)++] = (char)(bits >> (have -= 8) & 0xff);
	}
	while (*p == '=' || strchr(" \t\r\n", *p)) {
		if (!*p)
			break;
		p++;
	}
	if (!*p && digits % 4 != 1 && digits)
		return out;
	free(out);
	return NULL;
}
