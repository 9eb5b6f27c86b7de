/* SPDX-License-Identifier: MIT */
/* test_base_format.c - formats give what the C library gives.
 *
 * snprintf is this program's own here: the library's is the next of that name.
 */
/* link: hypervisor/base/string.c */
#define _GNU_SOURCE
#include "base/string.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static int (*library)(char *buf, size_t size, const char *fmt, ...) PRINTF(3, 4);

static int setup(void **state)
{
	*(void **)&library = dlsym(RTLD_NEXT, "snprintf");
	return !library || library == snprintf;
}

/* One format, all of its arguments: as the C library prints it. */
#define SAME(...) do { \
	char got[80], want[80]; \
	int n = snprintf(got, sizeof(got), __VA_ARGS__); \
	assert_int_equal(n, library(want, sizeof(want), __VA_ARGS__)); \
	assert_string_equal(got, want); \
} while (0)

static void formats_as_the_library(void **state)
{
	SAME("%d %u", -5, 4000000000u);
	SAME("%ld %lu", -123456789012L, ~0UL);
	SAME("%ld", (long)(1UL << 63));
	SAME("[%5d][%05d][%3d]", 42, -42, 12345);
	SAME("%x %#x %#x", 0xabc, 0xabc, 0);
	SAME("%016lx|%8lx|", 0xdeadUL, 0xdeadUL);
	SAME("%#10x|%#010x|", 0x1f, 0x1f);
	SAME("%s|%c%c%%", "abc", 'x', 'y');
	SAME("%zu", (size_t)12);
}

static void truncates_and_counts(void **state)
{
	char b[8];

	memset(b, 'z', sizeof(b));
	assert_int_equal(snprintf(b, 5, "%s", "abcdefgh"), 8);
	assert_string_equal(b, "abcd");
	assert_int_equal(b[5], 'z');
	assert_int_equal(snprintf(b, 0, "abc"), 3);
	assert_string_equal(b, "abcd");
	assert_int_equal(snprintf(b, sizeof(b), "%s", (const char *)NULL), 6);
	assert_string_equal(b, "(null)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_as_the_library),
		cmocka_unit_test(truncates_and_counts),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
