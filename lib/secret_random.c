#include "secret.h"

#include <endian.h>
#include <string.h>
#include "banned.h"

#define POOL 256 /* as much as getentropy gives at once */

/* The system's randomness is slow by the byte, so each thread takes some more of it. What was handed
 * out is wiped. */
static void take(uint8_t *buf, size_t len)
{
	static _Thread_local uint8_t pool[POOL];
	static _Thread_local size_t left;
	if (len > left) {
		if (getentropy(pool, sizeof pool))
			abort();
		left = sizeof pool;
	}
	left -= len;
	memcpy(buf, pool + left, len);
	bx_secret_wipe(pool + left, len);
}

void bx_random(void *buf, size_t len)
{
	uint8_t *next = buf;
	for (; len > POOL; next += POOL, len -= POOL)
		take(next, POOL);
	take(next, len);
}

/* The digits of four bytes at once; without a branch or a look into a table, since they may be a
 * secret's. */
static uint64_t digits(const void *four)
{
	const uint64_t ones = 0x0101010101010101;
	uint32_t bytes;
	memcpy(&bytes, four, sizeof bytes);
	uint64_t n = le32toh(bytes);
	n = (n | n << 16) & 0x0000ffff0000ffff;
	n = (n | n << 8) & 0x00ff00ff00ff00ff;
	n = ((n >> 4) & 0x0f * ones) | (n & 0x0f * ones) << 8;
	return htole64(n + '0' * ones + ((n + 6 * ones) >> 4 & ones) * ('a' - '0' - 10));
}

void bx_hex(char *out, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t last[4] = {0};
	uint64_t eight;
	for (; len >= sizeof last; bytes += 4, out += 8, len -= 4) {
		eight = digits(bytes);
		memcpy(out, &eight, sizeof eight);
	}
	out[2 * len] = 0;
	if (!len)
		return;
	memcpy(last, bytes, len);
	eight = digits(last);
	memcpy(out, &eight, 2 * len);
}

void bx_random_hex(char *out, size_t len)
{
	uint8_t bytes[32];
	while (len) {
		size_t now = len < sizeof bytes ? len : sizeof bytes;
		bx_random(bytes, now);
		bx_hex(out, bytes, now);
		out += now * 2;
		len -= now;
	}
	*out = 0;
}
