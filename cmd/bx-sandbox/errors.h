/* The errors of portal.md 2.5 with their statuses and texts. */
#ifndef BX_SANDBOX_ERRORS_H
#define BX_SANDBOX_ERRORS_H

struct sb_error {
	const char *code;
	int status, old_status; /* old_status: of older portals, 0 when the same */
	const char *text;
};
extern const struct sb_error sb_errors[]; /* ends with code NULL */

const struct sb_error *sb_error_by_code(const char *code); /* NULL: unknown */

#endif
