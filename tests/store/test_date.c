/* SPDX-License-Identifier: MIT */
/* test_date.c - the control domain's date is set back while the daemon waits.
 *
 * Rule: what is put off is done when the time for it has passed, whatever the
 * date says; and nothing is put off because the machine has just started.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "harness.h"
#include "log.h"
#include "server.h"

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

/* Whether a turn takes the one client that waits. */
static bool is_taken(struct server *server)
{
	struct conn *before = server->store.last_conn;

	assert_int_equal(server_turn(server, 0), 0);
	return server->store.last_conn != before;
}

/* Out of files it stops listening for a moment, or it would spin. */
static void who_came_when_files_were_out_is_taken_later(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct server server = { 0 };
	char folder[] = "/tmp/store.XXXXXX";
	struct rlimit before, none;
	struct reason why = { 0 };
	int client;

	assert_non_null(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	harness_open(&server.store, NULL);
	assert_int_equal(server_listen(&server, address.sun_path, &why), 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = (rlim_t)dup(client);	/* the next one, which is free */
	close((int)none.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_false(is_taken(&server));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(is_taken(&server));
	wait_for(2);
	assert_true(is_taken(&server));
	close(client);
	assert_int_equal(server_turn(&server, 0), 0);
	close(server.listen);
	harness_close(&server.store);
	unlink(address.sun_path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_try_is_not_put_off),
		cmocka_unit_test(what_is_said_seldom_is_said_again),
		cmocka_unit_test(who_came_when_files_were_out_is_taken_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
