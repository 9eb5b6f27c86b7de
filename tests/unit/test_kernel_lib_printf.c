/* SPDX-License-Identifier: MIT */
/* link: pvguest-kernel/lib/string.c */
/* test_kernel_lib_printf.c - formatting and numbers, as C99 has them. */
#include "fake-core/kernel_test.h"

#include "lib/string.h"

#define SAYS(want, ...) \
	do { \
		char buf_[100]; \
		assert_int_equal(snprintf(buf_, sizeof(buf_), __VA_ARGS__), strlen(want)); \
		assert_string_equal(buf_, want); \
	} while (0)

static void conversions(void **state)
{
	SAYS("a 5 -5 b", "a %d %i b", 5, -5);
	SAYS("4294967295 ff FF 17", "%u %x %X %o", ~0u, 255, 255, 15);
	SAYS("18446744073709551615 ffffffffffffffff", "%lu %lx", ~0ul, ~0ul);
	SAYS("-9223372036854775808", "%ld", INT64_MIN);
	SAYS("0xff 0x0", "%#x %p", 255, (void *)0);
	SAYS("[   42][42   ][00042][-0042]", "[%5d][%-5d][%05d][%05d]", 42, 42, 42, -42);
	SAYS("[  abc][abc  ][ab][    x]", "[%5s][%-5s][%.2s][%5c]", "abc", "abc", "abc", 'x');
	SAYS("[   7][7   ][ab]", "[%*d][%-*d][%.*s]", 4, 7, 4, 7, 2, "abc");
	SAYS("[  007]", "[%5.3d]", 7);
	SAYS("100% (null)", "100%% %s", (char *)NULL);
	SAYS("5 6", "%zu %llu", (size_t)5, 6ull);
}

static void cut_short(void **state)
{
	char buf[4] = "zzz";

	assert_int_equal(snprintf(buf, sizeof(buf), "%d", 123456), 6);
	assert_string_equal(buf, "123");
	assert_int_equal(snprintf(buf, 0, "%d", 12), 2);
	assert_string_equal(buf, "123");
}

static void strings(void **state)
{
	char buf[5] = "abcd";
	const char *end;

	assert_int_equal(strlcpy(buf, "123456789", sizeof(buf)), 9);
	assert_string_equal(buf, "1234");
	memmove(buf + 1, buf, 3);
	assert_string_equal(buf, "1123");
	assert_int_equal(strtou64("0x1fz", &end, 0), 0x1f);
	assert_int_equal(*end, 'z');
	assert_int_equal(strtou64("017", NULL, 0), 15);
	assert_int_equal(strtou64("99 ", &end, 10), 99);
	assert_int_equal(strtou64("ff", NULL, 16), 255);
	assert_true(strcmp("a", "b") < 0 && strcmp("\xff", "a") > 0 && !strncmp("abc", "abd", 2));
	assert_ptr_equal(strrchr(buf, '1'), buf + 1);
	assert_null(strchr(buf, 'x'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversions),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
