/* SPDX-License-Identifier: MIT */
/* test_base_format.c - formats give what the C library gives.
 *
 * The functions are renamed, so that the host's own stay what they are.
 */
/* link: hypervisor/base/string.c */
#include "base/string.h"

#define vsnprintf pv_vsnprintf
#define snprintf pv_snprintf
int pv_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) PRINTF(3, 0);
int pv_snprintf(char *buf, size_t size, const char *fmt, ...) PRINTF(3, 4);
#include "../../hypervisor/base/format.c"
#undef vsnprintf
#undef snprintf

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One format, all of its arguments: as the C library prints it. */
#define SAME(...) do { \
	char got[80], want[80]; \
	int n = pv_snprintf(got, sizeof(got), __VA_ARGS__); \
	assert_int_equal(n, snprintf(want, sizeof(want), __VA_ARGS__)); \
	assert_string_equal(got, want); \
} while (0)

static void formats_as_the_library(void **state)
{
	SAME("%d %i %u", -5, 7, 4000000000u);
	SAME("%ld %lu", -123456789012L, ~0UL);
	SAME("%ld", (long)(1UL << 63));
	SAME("[%5d][%-5d][%05d]", 42, 42, -42);
	SAME("%x %X %#x %#x", 0xabc, 0xabc, 0xabc, 0);
	SAME("%016lx|%8lx|%-8lx|", 0xdeadUL, 0xdeadUL, 0xdeadUL);
	SAME("%#10x|%#010x|", 0x1f, 0x1f);
	SAME("%.3d|%8.3d|%.0u", 5, 5, 7u);
	SAME("%s|%8s|%-8s|%.2s|", "abc", "abc", "abc", "abc");
	SAME("%c%c%%", 'x', 'y');
	SAME("%zu", (size_t)12);
	SAME("%p", (void *)0x1234);
}

static void truncates_and_counts(void **state)
{
	char b[8];

	memset(b, 'z', sizeof(b));
	assert_int_equal(pv_snprintf(b, 5, "%s", "abcdefgh"), 8);
	assert_string_equal(b, "abcd");
	assert_int_equal(b[5], 'z');
	assert_int_equal(pv_snprintf(b, 0, "abc"), 3);
	assert_string_equal(b, "abcd");
	assert_int_equal(pv_snprintf(b, sizeof(b), "%s", (const char *)NULL), 6);
	assert_string_equal(b, "(null)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_as_the_library),
		cmocka_unit_test(truncates_and_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
