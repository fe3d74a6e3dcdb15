#include "token.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include "banned.h"

#define MAC_USED 16 /* bytes of the MAC */

/* Letters, digits, '.', '_' and '-'. */
static bool part_char(unsigned char c)
{
	static const uint64_t set[4] = {0x03ff600000000000, 0x07fffffe87fffffe};
	return set[c >> 6] & (UINT64_C(1) << (c & 63));
}

bool token_part_ok(const char *text)
{
	const char *end = text;
	while (end && part_char((unsigned char)*end))
		end++;
	return end > text && end - text <= TOKEN_PART_MAX && !*end;
}

/* Of the four texts, each with its comma, and the time, which is shorter in binary: most tokens then fit
 * one block of the hash. */
static void mac_hex(char out[2 * MAC_USED + 1], const uint8_t key[BX_KEY_SIZE], const char *parts, size_t len,
	int64_t expires_ms)
{
	uint8_t signs[BX_KEY_SIZE + TOKEN_SIZE + sizeof expires_ms], mac[BX_MAC_SIZE];
	uint64_t expires = htole64((uint64_t)expires_ms);
	uint8_t *end = mempcpy(mempcpy(signs, key, BX_KEY_SIZE), parts, len);
	memcpy(end, &expires, sizeof expires);
	bx_hash(mac, signs, BX_KEY_SIZE + len + sizeof expires);
	bx_secret_wipe(signs, BX_KEY_SIZE);
	bx_hex(out, mac, MAC_USED);
}

void token_write(struct bx_str *out, const uint8_t key[BX_KEY_SIZE], const struct token *token)
{
	size_t start = out->len;
	const struct bx_piece comma = BX_PIECE(",");
	const struct bx_piece parts[] = {{token->member_id, strlen(token->member_id)}, comma,
		{token->sid, strlen(token->sid)}, comma, {token->frame, strlen(token->frame)}, comma,
		{token->portal, strlen(token->portal)}, comma};
	bx_str_pieces(out, parts, BX_COUNT(parts));
	char mac[2 * MAC_USED + 2] = ",";
	mac_hex(mac + 1, key, out->buf + start, out->len - start, token->expires_ms);
	bx_str_number(out, token->expires_ms);
	bx_str_add(out, mac, sizeof mac - 1);
}

/* Copies the part up to the next comma; NULL when it is no good. */
static const char *take_part(const char *text, char *out, size_t size)
{
	size_t len = strcspn(text, ",");
	if (!text[len] || len >= size)
		return NULL;
	memcpy(out, text, len);
	out[len] = 0;
	return token_part_ok(out) ? text + len + 1 : NULL;
}

static bool parse(const char *text, struct token *token)
{
	char expires[24];
	*token = (struct token){0};
	if (!(text = take_part(text, token->member_id, sizeof token->member_id)) ||
		!(text = take_part(text, token->sid, sizeof token->sid)) ||
		!(text = take_part(text, token->frame, sizeof token->frame)) ||
		!(text = take_part(text, token->portal, sizeof token->portal)) ||
		!take_part(text, expires, sizeof expires))
		return false;
	char *end;
	errno = 0;
	token->expires_ms = strtoll(expires, &end, 10);
	return !*end && !errno && *expires >= '1' && *expires <= '9'; /* one spelling of a time */
}

enum token_state token_read(const char *text, const uint8_t key[BX_KEY_SIZE], int64_t now_ms,
	struct token *token)
{
	const char *comma = text && strlen(text) < TOKEN_SIZE ? strrchr(text, ',') : NULL;
	const char *parts_end = comma ? memrchr(text, ',', (size_t)(comma - text)) : NULL;
	char mac[2 * MAC_USED + 1];
	if (!parts_end || !parse(text, token))
		return TOKEN_FORGED;
	mac_hex(mac, key, text, (size_t)(parts_end + 1 - text), token->expires_ms);
	if (!bx_secret_equal(mac, comma + 1))
		return TOKEN_FORGED;
	return token->expires_ms > now_ms ? TOKEN_GOOD : TOKEN_EXPIRED;
}
