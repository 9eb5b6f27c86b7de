/* SPDX-License-Identifier: MIT */
/* test_console_log.c - the log ring, the serial port's text, the rate limit.
 */
/* link: hypervisor/base/string.c hypervisor/base/format.c hypervisor/sync/spinlock.c hypervisor/console/uart.c */
#include "console/console.h"

#include "base/log.h"
#include "cpu/percpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A serial port that keeps what is sent while it has room, and the time-stamp
 * counter. */
static char sent[65536];
static size_t nr_sent, room, polls;
static uint8_t scratch;
static bool absent;
static uint64_t tsc;

void outb(uint16_t port, uint8_t v)
{
	if (port == 0x3f8 + 7)
		scratch = v;
	if (port == 0x3f8 && nr_sent < sizeof(sent)) {
		sent[nr_sent++] = (char)v;
		if (room)
			room--;
	}
}

uint8_t inb(uint16_t port)
{
	if (absent)
		return 0xff;
	if (port == 0x3f8 + 7)
		return scratch;
	polls++;
	return room ? 0x60 : 0;
}

uint64_t rdtsc(void)
{
	return tsc;
}

static int setup(void **state)
{
	absent = false;
	room = SIZE_MAX;
	console_init(NULL, NULL);
	log_clear(log_end());
	nr_sent = 0;
	memset(sent, 0, sizeof(sent));
	tsc += 1UL << 40;
	return 0;
}

/* Everything there is to read from `from` on. */
static char *read_all(uint32_t from)
{
	static char text[LOG_RING_SIZE + 1];
	uint32_t n = log_read(&from, text, LOG_RING_SIZE);

	text[n] = 0;
	assert_int_equal(from, log_end());
	return text;
}

static void lines_go_to_port_and_ring(void **state)
{
	log("one %d", 1);
	assert_int_equal(console_write("guest\nhalf", 10), 10);
	log("two");
	assert_string_equal(sent, "(pv) one 1\r\nguest\r\nhalf\r\n(pv) two\r\n");
	assert_string_equal(read_all(log_start()), "(pv) one 1\n(pv) two\n");
}

static void carriage_returns_are_not_doubled(void **state)
{
	assert_int_equal(console_write("a\r\nb\n", 5), 5);
	assert_string_equal(sent, "a\r\nb\r\n");
}

/* A guest's words in a line cannot end it or move the cursor. */
static void a_line_stays_one(void **state)
{
	log("name %s", "x\n(pv) forged\033[2J");
	assert_string_equal(read_all(log_start()), "(pv) name x?(pv) forged?[2J\n");
}

static void long_lines_are_cut(void **state)
{
	char text[600];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 0;
	log("%s", text);
	assert_in_range(strlen(read_all(log_start())), 100, 256);
}

static void readers_go_on_where_they_were(void **state)
{
	uint32_t at = log_start();
	char b[5];

	log("abcdef");
	assert_int_equal(log_read(&at, b, 5), 5);
	assert_memory_equal(b, "(pv) ", 5);
	assert_int_equal(log_read(&at, b, 5), 5);
	assert_memory_equal(b, "abcde", 5);
	assert_int_equal(log_read(&at, b, 5), 2);
	assert_int_equal(log_read(&at, b, 5), 0);
}

static void the_newest_is_kept(void **state)
{
	uint32_t at = log_start();
	char *text;

	for (int i = 0; i < 4000; i++)
		log("line %d", i);
	text = read_all(at);
	assert_int_equal(strlen(text), LOG_RING_SIZE);
	assert_string_equal(text + LOG_RING_SIZE - 15, "(pv) line 3999\n");
	/* A position that is still to come means the oldest, too. */
	assert_int_equal(strlen(read_all(log_end() + 77)), LOG_RING_SIZE);
}

static void clearing_hides_what_was_read(void **state)
{
	log("old");
	log_clear(log_end());
	log("new");
	assert_string_equal(read_all(log_start()), "(pv) new\n");
	log_clear(log_end() - LOG_RING_SIZE - 1);	/* nonsense: ignored */
	assert_string_equal(read_all(log_start()), "(pv) new\n");
}

static int count(const char *text, const char *word)
{
	int n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static void a_guest_cannot_flood(void **state)
{
	int first;

	console_set_tsc_rate(1000);
	for (int i = 0; i < 1000; i++)
		log_guest("noise");
	first = count(read_all(log_start()), "noise");
	assert_in_range(first, 5, 50);

	tsc += 1000;		/* one second */
	for (int i = 0; i < 1000; i++)
		log_guest("noise");
	assert_in_range(count(read_all(log_start()), "noise"), first + 1, first + 4);
	assert_int_equal(count(read_all(log_start()), "left out"), 1);
	log("never limited");
	assert_int_equal(count(read_all(log_start()), "never limited"), 1);
}

static void no_port_no_harm(void **state)
{
	absent = true;
	console_init(NULL, NULL);
	log("quiet");
	assert_int_equal(nr_sent, 0);
	assert_string_equal(read_all(log_start()), "(pv) quiet\n");
}

/* Whoever can come again loses nothing and doubles nothing. */
static void a_busy_port_is_offered_it_again(void **state)
{
	room = 2;
	assert_int_equal(console_write("a\nb", 3), 1);
	assert_string_equal(sent, "a\r");
	polls = 0;
	assert_int_equal(console_write("\nb", 2), 0);
	assert_in_range(polls, 2, 10000);
	room = SIZE_MAX;
	assert_int_equal(console_write("\nb", 2), 2);
	assert_string_equal(sent, "a\r\nb");
}

static void a_stuck_port_is_given_up_and_tried_again(void **state)
{
	int waits = 0;

	room = 0;
	polls = 0;
	log("a few bytes");	/* waits a while for each, and loses them */
	assert_in_range(polls, 100000, 10000000);
	while (!console_write("x", 1) && waits < 1000000)
		waits++;
	assert_in_range(waits, 1000, 999999);

	polls = 0;
	assert_int_equal(console_write("lost", 4), 4);
	log("lost");
	assert_in_range(polls, 1, 100);
	assert_int_equal(nr_sent, 0);

	room = 1;
	assert_int_equal(console_write("yz", 2), 1);
	assert_string_equal(sent, "y");
}

static void options_choose_the_port(void **state)
{
	console_init("vga", NULL);
	nr_sent = 0;
	log("x");
	assert_int_equal(nr_sent, 0);
	console_init("vga,com1", "9600,7e2");
	nr_sent = 0;
	log("x");
	assert_true(nr_sent > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_go_to_port_and_ring, setup),
		cmocka_unit_test_setup(carriage_returns_are_not_doubled, setup),
		cmocka_unit_test_setup(a_line_stays_one, setup),
		cmocka_unit_test_setup(long_lines_are_cut, setup),
		cmocka_unit_test_setup(readers_go_on_where_they_were, setup),
		cmocka_unit_test_setup(the_newest_is_kept, setup),
		cmocka_unit_test_setup(clearing_hides_what_was_read, setup),
		cmocka_unit_test_setup(a_guest_cannot_flood, setup),
		cmocka_unit_test_setup(no_port_no_harm, setup),
		cmocka_unit_test_setup(a_busy_port_is_offered_it_again, setup),
		cmocka_unit_test_setup(a_stuck_port_is_given_up_and_tried_again, setup),
		cmocka_unit_test_setup(options_choose_the_port, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
