/* The growable string: its ceiling, its invariants, its memory. */
#include <stdint.h>
#include "str.h"
#include "check.h"

static void check_empty(void)
{
	auto_str struct bx_str s = BX_STR_INIT(10);
	CHECK(s.buf && !*s.buf && !s.len, "a new string is an empty text");
	CHECK(bx_str_add(&s, NULL, 0) && !*s.buf, "nothing may be added to it");
	CHECK(bx_str_printf(&s, "%s", "") && s.len == 0, "an empty format adds nothing");
	bx_str_cut(&s, 5);
	CHECK(s.len == 0, "cutting an empty string does nothing");
	auto_free char *text = bx_str_take(&s);
	CHECK_STR(text, "", "taking an empty string gives a text of its own");
}

static void check_ceiling(void)
{
	auto_str struct bx_str s = BX_STR_INIT(10);
	CHECK(bx_str_puts(&s, "0123456789") && s.len == 10 && !s.over, "the ceiling itself is allowed");
	CHECK(!bx_str_putc(&s, 'x') && s.over, "one byte more is not");
	CHECK_STR(s.buf, "0123456789", "a refused addition changes nothing");
	bx_str_cut(&s, 5);
	CHECK(!bx_str_putc(&s, 'x') && s.len == 5, "over stays set until reset, so one check is enough");
	bx_str_reset(&s);
	CHECK(!s.over && !s.len && bx_str_putc(&s, 'x'), "reset begins anew");
	CHECK(!bx_str_printf(&s, "%s", "0123456789") && s.over, "a format too long is refused whole");
	CHECK_STR(s.buf, "x", "and adds no part of it");
	auto_str struct bx_str none = BX_STR_INIT(0);
	CHECK(!bx_str_putc(&none, 'x') && !*none.buf, "a ceiling of nothing holds nothing");
	auto_str struct bx_str wide = BX_STR_INIT(SIZE_MAX / 2);
	CHECK(bx_str_puts(&wide, "a") && !bx_str_add(&wide, "b", SIZE_MAX - 1) && wide.len == 1,
		"a length that would overflow is refused");
}

static void check_growth(void)
{
	auto_str struct bx_str s = BX_STR_INIT(1 << 20);
	bool whole = true;
	for (size_t i = 0; i < 5000; i++) {
		bx_str_printf(&s, "%05zu,", i);
		whole = whole && s.len == (i + 1) * 6 && s.buf[s.len] == 0 && s.len <= s.cap;
	}
	CHECK(whole, "it grows and always ends in a NUL");
	CHECK(!strncmp(s.buf + 4999 * 6, "04999,", 7), "nothing of it is lost");
	bx_str_cut(&s, 4999 * 6);
	CHECK_STR(s.buf, "04999,", "the front can be cut off");
	bx_str_cut(&s, 1000);
	CHECK_STR(s.buf, "", "cutting more than there is empties it");
	CHECK(bx_str_add(&s, "a\0b", 3) && s.len == 3 && s.buf[2] == 'b', "bytes are bytes");
	auto_free char *text = bx_str_take(&s);
	CHECK(text[0] == 'a' && s.len == 0 && s.cap == 0 && s.max == 1 << 20,
		"after a take it is as after init");
	CHECK(bx_str_puts(&s, "again") && !strcmp(s.buf, "again"), "and can be used again");
}

static void check_texts(void)
{
	CHECK(bx_xstrdup(NULL) == NULL, "a copy of nothing is nothing");
	auto_free char *part = bx_xstrndup("abcdef", 3);
	CHECK_STR(part, "abc", "a part can be copied");
	auto_free char *made = bx_xprintf("%d-%s", 7, "x");
	CHECK_STR(made, "7-x", "a text can be made");
	char *slot = NULL;
	bx_set_str(&slot, "one");
	bx_set_str(&slot, slot);
	CHECK_STR(slot, "one", "a slot can be set to itself");
	bx_set_str(&slot, NULL);
	CHECK(!slot, "and emptied");
	CHECK(bx_streq(NULL, NULL) && !bx_streq(NULL, "") && !bx_streq("", NULL), "NULL equals only NULL");
	CHECK(bx_streq("a", "a") && !bx_streq("a", "ab"), "texts are compared whole");
	CHECK(bx_starts("abc", "ab") && bx_starts("abc", "") && !bx_starts("a", "ab"), "beginnings");
}

static void check_numbers(void)
{
	static const int64_t numbers[] = {0, 7, -7, 10, 1234567890, INT64_MAX, INT64_MIN};
	for (size_t i = 0; i < BX_COUNT(numbers); i++) {
		auto_str struct bx_str s = BX_STR_INIT(20);
		auto_free char *want = bx_xprintf("%lld", (long long)numbers[i]);
		CHECK(bx_str_number(&s, numbers[i]), "a number of any size fits");
		CHECK_STR(s.buf, want, "and is in digits");
	}
	auto_str struct bx_str s = BX_STR_INIT(4);
	bx_str_room(&s, 5);
	CHECK(!s.over && !bx_str_number(&s, 12345) && !s.len, "room and numbers respect the ceiling");
}

static void check_pieces(void)
{
	char memory[9];
	struct bx_str s = BX_STR_IN(memory, sizeof memory);
	const struct bx_piece pieces[] = {BX_PIECE("ab"), BX_PIECE(""), {"cdx", 2}};
	CHECK(bx_str_pieces(&s, pieces, BX_COUNT(pieces)) && s.buf == memory, "pieces in memory of one's own");
	CHECK_STR(s.buf, "abcd", "one behind the other");
	CHECK(bx_str_pieces(&s, pieces, BX_COUNT(pieces)) && s.buf == memory, "to its last byte");
	CHECK(!bx_str_pieces(&s, pieces, BX_COUNT(pieces)) && s.over && s.buf == memory, "and no further");
	CHECK_STR(s.buf, "abcdabcd", "and nothing of them then");
}

int main(void)
{
	check_pieces();
	check_numbers();
	check_empty();
	check_ceiling();
	check_growth();
	check_texts();
	return check_end();
}
