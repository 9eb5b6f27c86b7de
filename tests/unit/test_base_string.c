/* SPDX-License-Identifier: MIT */
/* test_base_string.c - copying, comparing, numbers with suffixes.
 *
 * The functions under test are this program's own memcpy and so on, so what
 * is wanted is computed and compared byte by byte.
 */
#include "base/string.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

#define SIZE 64

static void fill(unsigned char *p)
{
	for (int i = 0; i < SIZE; i++)
		p[i] = (unsigned char)(i * 7 + 1);
}

static void same(const volatile unsigned char *got, const volatile unsigned char *wanted)
{
	for (int i = 0; i < SIZE; i++)
		assert_int_equal(got[i], wanted[i]);
}

/* What is wanted: a copy by way of another place; a fill. */
static void move(volatile unsigned char *to, const volatile unsigned char *from, size_t n)
{
	volatile unsigned char between[SIZE];

	for (size_t i = 0; i < n; i++)
		between[i] = from[i];
	for (size_t i = 0; i < n; i++)
		to[i] = between[i];
}

static void set(volatile unsigned char *to, unsigned char c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = c;
}

/* Every length and every alignment. */
static void copies_are_exact(void **state)
{
	unsigned char a[SIZE], b[SIZE], want[SIZE];

	fill(a);
	for (size_t n = 0; n <= 24; n++)
		for (size_t from = 0; from < 24; from++)
			for (size_t to = 0; to < 24; to++) {
				set(b, 0xdd, SIZE);
				set(want, 0xdd, SIZE);
				assert_ptr_equal(memcpy(b + to, a + from, n), b + to);
				move(want + to, a + from, n);
				same(b, want);
			}
	for (size_t n = 0; n <= 24; n++) {
		fill(a);
		set(b, 0xee, SIZE);
		set(want, 0xee, SIZE);
		memcpy(b + 3, a, n);
		move(want + 3, a, n);
		same(b, want);
		memset(b + 5, (int)(0x100 + n), n);
		set(want + 5, (unsigned char)n, n);
		same(b, want);
	}
}

static void comparing(void **state)
{
	assert_true(memcmp("abc", "abd", 3) < 0);
	assert_true(memcmp("ab\xff", "abc", 3) > 0);
	assert_int_equal(memcmp("abX", "abY", 2), 0);
	assert_int_equal(strcmp("same", "same"), 0);
	assert_true(strcmp("a", "ab") < 0);
	assert_true(strcmp("\xff", "a") > 0);
	assert_int_equal(strncmp("abc", "abX", 2), 0);
	assert_int_equal(strnlen("abcdef", 3), 3);
	assert_string_equal(strchr("a=b=c", '='), "=b=c");
	assert_null(strchr("abc", 'x'));
	assert_non_null(strchr("abc", 0));
}

static void strlcpy_terminates(void **state)
{
	char b[4] = "zzz";

	assert_int_equal(strlcpy(b, "abcdef", sizeof(b)), 6);
	assert_string_equal(b, "abc");
	assert_int_equal(strlcpy(b, "x", sizeof(b)), 1);
	assert_string_equal(b, "x");
}

static void sizes(void **state)
{
	const char *end;

	assert_int_equal(parse_size("128M,max:1G", &end), 128UL << 20);
	assert_string_equal(end, ",max:1G");
	assert_int_equal(parse_size("0x10k", &end), 0x10 << 10);
	assert_int_equal(parse_size("0xfFg", NULL), 0xffUL << 30);
	assert_int_equal(parse_size("2T", NULL), 2UL << 40);
	assert_int_equal(parse_size("", &end), 0);
	assert_int_equal(parse_size("0xg", &end), 0);
	assert_string_equal(end, "xg");
	assert_int_equal(parse_size("12", &end), 12);
	assert_string_equal(end, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_exact),
		cmocka_unit_test(comparing),
		cmocka_unit_test(strlcpy_terminates),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
