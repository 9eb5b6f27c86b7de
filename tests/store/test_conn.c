/* SPDX-License-Identifier: MIT */
/* test_conn.c - what a client is owed, and what becomes of one that does not
 * read it.
 *
 * Rule: a run of equal events is one event; looking for that costs the same
 * however many wait. Who lets too many wait loses its connection.
 */
#include <stdio.h>

#include "cmocka_all.h"
#include "harness.h"

static void write_node(struct store *s, struct conn *c, unsigned int number,
		       size_t fill)
{
	char payload[XENSTORE_ABS_PATH_MAX];
	struct reply reply;
	int length = snprintf(payload, sizeof(payload), "/n/%0*u", (int)fill,
			      number);

	harness_ask(s, c, XS_WRITE, 0, payload, (size_t)length + 1, &reply);
	assert_string_equal(reply.text, "OK");
}

/* One that watches everything and has heard that it does. */
static struct conn *watcher_of(struct store *s)
{
	struct conn *c = harness_client(s, 0);
	struct reply reply;

	harness_ask(s, c, XS_WATCH, 0, "/\0t", 4, &reply);
	harness_event(s, c, &reply);
	assert_int_equal(c->out_events, 0);
	return c;
}

static void only_the_newest_events_are_compared(void **state)
{
	static struct store s;
	struct conn *writer, *watcher;
	struct reply reply;

	harness_open(&s, NULL);
	writer = harness_client(&s, 0);
	watcher = watcher_of(&s);
	for (unsigned int i = 0; i < EVENTS_COMPARED; i++)
		write_node(&s, writer, i, 1);
	assert_int_equal(watcher->out_events, EVENTS_COMPARED);
	for (unsigned int i = 0; i < EVENTS_COMPARED; i++)
		write_node(&s, writer, i, 1);
	assert_int_equal(watcher->out_events, EVENTS_COMPARED);
	/* 0 is told again once there are enough others after it */
	write_node(&s, writer, EVENTS_COMPARED, 1);
	write_node(&s, writer, 0, 1);
	assert_int_equal(watcher->out_events, EVENTS_COMPARED + 2);
	write_node(&s, writer, 0, 1);
	assert_int_equal(watcher->out_events, EVENTS_COMPARED + 2);
	/* one that has been read is none that waits */
	while (watcher->out_events)
		harness_event(&s, watcher, &reply);
	assert_string_equal(reply.text, "/n/0 t");
	write_node(&s, writer, 0, 1);
	assert_int_equal(watcher->out_events, 1);
	harness_close(&s);
}

static void own_client_that_does_not_read_is_dropped(void **state)
{
	static struct store s;
	struct conn *writer, *watcher;
	unsigned int number = 0;

	harness_open(&s, NULL);
	writer = harness_client(&s, 0);
	watcher = watcher_of(&s);
	while (harness_has(&s, watcher)) {
		assert_true(number < 5000);
		write_node(&s, writer, number++, 1500);
	}
	assert_true(number > 2000);
	harness_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_newest_events_are_compared),
		cmocka_unit_test(own_client_that_does_not_read_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
