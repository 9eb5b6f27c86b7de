/* SPDX-License-Identifier: MIT */
/* test_cpu_set.c - sets of CPUs as xl writes them.
 *
 * Rule: items count from left to right; what is no CPU is named, and nothing
 * is written beyond the set.
 */
#include <errno.h>

#include "base/cpu_set.h"
#include "cmocka_all.h"

static struct reason why;
static struct cpu_set set;
static char text[CPU_SET_TEXT];

static const char *round_trip(const char *list, unsigned int nr_cpus)
{
	reason_clear(&why);
	assert_int_equal(cpu_set_parse(&set, list, &why), 0);
	cpu_set_format(&set, nr_cpus, text);
	return text;
}

static void lists_are_read_in_order(void **state)
{
	assert_string_equal(round_trip("0-3,5,^1", 8), "0,2-3,5");
	assert_string_equal(round_trip("all,^1", 4), "0,2-3");
	assert_string_equal(round_trip("^1,0-3", 8), "0-3");
	assert_string_equal(round_trip("0-3,^1-2,2", 8), "0,2-3");
	assert_string_equal(round_trip("7", 8), "7");
	assert_string_equal(round_trip("all,^all,3", 8), "3");
	assert_string_equal(round_trip("0-255", 256), "all");
	assert_true(cpu_set_has(&set, 255));
	assert_false(cpu_set_has(&set, 256));
}

static void all_means_every_machine(void **state)
{
	assert_string_equal(round_trip("all", 1), "all");
	assert_string_equal(round_trip("all", 256), "all");
	assert_string_equal(round_trip("0-1", 2), "all");
	assert_string_equal(round_trip("0-1", 3), "0-1");
	assert_string_equal(round_trip("^0", 3), "none");
}

/* The longest there is: every other CPU. */
static void the_longest_list_fits(void **state)
{
	cpu_set_parse(&set, "all", &why);
	for (unsigned int i = 0; i < CPU_SET_BYTES; i++)
		set.bytes[i] = 0x55;
	cpu_set_format(&set, CPU_SET_MAX, text);
	assert_true(strlen(text) < CPU_SET_TEXT - 16);
	assert_string_equal(text + strlen(text) - 4, ",254");
}

static void what_is_no_cpu_is_named(void **state)
{
	static const struct {
		const char *list, *item;
	} cases[] = {
		{ "", "\"\" is no CPU" },
		{ "0,", "\"\" is no CPU" },
		{ ",0", "\"\" is no CPU" },
		{ "0,,1", "\"\" is no CPU" },
		{ "a", "\"a\" is no CPU" },
		{ "0,1x,2", "\"1x\" is no CPU" },
		{ "0-", "\"0-\" is no CPU" },
		{ "-1", "\"-1\" is no CPU" },
		{ "3-1", "\"3-1\" is no CPU" },
		{ "0-1-2", "\"0-1-2\" is no CPU" },
		{ "^", "\"^\" is no CPU" },
		{ "^^1", "\"^^1\" is no CPU" },
		{ "alle", "\"alle\" is no CPU" },
		{ "0 - 1", "\"0 - 1\" is no CPU" },
		{ "+1", "\"+1\" is no CPU" },
		{ "256", "\"256\" is no CPU" },
		{ "0-256", "\"0-256\" is no CPU" },
		{ "99999999999999999999", "\"99999999999999999999\" is" },
		{ "nodes:0", "\"nodes:0\" is no CPU" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reason_clear(&why);
		assert_int_equal(cpu_set_parse(&set, cases[i].list, &why),
				 -EINVAL);
		assert_says(why, cases[i].item);
	}
}

static void a_set_is_compared_with_a_machine(void **state)
{
	round_trip("0-3,^1", 4);
	assert_int_equal(cpu_set_check(&set, 4, &why), 0);
	assert_int_equal(cpu_set_check(&set, 3, &why), -EINVAL);
	assert_says(why, "there is no CPU 3: this machine has CPUs 0 to 2");
	round_trip("all,^0", 4);
	assert_int_equal(cpu_set_check(&set, 2, &why), 0);
	assert_int_equal(cpu_set_check(&set, 1, &why), -EINVAL);
	assert_says(why, "no CPU is left");
	/* naming one to leave it out is naming it */
	round_trip("all,^7", 8);
	assert_int_equal(cpu_set_check(&set, 4, &why), -EINVAL);
	assert_says(why, "there is no CPU 7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_in_order),
		cmocka_unit_test(all_means_every_machine),
		cmocka_unit_test(the_longest_list_fits),
		cmocka_unit_test(what_is_no_cpu_is_named),
		cmocka_unit_test(a_set_is_compared_with_a_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
