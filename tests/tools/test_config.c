/* SPDX-License-Identifier: MIT */
/* test_config.c - domain files: what is accepted, and what is said of the
 * rest. Rule: every complaint names file, line, column and what was expected.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "config/guest_config.h"

static struct config config;
static struct reason why;
static char warnings[1024];

static int fresh(void **state)
{
	config_init(&config);
	reason_clear(&why);
	warnings[0] = '\0';
	return 0;
}

static int done(void **state)
{
	config_free(&config);
	return 0;
}

static int parse(const char *text)
{
	/* no NUL behind the text: the parser must not read on */
	size_t length = strlen(text);
	char *copy = malloc(length ? length : 1);
	int rc;

	memcpy(copy, text, length);
	rc = config_parse(&config, copy, length, "f.cfg", &why);
	free(copy);
	return rc;
}

static void warn(const struct setting *s, const char *text)
{
	char line[256];

	snprintf(line, sizeof(line), "%u:%s:%s\n", s->line, s->key, text);
	strncat(warnings, line, sizeof(warnings) - strlen(warnings) - 1);
}

static const char *string_of(const char *key)
{
	const char *text = NULL;
	struct setting *s = config_find(&config, key);

	assert_non_null(s);
	assert_int_equal(setting_string(s, &text, &why), 0);
	return text;
}

static uint64_t number_of(const char *key)
{
	uint64_t number = 0;
	struct setting *s = config_find(&config, key);

	assert_non_null(s);
	assert_int_equal(setting_number(s, &number, 0, UINT64_MAX, &why), 0);
	return number;
}

static void reads_all_kinds_of_values(void **state)
{
	assert_int_equal(parse("# comment\n"
			       "name = \"a b\" # more\n"
			       "other='it''s'\n"), -EINVAL);
	assert_says(why, "f.cfg:3:11: expected the end of the line");
	reason_clear(&why);
	assert_int_equal(parse("\n\n  a=\"x#y\"; b = 'q\"q'\r\n"
			       "c = 0x10;d=7 \n e=\\\n \"joined\""), 0);
	assert_string_equal(string_of("a"), "x#y");
	assert_string_equal(string_of("b"), "q\"q");
	assert_int_equal(number_of("c"), 16);
	assert_int_equal(number_of("d"), 7);
	assert_string_equal(string_of("e"), "joined");
}

static void backslashes_in_strings_are_undone(void **state)
{
	assert_int_equal(parse("a = \"\\\"x y\\\" \\\\\"\nb = 'it\\'s\\n\\t'\n"),
			 0);
	assert_string_equal(string_of("a"), "\"x y\" \\");
	assert_string_equal(string_of("b"), "it's\n\t");
}

static void a_zero_byte_does_not_cut_a_string(void **state)
{
	assert_int_equal(config_parse(&config, "name = \"a\0b\"\n", 13,
				      "f.cfg", &why), -EINVAL);
	assert_says(why, "f.cfg:1:8: this string has a zero byte in it");
}

static void reads_lists_over_lines(void **state)
{
	struct setting *s;

	assert_int_equal(parse("disk = [ 'a', # one\n\n \"b\",\n 3,\n]\n"
			       "empty = [ ]\n"), 0);
	s = config_find(&config, "disk");
	assert_int_equal(s->kind, SETTING_LIST);
	assert_int_equal(s->item_count, 3);
	assert_string_equal(s->items[0], "a");
	assert_string_equal(s->items[1], "b");
	assert_string_equal(s->items[2], "3");
	assert_int_equal(config_find(&config, "empty")->item_count, 0);
}

static void the_second_setting_counts(void **state)
{
	assert_int_equal(parse("memory=1\nmemory=2\n"), 0);
	assert_int_equal(number_of("memory"), 2);
	assert_int_equal(config_override(&config, "memory=3", &why), 0);
	assert_int_equal(number_of("memory"), 3);
}

static void overrides_need_no_quotes(void **state)
{
	assert_int_equal(config_override(&config, "extra=a=b c", &why), 0);
	assert_int_equal(config_override(&config, "name=\"q\"", &why), 0);
	assert_int_equal(config_override(&config, "disk=['x']", &why), 0);
	assert_string_equal(string_of("extra"), "a=b c");
	assert_string_equal(string_of("name"), "q");
	assert_int_equal(config_find(&config, "disk")->item_count, 1);
	assert_int_equal(config_override(&config, "plain", &why), -EINVAL);
	assert_says(why, "command line: expected KEY=VALUE");
	reason_clear(&why);
	assert_int_equal(config_override(&config, "=x", &why), -EINVAL);
}

static void complaints_name_the_place(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "name \"x\"\n", "f.cfg:1:6: expected '=', found a string" },
		{ "a=1\n= 2\n", "f.cfg:2:1: expected a key, found '='" },
		{ "name =\n", "f.cfg:1:7: expected a string in quotes, a number or a list, found the end of the line" },
		{ "name = word\n", "f.cfg:1:8: expected a string in quotes, a number or a list, found \"word\"" },
		{ "name = \"open\nmemory=1\n", "f.cfg:1:8: this string has no closing quote on its line" },
		{ "name = \"a\\z\"", "f.cfg:1:8: in this string a backslash stands before something else" },
		{ "name = \"open\\", "f.cfg:1:8: in this string a backslash" },
		{ "name = \"open\\\"", "f.cfg:1:8: this string has no closing" },
		{ "name = \"open", "f.cfg:1:8: this string has no closing" },
		{ "a = 1 2\n", "f.cfg:1:7: expected the end of the line, found \"2\"" },
		{ "a = 12x\n", "f.cfg:1:5: expected a number of 64 bits" },
		{ "a = 99999999999999999999\n", "f.cfg:1:5: expected a number of 64 bits" },
		{ "a = [ 1 2 ]\n", "f.cfg:1:9: expected ',' or ']', found \"2\"" },
		{ "a = [ 1,\n b", "f.cfg:2:2: expected a string, a number or ']'" },
		{ "a = [ 1", "f.cfg:1:8: expected ',' or ']', found the end of the file" },
		{ "\n\n\tb @ 1", "f.cfg:3:4: this character has no meaning here" },
		{ "a=1\nb=\x01", "f.cfg:2:3: this character" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reason_clear(&why);
		assert_int_equal(parse(cases[i].text), -EINVAL);
		assert_says(why, cases[i].says);
	}
}

static int read_guest(const char *text, struct guest_config *guest)
{
	int rc = parse(text);

	assert_int_equal(rc, 0);
	return guest_config_read(guest, &config, warn, &why);
}

#define MINIMUM "name=\"g\"\nkernel=\"k\"\nmemory=16\n"

static void a_guest_has_defaults(void **state)
{
	struct guest_config g;

	assert_int_equal(read_guest(MINIMUM, &g), 0);
	assert_string_equal(g.name, "g");
	assert_string_equal(g.kernel, "k");
	assert_null(g.ramdisk);
	assert_string_equal(g.cmdline, "");
	assert_int_equal(g.memory_kib, 16 << 10);
	assert_int_equal(g.max_kib, 16 << 10);
	assert_int_equal(g.vcpus, 1);
	assert_int_equal(g.event_channels, 1023);
	assert_int_equal(g.weight, 0);
	assert_int_equal(g.cap, 0);
	assert_int_equal(g.tsc_mode, 0);
	assert_int_equal(g.cpus_count, 0);
	assert_int_equal(g.cpus_soft_count, 0);
	assert_int_equal(g.on_poweroff, ACTION_DESTROY);
	assert_int_equal(g.on_reboot, ACTION_RESTART);
	assert_int_equal(g.on_crash, ACTION_DESTROY);
	assert_string_equal(warnings, "");
	guest_config_free(&g);
}

static void a_guest_has_all_keys(void **state)
{
	struct guest_config g;

	assert_int_equal(read_guest(MINIMUM
				    "ramdisk='r'\nroot='/dev/x'\nextra='e f'\n"
				    "max_event_channels=131071\nmaxmem=32\nvcpus=2\nmaxvcpus=4\ntype='pv'\n"
				    "on_poweroff='preserve'\non_reboot='destroy'\n"
				    "tsc_mode='native'\non_crash='restart'\n", &g), 0);
	assert_string_equal(g.ramdisk, "r");
	assert_string_equal(g.cmdline, "root=/dev/x e f");
	assert_int_equal(g.max_kib, 32 << 10);
	assert_int_equal(g.vcpus, 4);
	assert_int_equal(g.vcpus_online, 2);
	assert_int_equal(g.event_channels, 131071);
	assert_int_equal(g.tsc_mode, 2);
	assert_string_equal(warnings, "");
	assert_int_equal(g.on_poweroff, ACTION_PRESERVE);
	assert_int_equal(g.on_reboot, ACTION_DESTROY);
	assert_int_equal(g.on_crash, ACTION_RESTART);
	guest_config_free(&g);
}

static void a_guest_has_its_share_of_the_cpus(void **state)
{
	struct guest_config g;

	assert_int_equal(read_guest(MINIMUM
				    "vcpus=3\ncpus='0-3,^1'\n"
				    "cpus_soft=['1', '2-3,^2']\n"
				    "cpu_weight=65535\ncap=300\n", &g), 0);
	assert_int_equal(g.weight, 65535);
	assert_int_equal(g.cap, 300);
	/* a string is for every vCPU, a list has one for each */
	assert_int_equal(g.cpus_count, 3);
	for (int i = 0; i < 3; i++) {
		assert_true(cpu_set_has(&g.cpus[i], 0));
		assert_false(cpu_set_has(&g.cpus[i], 1));
	}
	assert_int_equal(g.cpus_soft_count, 2);
	assert_true(cpu_set_has(&g.cpus_soft[0], 1));
	assert_true(cpu_set_has(&g.cpus_soft[1], 3));
	assert_false(cpu_set_has(&g.cpus_soft[1], 1));
	assert_string_equal(warnings, "");
	guest_config_free(&g);
}

static void every_action_has_its_word(void **state)
{
	enum shutdown_action action;

	for (int i = ACTION_DESTROY; i <= ACTION_COREDUMP_RESTART; i++) {
		assert_int_equal(shutdown_action_parse(
			shutdown_action_name((enum shutdown_action)i),
			&action), 0);
		assert_int_equal(action, i);
	}
	assert_int_equal(shutdown_action_parse("", &action), -EINVAL);
}

/* What is written can be read, and says the same. */
static void settings_become_a_file_again(void **state)
{
	static const char text[] =
		"# gone\nname = 'a'; extra = 'q\"\\\\\\t\\n'\n"
		"cpus = [ '0', 1, ]\nmemory = 0x10\nname = 'b'\n";
	static const char want[] =
		"extra = \"q\\\"\\\\\\t\\n\"\ncpus = [ \"0\", \"1\" ]\n"
		"memory = 0x10\nname = \"b\"\nvcpus = \"2\"\nkernel = \"/k\"\n";
	struct config other;
	char *written, *again;

	assert_int_equal(config_parse(&config, text, strlen(text), "f.cfg",
				      &why), 0);
	assert_int_equal(config_override(&config, "vcpus=2", &why), 0);
	assert_int_equal(config_set(&config, "kernel", "/k", &why), 0);
	written = config_format(&config);
	assert_string_equal(written, want);
	config_init(&other);
	assert_int_equal(config_parse(&other, written, strlen(written),
				      "f.cfg", &why), 0);
	again = config_format(&other);
	assert_string_equal(again, want);
	config_free(&other);
	free(written);
	free(again);
}

static void more_cpus_than_vcpus_are_left_alone(void **state)
{
	struct guest_config g;

	assert_int_equal(read_guest(MINIMUM "cpus=['0', '1']\ncpus_soft=1\n",
				    &g), 0);
	assert_int_equal(g.cpus_count, 1);
	assert_true(cpu_set_has(&g.cpus_soft[0], 1));
	guest_config_free(&g);
}

static void cmdline_wins_over_root_and_extra(void **state)
{
	struct guest_config g;

	assert_int_equal(read_guest(MINIMUM "extra='e'\ncmdline='c'\n", &g),
			 0);
	assert_string_equal(g.cmdline, "c");
	assert_string_equal(warnings,
			    "4:extra:ignored, because cmdline= is set\n");
	guest_config_free(&g);
}

static void unknown_keys_are_named(void **state)
{
	struct guest_config g;

	assert_int_equal(read_guest(MINIMUM "vif=['']\nfoo=1\n", &g), 0);
	assert_string_equal(warnings, "4:vif:unknown key, ignored\n"
				      "5:foo:unknown key, ignored\n");
	guest_config_free(&g);
}

static void a_wrong_guest_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "kernel='k'\nmemory=1\n", "does not say name=" },
		{ "name='g'\nmemory=1\n", "does not say kernel=" },
		{ "name='g'\nkernel='k'\n", "does not say memory=" },
		{ MINIMUM "name=7\n", "f.cfg:4:1: name= takes a string in quotes, not \"7\"" },
		{ MINIMUM "name='7'\n", "would read as a domain id" },
		{ MINIMUM "name='a/b'\n", "has a character that names may not have" },
		{ MINIMUM "name='a b'\n", "has a character that names may not have" },
		{ MINIMUM "name='.x'\n", "starts with a dot" },
		{ MINIMUM "name='0123456789012345678901234567890123456789012345678901234567890123a'\n", "is too long" },
		{ MINIMUM "memory='x'\n", "f.cfg:4:1: memory= takes a number, not \"x\"" },
		{ MINIMUM "memory='-1'\n", "takes a number, not \"-1\"" },
		{ MINIMUM "memory=[]\n", "memory= takes a number, not a list" },
		{ MINIMUM "memory=0\n", "memory=0 is out of range: 1 to" },
		{ MINIMUM "memory=99999999999\n", "is out of range" },
		{ MINIMUM "maxmem=8\n", "maxmem=8 is less than memory=16" },
		{ MINIMUM "vcpus=65\n", "vcpus=65 is out of range: 1 to 64" },
		{ MINIMUM "vcpus=4\nmaxvcpus=2\n", "maxvcpus=2 is out of range: 4 to 64" },
		{ MINIMUM "max_event_channels=131072\n", "max_event_channels=131072 is out of range: 1 to 131071" },
		{ MINIMUM "cpu_weight=0\n", "f.cfg:4:1: cpu_weight=0 is out of range: 1 to 65535" },
		{ MINIMUM "cap=101\n", "f.cfg:4:1: cap=101 is out of range: 0 to 100" },
		{ MINIMUM "vcpus=2\ncap=201\n", "cap=201 is out of range: 0 to 200" },
		{ MINIMUM "cpus='0-x'\n", "f.cfg:4:1: cpus=: \"0-x\" is no CPU" },
		{ MINIMUM "vcpus=2\ncpus_soft=['0','']\n", "f.cfg:5:1: cpus_soft=: \"\" is no CPU" },
		{ MINIMUM "tsc_mode='native_paravirt'\n", "f.cfg:4:1: tsc_mode= takes \"default\", \"always_emulate\" or \"native\", not \"native_paravirt\"" },
		{ MINIMUM "tsc_mode=1\n", "f.cfg:4:1: tsc_mode= takes a string in quotes" },
		{ MINIMUM "type='hvm'\n", "type=\"hvm\" is not supported" },
		{ MINIMUM "on_crash='coredump'\n", "on_crash= takes \"destroy\", \"restart\", \"rename-restart\", \"preserve\", \"coredump-destroy\" or \"coredump-restart\", not \"coredump\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct guest_config g;

		config_free(&config);
		reason_clear(&why);
		assert_true(read_guest(cases[i].text, &g) < 0);
		assert_says(why, cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_all_kinds_of_values, fresh, done),
		cmocka_unit_test_setup_teardown(reads_lists_over_lines, fresh, done),
		cmocka_unit_test_setup_teardown(the_second_setting_counts, fresh, done),
		cmocka_unit_test_setup_teardown(backslashes_in_strings_are_undone, fresh, done),
		cmocka_unit_test_setup_teardown(a_zero_byte_does_not_cut_a_string, fresh, done),
		cmocka_unit_test_setup_teardown(overrides_need_no_quotes, fresh, done),
		cmocka_unit_test_setup_teardown(complaints_name_the_place, fresh, done),
		cmocka_unit_test_setup_teardown(a_guest_has_defaults, fresh, done),
		cmocka_unit_test_setup_teardown(a_guest_has_all_keys, fresh, done),
		cmocka_unit_test_setup_teardown(cmdline_wins_over_root_and_extra, fresh, done),
		cmocka_unit_test_setup_teardown(a_guest_has_its_share_of_the_cpus, fresh, done),
		cmocka_unit_test_setup_teardown(every_action_has_its_word, fresh, done),
		cmocka_unit_test_setup_teardown(settings_become_a_file_again, fresh, done),
		cmocka_unit_test_setup_teardown(more_cpus_than_vcpus_are_left_alone, fresh, done),
		cmocka_unit_test_setup_teardown(unknown_keys_are_named, fresh, done),
		cmocka_unit_test_setup_teardown(a_wrong_guest_is_refused, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
