/* A frame token as the daemon of BX_STATE would sign it: token MEMBER_ID PORTAL MS, good for that
 * many milliseconds from now, or expired as long ago. */
#include "../../cmd/bx-serve/token.c"
#include <stdio.h>
#include <stdlib.h>
#include "clock.h"
#include "store_portal.h"

int main(int argc, char **argv)
{
	uint8_t key[BX_KEY_SIZE];
	struct bx_err err = {0};
	auto_store struct bx_store *store = bx_portals_open(&err);
	if (argc != 4 || !store || !bx_value_key(store, BX_VALUE_FRAME_KEY, key, sizeof key, &err)) {
		fprintf(stderr, "token: %s\n", err.text);
		return 1;
	}
	struct token token = {.sid = "c0ffee", .frame = "0123456789ab",
		.expires_ms = bx_now_ms() + strtoll(argv[3], NULL, 10)};
	snprintf(token.member_id, sizeof token.member_id, "%s", argv[1]);
	snprintf(token.portal, sizeof token.portal, "%s", argv[2]);
	auto_str struct bx_str text = BX_STR_INIT(1024);
	token_write(&text, key, &token);
	puts(text.buf);
	return 0;
}
