/* SPDX-License-Identifier: MIT */
/* server.c - the loop that serves all clients.
 *
 * Guards: one turn does a bounded number of requests for each client, so
 * that none keeps the others waiting; no client's silence is waited for.
 * Invariant: nothing leaves the daemon, neither an answer nor the word that
 * bytes were taken, before the journal is written.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "clock.h"
#include "record.h"
#include "request.h"
#include "ring.h"
#include "server.h"

/* Requests of one client in one turn. */
#define REQUESTS_A_TURN 16
#define CLIENTS_A_TURN  16
/* When no more files could be opened it is tried again after this long. */
#define DEAF_MS 1000

volatile sig_atomic_t server_ending;

static bool next_request(struct store *s, struct conn *c)
{
	if (c->ring)
		return ring_read(s, c);
	return !c->broken && c->fd >= 0 && conn_ready(s, c) && socket_read(s, c);
}

/* True if it may have more to do at once. */
static bool serve_requests(struct store *s, struct conn *c)
{
	for (int i = 0; i < REQUESTS_A_TURN; i++) {
		if (!next_request(s, c))
			return false;
		request_serve(s, c);
		if (c->ring)
			record_taken(s, c);
	}
	return true;
}

static bool serve_all(struct store *s)
{
	bool more = false;

	for (struct conn *c = s->first_active; c; c = c->active_next)
		if (c->due) {
			c->due = serve_requests(s, c);
			more |= c->due;
		}
	return more;
}

/* After the journal is written. */
static void send_all(struct store *s)
{
	struct conn *next;

	for (struct conn *c = s->first_active; c; c = next) {
		next = c->active_next;
		if (c->ring)
			ring_publish(s, c);
		else if (c->fd >= 0)
			socket_send(s, c);
		conn_rest(s, c);
	}
}

static void take_events(struct store *s)
{
	int port;

	while ((port = hv_next(s->hv)) >= 0) {
		if (port == HV_DOMAINS) {
			s->look_at_domains = true;
			continue;
		}
		if (port < HV_PORTS && s->by_port[port])
			conn_wake(s, s->by_port[port]);
	}
}

/* The sockets first, then the listening one and the hypervisor's. */
struct poll_set {
	struct pollfd *list;
	size_t count, room;
	int listen, events;
};

static int add(struct poll_set *set, int fd, short events)
{
	struct pollfd *more;

	if (set->count == set->room) {
		size_t room = set->room ? 2 * set->room : 64;

		more = realloc(set->list, room * sizeof(*more));
		if (!more)
			return -1;
		set->list = more;
		set->room = room;
	}
	set->list[set->count] = (struct pollfd){ .fd = fd, .events = events };
	return (int)set->count++;
}

static void gather(struct server *server, struct poll_set *set)
{
	struct store *s = &server->store;

	set->count = 0;
	set->listen = server->listen < 0 || clock_seconds() < server->deaf_until ?
		      -1 : add(set, server->listen, POLLIN);
	set->events = s->hv ? add(set, hv_fd(s->hv), POLLIN) : -1;
	for (struct conn *c = s->first_active; c; c = c->active_next) {
		short events = 0;

		c->slot = -1;
		if (c->fd < 0)
			continue;
		if (conn_ready(s, c))
			events |= POLLIN;
		if (c->out_first)
			events |= POLLOUT;
		c->slot = add(set, c->fd, events);
	}
}

static void mark_due(struct server *server, const struct poll_set *set)
{
	struct store *s = &server->store;

	for (struct conn *c = s->first_active; c; c = c->active_next)
		if (c->slot >= 0 && set->list[c->slot].revents)
			c->due = true;
	for (int i = 0; set->listen >= 0 && set->list[set->listen].revents &&
	     i < CLIENTS_A_TURN && socket_accept(server); i++)
		;
	if (set->events >= 0 && set->list[set->events].revents)
		take_events(s);
}

int server_turn(struct server *server, int timeout)
{
	static struct poll_set set;
	struct store *s = &server->store;
	bool more;

	gather(server, &set);
	if (s->look_at_domains || s->busy)
		timeout = 0;
	else if (set.listen < 0 && server->listen >= 0 &&
		 (timeout < 0 || timeout > DEAF_MS))
		timeout = DEAF_MS;
	if (poll(set.list, set.count, timeout) < 0)
		return errno == EINTR ? 0 : -errno;
	mark_due(server, &set);
	if (s->look_at_domains)
		domain_look(s);
	more = serve_all(s);
	conn_sweep(s);
	journal_flush(s);
	s->busy = more;
	send_all(s);
	conn_sweep(s);
	s->busy |= snapshot_step(s);
	return 0;
}
