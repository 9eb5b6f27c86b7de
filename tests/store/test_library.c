/* SPDX-License-Identifier: MIT */
/* test_library.c - libxenstore against a daemon that misbehaves.
 *
 * Rule: whatever comes in whatever pieces, a call ends with an answer or an
 * errno, it never hangs, and once something is wrong every later call fails
 * cleanly. The daemon is a thread with a script: a list of moves.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <xenstore.h>

#include "cmocka_all.h"
#include "store/text.h"

/* What the daemon does next. */
struct move {
	enum { TAKE, ANSWER, TRICKLE, BYTES, PAUSE, HANG_UP } what;
	/* of ANSWER and TRICKLE: a message of this type and body */
	uint32_t type;
	const char *body;
	/* of ANSWER and TRICKLE what the header says; of BYTES
	 * how many */
	int length;
};

#define TEXT(type, text) { ANSWER, type, text, sizeof(text) - 1 }
#define REQUEST { .what = TAKE }
#define WAIT { .what = PAUSE }
#define THE_END { .what = HANG_UP }

static char folder[64], path[108];
static int listener = -1;
static pthread_t daemon_thread;
static const struct move *script;
static unsigned int moves;

/* The last request that was taken. */
static struct xsd_sockmsg taken;
static char taken_body[XENSTORE_PAYLOAD_MAX];

/* In place of the C library's: 0 sends as it does, else at most that many bytes
 * at once, and every other call is interrupted. */
static size_t short_writes;

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	static unsigned int calls;
	const struct iovec *piece = message->msg_iov;
	char all[sizeof(taken) + XENSTORE_PAYLOAD_MAX];
	size_t length = 0;

	if (short_writes && calls++ % 2) {
		errno = EINTR;
		return -1;
	}
	for (size_t i = 0; i < message->msg_iovlen; i++, piece++) {
		if (!piece->iov_len)
			continue;
		memcpy(&all[length], piece->iov_base, piece->iov_len);
		length += piece->iov_len;
	}
	if (short_writes && length > short_writes)
		length = short_writes;
	return send(fd, all, length, flags);
}

static void take_request(int fd)
{
	struct xsd_sockmsg header;
	char body[XENSTORE_PAYLOAD_MAX] = { 0 };

	if (recv(fd, &header, sizeof(header), MSG_WAITALL) !=
	    sizeof(header))
		return;
	if (header.len && header.len <= sizeof(body))
		recv(fd, body, header.len, MSG_WAITALL);
	taken = header;
	memcpy(taken_body, body, sizeof(body));
}

static void send_message(int fd, const struct move *m, size_t piece)
{
	struct xsd_sockmsg header = { .type = m->type, .len = m->length };
	char all[sizeof(header) + XENSTORE_PAYLOAD_MAX];
	size_t length = sizeof(header);

	memcpy(all, &header, sizeof(header));
	if (m->length > 0 && m->length <= XENSTORE_PAYLOAD_MAX) {
		memcpy(all + length, m->body, m->length);
		length += m->length;
	}
	for (size_t at = 0; at < length; at += piece) {
		size_t now = length - at < piece ? length - at : piece;

		if (send(fd, all + at, now, MSG_NOSIGNAL) < 0)
			return;
		if (piece < length)
			usleep(500);
	}
}

static void *play(void *unused)
{
	int fd = accept(listener, NULL, NULL);
	char byte;

	for (unsigned int i = 0; i < moves; i++) {
		const struct move *m = &script[i];

		switch (m->what) {
		case TAKE:
			take_request(fd);
			break;
		case ANSWER:
			send_message(fd, m, sizeof(struct xsd_sockmsg) +
				     XENSTORE_PAYLOAD_MAX);
			break;
		case TRICKLE:
			send_message(fd, m, 1);
			break;
		case BYTES:
			send(fd, m->body, m->length, MSG_NOSIGNAL);
			break;
		case PAUSE:
			usleep(50000);
			break;
		case HANG_UP:
			close(fd);
			return NULL;
		}
	}
	/* Until the client goes. */
	while (recv(fd, &byte, 1, 0) > 0)
		;
	close(fd);
	return NULL;
}

/* Signals are for the library: the daemon inherits that they are blocked. */
static struct xs_handle *against(const struct move *list, unsigned int count)
{
	struct xs_handle *h;
	sigset_t all, before;

	script = list;
	moves = count;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	assert_int_equal(pthread_create(&daemon_thread, NULL, play, NULL), 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	h = xs_open(0);
	assert_non_null(h);
	return h;
}

#define AGAINST(...) \
	static const struct move list[] = { __VA_ARGS__ }; \
	struct xs_handle *h = against(list, sizeof(list) / sizeof(list[0]))

static void done(struct xs_handle *h)
{
	xs_close(h);
	pthread_join(daemon_thread, NULL);
}

static void is_dead(struct xs_handle *h)
{
	unsigned int count;

	errno = 0;
	assert_null(xs_read(h, XBT_NULL, "/p", NULL));
	assert_int_equal(errno, EBADF);
	errno = 0;
	assert_false(xs_write(h, XBT_NULL, "/p", "x", 1));
	assert_int_equal(errno, EBADF);
	errno = 0;
	assert_null(xs_directory(h, XBT_NULL, "/p", &count));
	assert_int_equal(errno, EBADF);
	errno = 0;
	assert_null(xs_check_watch(h));
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_null(xs_read_watch(h, &count));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(xs_transaction_start(h), XBT_NULL);
}

static void fails_with(struct xs_handle *h, int error)
{
	errno = 0;
	assert_null(xs_read(h, XBT_NULL, "/p", NULL));
	assert_int_equal(errno, error);
	is_dead(h);
	done(h);
}

static void reads_what_comes_byte_by_byte(void **state)
{
	AGAINST(REQUEST, { TRICKLE, XS_READ, "a\0b", 3 },
		REQUEST, TEXT(XS_READ, ""));
	unsigned int length;
	char *value = xs_read(h, XBT_NULL, "/p", &length);

	assert_int_equal(length, 3);
	assert_memory_equal(value, "a\0b", 4);
	free(value);
	value = xs_read(h, XBT_NULL, "/p", &length);
	assert_int_equal(length, 0);
	assert_string_equal(value, "");
	free(value);
	done(h);
}

static void takes_what_is_sent_in_pieces(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WRITE, "OK\0"), REQUEST,
		TEXT(XS_WRITE, "OK\0"));
	char value[4000];

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = i * 7;
	short_writes = 5;
	assert_true(xs_write(h, 77, "/path", value, sizeof(value)));
	assert_int_equal(taken.type, XS_WRITE);
	assert_int_equal(taken.tx_id, 77);
	assert_int_equal(taken.len, sizeof(value) + 6);
	assert_memory_equal(taken_body, "/path", 6);
	assert_memory_equal(taken_body + 6, value, sizeof(value));
	assert_true(xs_write(h, XBT_NULL, "/empty", NULL, 0));
	assert_int_equal(taken.len, 7);
	short_writes = 0;
	done(h);
}

static void dies_before_it_answers(void **state)
{
	AGAINST(REQUEST, THE_END);

	fails_with(h, EBADF);
}

static void dies_in_a_header(void **state)
{
	AGAINST(REQUEST, { BYTES, 0, "\2\0\0\0\0", 5 }, THE_END);

	fails_with(h, EBADF);
}

static void dies_in_an_answer(void **state)
{
	AGAINST(REQUEST, { BYTES, 0, "\2\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0ab", 18 },
		THE_END);

	fails_with(h, EBADF);
}

static void answers_something_else(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WRITE, "OK\0"));

	fails_with(h, EBADF);
}

static void says_an_impossible_length(void **state)
{
	AGAINST(REQUEST, { ANSWER, XS_READ, "", XENSTORE_PAYLOAD_MAX + 1 });

	fails_with(h, E2BIG);
}

static void says_a_huge_length(void **state)
{
	AGAINST(REQUEST, { ANSWER, XS_READ, "", -2 });

	fails_with(h, E2BIG);
}

static void sends_an_event_that_is_none(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WATCH_EVENT, "/only-a-path\0"));

	fails_with(h, EIO);
}

static void sends_an_event_without_zeroes(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WATCH_EVENT, "abc"));

	fails_with(h, EIO);
}

static void names_an_error_that_is_none(void **state)
{
	AGAINST(REQUEST, TEXT(XS_ERROR, "EWHAT\0"), REQUEST,
		TEXT(XS_ERROR, "EBUSY"), REQUEST, TEXT(XS_ERROR, ""));
	const int expected[] = { EINVAL, EBUSY, EINVAL };

	for (int i = 0; i < 3; i++) {
		errno = 0;
		assert_null(xs_read(h, XBT_NULL, "/p", NULL));
		assert_int_equal(errno, expected[i]);
	}
	done(h);
}

static void gives_parts_that_never_end(void **state)
{
	AGAINST(REQUEST, TEXT(XS_ERROR, "E2BIG\0"), REQUEST,
		TEXT(XS_DIRECTORY_PART, "7\0"));
	unsigned int count;

	errno = 0;
	assert_null(xs_directory(h, XBT_NULL, "/p", &count));
	assert_int_equal(errno, EIO);
	done(h);
}

static void gives_parts_without_a_number(void **state)
{
	AGAINST(REQUEST, TEXT(XS_ERROR, "E2BIG\0"), REQUEST,
		TEXT(XS_DIRECTORY_PART, "no zero"), REQUEST,
		TEXT(XS_ERROR, "E2BIG\0"), REQUEST,
		TEXT(XS_DIRECTORY_PART, "1234567890123456789012345678901234\0a\0"));
	unsigned int count;

	for (int i = 0; i < 2; i++) {
		errno = 0;
		assert_null(xs_directory(h, XBT_NULL, "/p", &count));
		assert_int_equal(errno, EIO);
	}
	done(h);
}

static void one_block_holds_a_directory(void **state)
{
	AGAINST(REQUEST, TEXT(XS_DIRECTORY, "one\0two\0three"));
	unsigned int count;
	char **names = xs_directory(h, XBT_NULL, "/p", &count);

	assert_int_equal(count, 2);
	assert_string_equal(names[0], "one");
	assert_string_equal(names[1], "two");
	/* That this frees everything is the address sanitizer's to say. */
	free(names);
	done(h);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
	alarms++;
}

/* Signals without SA_RESTART hit every read and write there is. */
static void is_interrupted_all_the_time(void **state)
{
	AGAINST(REQUEST, { TRICKLE, XS_READ, "slowly, byte by byte", 20 },
		REQUEST, WAIT, TEXT(XS_WATCH, "OK\0"), WAIT,
		{ TRICKLE, XS_WATCH_EVENT, "/w\0t\0", 5 });
	const struct itimerval often = { { 0, 700 }, { 0, 700 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = on_alarm }, old;
	unsigned int count;
	char **event;
	char *value;

	sigaction(SIGALRM, &action, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	value = xs_read(h, XBT_NULL, "/p", NULL);
	assert_non_null(value);
	assert_string_equal(value, "slowly, byte by byte");
	assert_true(xs_watch(h, "/w", "t"));
	event = xs_read_watch(h, &count);
	assert_non_null(event);
	assert_string_equal(event[XS_WATCH_PATH], "/w");
	assert_true(alarms > 0);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	free(value);
	free(event);
	done(h);
}

static void polls_as_unread(struct xs_handle *h, bool expected)
{
	struct pollfd poller = { .fd = xs_fileno(h), .events = POLLIN };

	assert_true(poller.fd >= 0);
	assert_int_equal(poll(&poller, 1, expected ? 20000 : 0), expected);
}

static void tells_of_events_that_came_with_answers(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WATCH, "OK\0"), REQUEST,
		TEXT(XS_WATCH_EVENT, "/w\0one\0"),
		TEXT(XS_WATCH_EVENT, "/w\0two\0"), TEXT(XS_READ, "v"),
		WAIT, WAIT, TEXT(XS_WATCH_EVENT, "/w\0three\0"));
	char **event;

	assert_true(xs_watch(h, "/w", "t"));
	polls_as_unread(h, false);
	errno = 0;
	assert_null(xs_check_watch(h));
	assert_int_equal(errno, EAGAIN);
	free(xs_read(h, XBT_NULL, "/p", NULL));
	/* Both are queued, and nothing is left on the socket. */
	polls_as_unread(h, true);
	event = xs_check_watch(h);
	assert_string_equal(event[XS_WATCH_TOKEN], "one");
	free(event);
	polls_as_unread(h, true);
	event = xs_check_watch(h);
	assert_string_equal(event[XS_WATCH_TOKEN], "two");
	free(event);
	polls_as_unread(h, true);
	event = xs_check_watch(h);
	assert_string_equal(event[XS_WATCH_TOKEN], "three");
	free(event);
	polls_as_unread(h, false);
	done(h);
}

static void polls_readable_once_it_is_dead(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WATCH, "OK\0"), THE_END);

	assert_true(xs_watch(h, "/w", "t"));
	polls_as_unread(h, true);
	errno = 0;
	assert_null(xs_check_watch(h));
	assert_int_equal(errno, EINVAL);
	polls_as_unread(h, true);
	is_dead(h);
	done(h);
}

static void *wait_for_event(void *handle)
{
	unsigned int count;

	return xs_read_watch(handle, &count);
}

/* The one who waits for events reads the answers of the others, too. */
static void a_waiting_thread_keeps_nobody_waiting(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WATCH, "OK\0"), REQUEST, WAIT,
		TEXT(XS_READ, "v"), REQUEST, TEXT(XS_WATCH_EVENT, "/w\0t\0"),
		TEXT(XS_READ, "w"));
	pthread_t waiter;
	void *event;

	assert_true(xs_watch(h, "/w", "t"));
	pthread_create(&waiter, NULL, wait_for_event, h);
	usleep(20000);
	for (int i = 0; i < 2; i++) {
		char *value = xs_read(h, XBT_NULL, "/p", NULL);

		assert_non_null(value);
		free(value);
	}
	pthread_join(waiter, &event);
	assert_non_null(event);
	free(event);
	done(h);
}

/* A thread cancelled while it reads leaves everything usable. */
static void a_cancelled_thread_leaves_no_trace(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WATCH, "OK\0"), REQUEST,
		TEXT(XS_READ, "v"));
	pthread_t reader, sleeper;
	char *value;

	assert_true(xs_watch(h, "/w", "t"));
	pthread_create(&reader, NULL, wait_for_event, h);
	usleep(20000);
	pthread_create(&sleeper, NULL, wait_for_event, h);
	usleep(20000);
	pthread_cancel(sleeper);
	pthread_join(sleeper, NULL);
	pthread_cancel(reader);
	pthread_join(reader, NULL);
	value = xs_read(h, XBT_NULL, "/p", NULL);
	assert_non_null(value);
	free(value);
	done(h);
}

static void the_end_wakes_a_waiting_thread(void **state)
{
	AGAINST(REQUEST, TEXT(XS_WATCH, "OK\0"), WAIT, THE_END);
	pthread_t waiter;
	void *event;

	assert_true(xs_watch(h, "/w", "t"));
	pthread_create(&waiter, NULL, wait_for_event, h);
	pthread_join(waiter, &event);
	assert_null(event);
	is_dead(h);
	done(h);
}

static void a_value_survives_the_way_there_and_back(void **state)
{
	struct expanding_buffer text = { 0 };
	char bytes[256], back[4 * sizeof(bytes) + 1];
	unsigned int length;

	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	assert_non_null(sanitise_value(&text, bytes, sizeof(bytes)));
	for (const char *c = text.buf; *c; c++)
		assert_in_range(*c, ' ', '~');
	unsanitise_value(back, &length, text.buf);
	assert_int_equal(length, sizeof(bytes));
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_null(sanitise_value(&text, bytes, 0x7fffffff));
	free(text.buf);
}

static void there_is_no_daemon(void **state)
{
	setenv("XENSTORED_PATH", "/nonexistent/socket", 1);
	errno = 0;
	assert_null(xs_open(0));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(xs_suspend_evtchn_port(1), -1);
	setenv("XENSTORED_PATH", path, 1);
	xs_close(NULL);
}

static int setup(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(folder, "/tmp/library.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/socket", folder);
	strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	setenv("XENSTORED_PATH", path, 1);
	return bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	       listen(listener, 4);
}

static int teardown(void **state)
{
	close(listener);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_comes_byte_by_byte),
		cmocka_unit_test(takes_what_is_sent_in_pieces),
		cmocka_unit_test(dies_before_it_answers),
		cmocka_unit_test(dies_in_a_header),
		cmocka_unit_test(dies_in_an_answer),
		cmocka_unit_test(answers_something_else),
		cmocka_unit_test(says_an_impossible_length),
		cmocka_unit_test(says_a_huge_length),
		cmocka_unit_test(sends_an_event_that_is_none),
		cmocka_unit_test(sends_an_event_without_zeroes),
		cmocka_unit_test(names_an_error_that_is_none),
		cmocka_unit_test(gives_parts_that_never_end),
		cmocka_unit_test(gives_parts_without_a_number),
		cmocka_unit_test(one_block_holds_a_directory),
		cmocka_unit_test(is_interrupted_all_the_time),
		cmocka_unit_test(tells_of_events_that_came_with_answers),
		cmocka_unit_test(polls_readable_once_it_is_dead),
		cmocka_unit_test(a_waiting_thread_keeps_nobody_waiting),
		cmocka_unit_test(a_cancelled_thread_leaves_no_trace),
		cmocka_unit_test(the_end_wakes_a_waiting_thread),
		cmocka_unit_test(a_value_survives_the_way_there_and_back),
		cmocka_unit_test(there_is_no_daemon),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
