/* JSON in colours. */
#include "cli_impl.h"

#include <string.h>
#include "banned.h"

#define KEY    "\033[36m"
#define STRING "\033[32m"
#define WORD   "\033[33m"
#define OFF    "\033[m"

void bx_cli_paint(struct bx_cli *cli)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
	cli->paint = isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0 && !(no && *no);
}

static size_t string_len(const char *p)
{
	size_t len = 1;
	while (p[len] && p[len] != '"')
		len += p[len] == '\\' && p[len + 1] ? 2 : 1;
	return len + (p[len] == '"');
}

void bx_cli_paint_json(struct bx_str *out, const char *p)
{
	while (*p) {
		size_t len = *p == '"' ? string_len(p) : strcspn(p, "\" \t\r\n{}[],:");
		const char *after = p + len + strspn(p + len, " \t");
		const char *colour = *p != '"' ? WORD : *after == ':' ? KEY : STRING;
		if (len) {
			bx_str_puts(out, colour);
			bx_str_add(out, p, len);
			bx_str_puts(out, OFF);
		} else {
			bx_str_putc(out, *p);
			len = 1;
		}
		p += len;
	}
}
