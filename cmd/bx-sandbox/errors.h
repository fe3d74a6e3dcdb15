/* The errors of portal.md 2.5 with their statuses and texts. */
#ifndef BX_SANDBOX_ERRORS_H
#define BX_SANDBOX_ERRORS_H

struct sb_error {
	const char *code;
	int status, old_status; /* old_status: of older portals, 0 when the same */
	const char *text;
};
extern const struct sb_error sb_errors[]; /* ends with code NULL */

/* Some codes have a row for each of their texts; the first one stands for all others. NULL: the code
 * is unknown. text may be NULL. */
const struct sb_error *sb_error_find(const char *code, const char *text);

#endif
