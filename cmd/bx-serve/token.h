/* Frame tokens: a MAC over whose document it is and until when. They outlive a working day and
 * a restart. The text is member_id,APP_SID,frame,profile,expiry,mac. */
#ifndef BX_SERVE_TOKEN_H
#define BX_SERVE_TOKEN_H

#include "secret.h"

#define TOKEN_PART_MAX 64
#define TOKEN_LIFE_MS  (3 * 24 * 3600 * 1000LL)
#define FRAME_ID_SIZE  13

struct token {
	char member_id[TOKEN_PART_MAX + 1], sid[TOKEN_PART_MAX + 1], portal[TOKEN_PART_MAX + 1];
	char frame[FRAME_ID_SIZE]; /* 12 hex digits, one document */
	int64_t expires_ms;
};

/* The four texts are letters, digits, '.', '_' and '-', at most TOKEN_PART_MAX of them. */
bool token_part_ok(const char *text);
#define TOKEN_SIZE 400 /* of the text with its NUL */
void token_write(struct bx_str *out, const uint8_t key[BX_KEY_SIZE], const struct token *token);

enum token_state { TOKEN_FORGED, TOKEN_EXPIRED, TOKEN_GOOD };
/* token says nothing when it is forged. */
enum token_state token_read(const char *text, const uint8_t key[BX_KEY_SIZE], int64_t now_ms,
	struct token *token);

#endif
