/* SPDX-License-Identifier: MIT */
/* test_base_string.c - copying, comparing, numbers with suffixes.
 *
 * The functions are renamed, so that the host's own stay what they are.
 */
#include "base/string.h"

#pragma clang diagnostic ignored "-Wmissing-prototypes"
#define memcpy pv_memcpy
#define memmove pv_memmove
#define memset pv_memset
#define memcmp pv_memcmp
#define strlen pv_strlen
#define strnlen pv_strnlen
#define strcmp pv_strcmp
#define strncmp pv_strncmp
#define strchr pv_strchr
#define strlcpy pv_strlcpy
#define parse_size pv_parse_size
size_t pv_strlen(const char *s);
int pv_strncmp(const char *a, const char *b, size_t n);
void *pv_memcpy(void *d, const void *s, size_t n);
#include "../../hypervisor/base/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strlcpy
#undef parse_size

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIZE 64

static void fill(unsigned char *p)
{
	for (int i = 0; i < SIZE; i++)
		p[i] = (unsigned char)(i * 7 + 1);
}

/* Every length and every overlap gives what the C library gives. */
static void copies_are_exact(void **state)
{
	unsigned char a[SIZE], b[SIZE], want[SIZE];

	for (size_t n = 0; n <= 24; n++)
		for (size_t from = 0; from < 24; from++)
			for (size_t to = 0; to < 24; to++) {
				fill(a);
				fill(want);
				assert_ptr_equal(pv_memmove(a + to, a + from, n), a + to);
				memmove(want + to, want + from, n);
				assert_memory_equal(a, want, SIZE);
			}
	for (size_t n = 0; n <= 24; n++) {
		fill(a);
		memset(b, 0xee, SIZE);
		memset(want, 0xee, SIZE);
		pv_memcpy(b + 3, a, n);
		memcpy(want + 3, a, n);
		assert_memory_equal(b, want, SIZE);
		pv_memset(b + 5, (int)(0x100 + n), n);
		memset(want + 5, (int)(0x100 + n), n);
		assert_memory_equal(b, want, SIZE);
	}
}

static void comparing(void **state)
{
	assert_true(pv_memcmp("abc", "abd", 3) < 0);
	assert_true(pv_memcmp("ab\xff", "abc", 3) > 0);
	assert_int_equal(pv_memcmp("abX", "abY", 2), 0);
	assert_int_equal(pv_strcmp("same", "same"), 0);
	assert_true(pv_strcmp("a", "ab") < 0);
	assert_true(pv_strcmp("\xff", "a") > 0);
	assert_int_equal(pv_strncmp("abc", "abX", 2), 0);
	assert_int_equal(pv_strnlen("abcdef", 3), 3);
	assert_string_equal(pv_strchr("a=b=c", '='), "=b=c");
	assert_null(pv_strchr("abc", 'x'));
	assert_non_null(pv_strchr("abc", 0));
}

static void strlcpy_terminates(void **state)
{
	char b[4] = "zzz";

	assert_int_equal(pv_strlcpy(b, "abcdef", sizeof(b)), 6);
	assert_string_equal(b, "abc");
	assert_int_equal(pv_strlcpy(b, "x", sizeof(b)), 1);
	assert_string_equal(b, "x");
}

static void sizes(void **state)
{
	const char *end;

	assert_int_equal(pv_parse_size("128M,max:1G", &end), 128UL << 20);
	assert_string_equal(end, ",max:1G");
	assert_int_equal(pv_parse_size("0x10k", &end), 0x10 << 10);
	assert_int_equal(pv_parse_size("0xfFg", NULL), 0xffUL << 30);
	assert_int_equal(pv_parse_size("2T", NULL), 2UL << 40);
	assert_int_equal(pv_parse_size("", &end), 0);
	assert_int_equal(pv_parse_size("0xg", &end), 0);
	assert_string_equal(end, "xg");
	assert_int_equal(pv_parse_size("12", &end), 12);
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
