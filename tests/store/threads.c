/* SPDX-License-Identifier: MIT */
/* threads.c - many threads on one handle, for the thread sanitizer.
 *
 * Rule: requests of several threads do not get each other's answers, no update
 * is lost, and whoever waits for events, in xs_read_watch or by poll, gets
 * them meanwhile. The daemon is a real one (XENSTORED_PATH); the argument says
 * how often each thread does its work.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenstore.h>

#define WORKERS 4

static struct xs_handle *h;
static int rounds = 150;
static atomic_int failures, over, waiting, seen;

#define CHECK(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "%d: %s: %s\n", __LINE__, #what, \
				strerror(errno)); \
			failures++; \
		} \
	} while (0)

static void count_up(void)
{
	while (1) {
		xs_transaction_t t = xs_transaction_start(h);
		char text[16], *value;

		CHECK(t != XBT_NULL);
		value = xs_read(h, t, "/t/count", NULL);
		CHECK(value);
		snprintf(text, sizeof(text), "%d", value ? atoi(value) + 1 : 0);
		free(value);
		CHECK(xs_write(h, t, "/t/count", text, strlen(text)));
		if (xs_transaction_end(h, t, false))
			return;
		CHECK(errno == EAGAIN);
		if (failures)
			return;
	}
}

static void *work(void *number)
{
	char path[32], value[32];

	snprintf(path, sizeof(path), "/t/worker-%s", (char *)number);
	for (int i = 0; i < rounds; i++) {
		char *back;
		int length = snprintf(value, sizeof(value), "%s-%d",
				      (char *)number, i);

		CHECK(xs_write(h, XBT_NULL, path, value, length));
		back = xs_read(h, XBT_NULL, path, NULL);
		CHECK(back && !strcmp(back, value));
		free(back);
		if (i % 10 == 0)
			count_up();
	}
	return NULL;
}

static void take(char **event)
{
	CHECK(!strncmp(event[XS_WATCH_PATH], "/t", 2));
	CHECK(!strcmp(event[XS_WATCH_TOKEN], "token"));
	free(event);
	seen++;
}

static void *wait_in_read_watch(void *unused)
{
	unsigned int count;

	while (!over) {
		char **event = xs_read_watch(h, &count);

		CHECK(event && count == 2);
		if (!event)
			break;
		take(event);
	}
	waiting--;
	return NULL;
}

static void *wait_in_poll(void *unused)
{
	struct pollfd poller = { .fd = xs_fileno(h), .events = POLLIN };

	while (!over) {
		char **event;

		poll(&poller, 1, 100);
		while ((event = xs_check_watch(h)))
			take(event);
		CHECK(errno == EAGAIN);
	}
	waiting--;
	return NULL;
}

int main(int argc, char **argv)
{
	static char names[WORKERS][2];
	pthread_t workers[WORKERS], waiters[2];
	char *value;

	if (argc > 1)
		rounds = atoi(argv[1]);
	h = xs_open(XS_UNWATCH_FILTER);
	if (!h) {
		perror("xs_open");
		return 1;
	}
	CHECK(xs_write(h, XBT_NULL, "/t/count", "0", 1));
	CHECK(xs_watch(h, "/t", "token"));
	waiting = 2;
	pthread_create(&waiters[0], NULL, wait_in_read_watch, NULL);
	pthread_create(&waiters[1], NULL, wait_in_poll, NULL);
	for (int i = 0; i < WORKERS; i++) {
		names[i][0] = 'a' + i;
		pthread_create(&workers[i], NULL, work, names[i]);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	over = 1;
	/* Each may take the event that the other waits for. */
	while (waiting)
		CHECK(xs_write(h, XBT_NULL, "/t/over", "x", 1));
	for (int i = 0; i < 2; i++)
		pthread_join(waiters[i], NULL);
	value = xs_read(h, XBT_NULL, "/t/count", NULL);
	CHECK(value && atoi(value) == WORKERS * ((rounds + 9) / 10));
	free(value);
	CHECK(seen > rounds);
	CHECK(xs_unwatch(h, "/t", "token"));
	xs_close(h);
	printf("%d events, %d failures\n", seen, failures);
	return failures != 0;
}
