/* SPDX-License-Identifier: MIT */
/* client.c - one connection to consoled.
 *
 * Guards: a client that is slow, silent or rude costs itself only. All
 * sockets are non-blocking; output is not queued for a client, it reads the
 * guest's history at its own pace and is told what it missed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

struct client *client_open(int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c) {
		c->fd = fd;
		c->state = CLIENT_ASKING;
	}
	return c;
}

void client_free(struct client *c)
{
	close(c->fd);
	free(c);
}

void client_say(struct client *c, const char *format, ...)
{
	char line[CONSOLED_LINE_MAX + 512];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (length > (int)sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (send(c->fd, line, (size_t)length, MSG_NOSIGNAL) != length)
		c->state = CLIENT_DONE;
}

bool client_read_request(struct client *c)
{
	while (c->line_length < sizeof(c->line) - 1) {
		/* byte by byte: what follows the line is typed at the guest */
		ssize_t got = recv(c->fd, &c->line[c->line_length], 1, 0);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (got <= 0) {
			c->state = CLIENT_DONE;
			return false;
		}
		if (c->line[c->line_length] == '\n') {
			c->line[c->line_length] = '\0';
			return true;
		}
		c->line_length++;
	}
	client_say(c, "error the request is too long");
	c->state = CLIENT_DONE;
	return false;
}

void client_attach(struct client *c, struct guest *g, enum client_state state)
{
	c->guest = g;
	c->state = state;
	c->next_byte = history_start(&g->history);
}

bool client_behind(const struct client *c)
{
	return (c->state == CLIENT_ATTACHED || c->state == CLIENT_SHOWING) &&
	       c->guest && !c->deaf && c->next_byte < c->guest->history.end;
}

/* Skips what the history has forgotten, and says so. */
static void catch_up(struct client *c)
{
	uint64_t start = history_start(&c->guest->history);

	if (c->next_byte >= start)
		return;
	client_say(c, "\r\n[consoled: %llu bytes skipped]\r",
		   (unsigned long long)(start - c->next_byte));
	c->next_byte = start;
}

void client_send_output(struct client *c)
{
	catch_up(c);
	while (client_behind(c)) {
		const char *bytes;
		size_t count = history_piece(&c->guest->history, c->next_byte,
					     &bytes);
		ssize_t sent = send(c->fd, bytes, count, MSG_NOSIGNAL);

		if (sent < 0) {
			if (errno == EAGAIN || errno == EINTR)
				return;
			c->deaf = true;
			break;
		}
		c->next_byte += (uint64_t)sent;
	}
	if (c->state == CLIENT_SHOWING)
		c->state = CLIENT_DONE;
}

void client_take_input(struct client *c, struct guest_host *host)
{
	char bytes[256];
	size_t room = c->state == CLIENT_ATTACHED && c->guest->ring ?
			      ring_room(c->guest->ring) :
			      sizeof(bytes);
	ssize_t got;

	if (room > sizeof(bytes))
		room = sizeof(bytes);
	if (!room)
		return;
	got = recv(c->fd, bytes, room, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		c->state = CLIENT_DONE;
	else if (c->state == CLIENT_ATTACHED)
		guest_type(host, c->guest, bytes, (size_t)got);
}

void client_guest_gone(struct client *c)
{
	if (client_behind(c))
		client_send_output(c);
	c->guest = NULL;
	c->state = CLIENT_DONE;
}
