/* SPDX-License-Identifier: MIT */
/* terminal.c - this terminal as a guest's console.
 *
 * Guards: the terminal is put back as it was, however the session ends.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "console/client.h"
#include "terminal.h"

/* How the terminal was found. */
static struct termios before;

static int write_all(int fd, const char *bytes, size_t count)
{
	while (count) {
		ssize_t put = write(fd, bytes, count);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes += put;
		count -= (size_t)put;
	}
	return 0;
}

/* 1: the daemon closed the console; 0: there may be more. */
static int pass_output(int console)
{
	char bytes[4096];
	ssize_t got = read(console, bytes, sizeof(bytes));

	if (got < 0)
		return errno == EINTR ? 0 : 1;
	if (got == 0)
		return 1;
	return write_all(STDOUT_FILENO, bytes, (size_t)got) != 0;
}

/* 1: the person wants to leave; *open turns false at the end of input. What
 * is typed at a guest that takes no input is lost in the end: waiting for it
 * would shut out the key to leave. A file or pipe has no such key, and waits. */
static int pass_input(int console, bool is_terminal, char leave, bool *open)
{
	int how = MSG_NOSIGNAL | (is_terminal ? MSG_DONTWAIT : 0);
	char bytes[256];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));
	char *key;

	if (got < 0 && errno == EINTR)
		return 0;
	if (got <= 0) {
		*open = false;
		return 0;
	}
	key = memchr(bytes, leave, (size_t)got);
	if (key)
		got = key - bytes;
	while (got > 0) {
		ssize_t sent = send(console, bytes, (size_t)got, how);

		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0 && errno != EINTR)
			return 1;
		if (sent > 0) {
			memmove(bytes, bytes + sent, (size_t)(got - sent));
			got -= sent;
		}
	}
	return key != NULL;
}

/* Ended by a signal: the terminal first. */
static void put_back(int number)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	signal(number, SIG_DFL);
	raise(number);
}

static void make_raw(void)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct termios raw = before;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		signal(ends[i], put_back);
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void session(int console, bool is_terminal, char key)
{
	bool input_open = true;

	for (;;) {
		struct pollfd set[2] = {
			{ console, POLLIN, 0 },
			{ input_open ? STDIN_FILENO : -1, POLLIN, 0 },
		};

		if (poll(set, 2, -1) < 0 && errno != EINTR)
			return;
		if (set[0].revents && pass_output(console))
			return;
		if (set[1].revents && pass_input(console, is_terminal, key,
						 &input_open))
			return;
	}
}

int terminal_attach(domid_t id, char key, struct reason *why)
{
	bool is_terminal = !tcgetattr(STDIN_FILENO, &before);
	int console = consoled_request("attach", id, why);

	if (console < 0)
		return console;
	if (is_terminal) {
		if (key < ' ')
			fprintf(stderr, "(Ctrl-%c leaves the console)\n",
				key + '@');
		else
			fprintf(stderr, "(%c leaves the console)\n", key);
		make_raw();
	}
	session(console, is_terminal, key);
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
		fprintf(stderr, "\n");
	}
	close(console);
	return 0;
}

int terminal_show(domid_t id, struct reason *why)
{
	int console = consoled_request("show", id, why);

	if (console < 0)
		return console;
	while (!pass_output(console))
		;
	close(console);
	return 0;
}
