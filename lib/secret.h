/* Secrets: random, comparison, masking, reading. libsodium stays behind secret_mac.c. Layer 0. */
#ifndef BX_SECRET_H
#define BX_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "err.h"
#include "str.h"

void bx_random(void *buf, size_t len);
/* len bytes of randomness as 2*len lower-case hex digits and a NUL. */
void bx_random_hex(char *out, size_t len);
void bx_hex(char *out, const void *data, size_t len); /* out holds 2*len+1 */

/* Compares in time that depends on the length of given alone; false when either is NULL or the
 * expected one is empty. */
bool bx_secret_equal(const char *expected, const char *given);

/* Keyed BLAKE2b, a MAC by design: a handler page needs several, and an HMAC costs four times as much. */
#define BX_MAC_SIZE 32
#define BX_KEY_SIZE 32
void bx_mac(uint8_t mac[BX_MAC_SIZE], const uint8_t key[BX_KEY_SIZE], const void *data, size_t len);

/* BLAKE2b without a key. A key that stands before the data makes a MAC of it, since from this hash nobody
 * can go on; up to 128 bytes of both cost half of what bx_mac does. */
void bx_hash(uint8_t hash[BX_MAC_SIZE], const void *data, size_t len);

/* Eight bytes that stand for a secret and tell nothing of it to whoever has no key (SipHash). */
#define BX_NAME_SIZE	 8
#define BX_NAME_KEY_SIZE 16
void bx_name(uint8_t name[BX_NAME_SIZE], const uint8_t key[BX_NAME_KEY_SIZE], const void *data, size_t len);

/* "a1f3…" : at most the first four characters of a long secret, never more than a quarter. */
void bx_mask(struct bx_str *out, const char *secret);

/* Remembers a secret of this process; bx_redact replaces every remembered one in text, plain,
 * percent-encoded, JSON-escaped and within base64, by its mask. Short ones (under 6) are ignored. */
void bx_secret_remember(const char *secret);
void bx_redact(struct bx_str *text);
/* The same for results: only secrets of 16 bytes and more, as data must not change by chance. Takes
 * text, which is of malloc, and returns it or what takes its place. */
char *bx_redact_data(char *text);
/* The same of what text has from there on. */
void bx_redact_end(struct bx_str *text, size_t from);
/* As bx_redact, for one secret, remembered or not. */
void bx_redact_one(struct bx_str *text, const char *secret);
/* This process will neither use nor meet it any more. */
void bx_secret_forget(const char *secret);
void bx_secret_wipe(void *p, size_t len);

/* Reads one line, without its line end, from fd (a terminal is asked with prompt and no echo).
 * At most 4096 bytes. The caller frees. */
char *bx_secret_read(int fd, const char *prompt, struct bx_err *err);
/* The same of a line that may be empty; as long as there is none, go_on is asked a few times a
 * second. NULL when it says no. */
char *bx_secret_read_while(int fd, const char *prompt, bool (*go_on)(void *arg), void *arg,
	struct bx_err *err);

#endif
