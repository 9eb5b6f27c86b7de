/* SPDX-License-Identifier: MIT */
/* test_date.c - the control domain's date is set back while the daemon waits.
 *
 * Rule: what is put off is done when the time for it has passed, whatever the
 * date says; and nothing is put off because the machine has just started.
 */
#include <errno.h>

#include "cmocka_all.h"
#include "harness.h"
#include "log.h"

#define HOUR 3600

static struct timespec passed = { .tv_sec = 2 };	/* since the machine started */
static time_t date = 1700000000;

time_t __wrap_time(time_t *at);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

time_t __wrap_time(time_t *at)
{
	if (at)
		*at = date;
	return date;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	*now = passed;
	return 0;
}

/* So many seconds pass, in which the date is set back by an hour. */
static void wait_for(time_t seconds)
{
	passed.tv_sec += seconds;
	date += seconds - HOUR;
}

static void the_next_try_is_not_put_off(void **state)
{
	struct store s = { 0 };

	journal_init(&s.journal);
	s.journal.dir = 0;	/* some folder: nothing is opened in it here */
	s.journal.incomplete = true;
	assert_int_equal(snapshot_wait(&s), 0);
	journal_failed(&s.journal, -ENOSPC);
	assert_in_range(snapshot_wait(&s), 5000, 60000);
	wait_for(60);
	assert_int_equal(snapshot_wait(&s), 0);
}

static void what_is_said_seldom_is_said_again(void **state)
{
	struct log_gate gate = { 0 };
	unsigned long silent = 9;

	assert_true(log_gate(&gate, &silent));
	assert_int_equal(silent, 0);
	assert_false(log_gate(&gate, &silent));
	wait_for(90);
	assert_true(log_gate(&gate, &silent));
	assert_int_equal(silent, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_try_is_not_put_off),
		cmocka_unit_test(what_is_said_seldom_is_said_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
