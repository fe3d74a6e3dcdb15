/* What is compared and signed. The only file of secrets that needs a library: the tools that do neither
 * start without it. */
#include "secret.h"

#include <sodium.h>
#include <string.h>
#include "banned.h"

/* The library takes a lock to find out that it is ready. */
static void ready(void)
{
	static _Thread_local bool is;
	if (!is && sodium_init() < 0)
		abort();
	is = true;
}

/* Most secrets are 32 bytes long, for which there is a faster way than byte by byte. */
static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
	int unlike = 0;
	for (; len >= crypto_verify_32_BYTES; a += crypto_verify_32_BYTES, b += crypto_verify_32_BYTES) {
		unlike |= crypto_verify_32(a, b);
		len -= crypto_verify_32_BYTES;
	}
	return !(unlike | sodium_memcmp(a, b, len));
}

bool bx_secret_equal(const char *expected, const char *given)
{
	if (!expected || !given || !*expected)
		return false;
	size_t len = strlen(given);
	bool alike = strlen(expected) == len;
	return same((const uint8_t *)(alike ? expected : given), (const uint8_t *)given, len) && alike;
}

void bx_mac(uint8_t mac[BX_MAC_SIZE], const uint8_t key[BX_KEY_SIZE], const void *data, size_t len)
{
	_Static_assert(crypto_generichash_BYTES == BX_MAC_SIZE, "size of the MAC");
	_Static_assert(crypto_generichash_KEYBYTES == BX_KEY_SIZE, "size of the key");
	ready();
	crypto_generichash(mac, BX_MAC_SIZE, data, len, key, BX_KEY_SIZE);
}

void bx_hash(uint8_t hash[BX_MAC_SIZE], const void *data, size_t len)
{
	ready();
	crypto_generichash(hash, BX_MAC_SIZE, data, len, NULL, 0);
}

void bx_name(uint8_t name[BX_NAME_SIZE], const uint8_t key[BX_NAME_KEY_SIZE], const void *data, size_t len)
{
	_Static_assert(crypto_shorthash_BYTES == BX_NAME_SIZE, "size of the name");
	_Static_assert(crypto_shorthash_KEYBYTES == BX_NAME_KEY_SIZE, "size of its key");
	ready();
	crypto_shorthash(name, data, len, key);
}
