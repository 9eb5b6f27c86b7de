/* SPDX-License-Identifier: MIT */
/* server.c - consoled's loop: poll, then serve whoever has something.
 *
 * Guards: nobody is waited for but in poll(), and every turn does a bounded
 * piece of work for each guest and each client.
 * Not here: what a request does (requests.c), the ring (ring.c).
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/daemon.h"
#include "ctl/evtchn.h"
#include "ctl/gntdev.h"
#include "server.h"

enum { SLOT_EVENTS, SLOT_LISTENER, SLOT_STORE, SLOTS_FIXED };

#define CLIENTS_MAX 256
/* How often a store daemon is looked for that does not answer. */
#define STORE_MS 250

/* A guest that fires its port all the time leaves time for the others. */
#define EVENTS_PER_TURN 64

/* Two daemons would each hold some of the guests; the second one goes. */
static int listen_socket(struct reason *why)
{
	char path[PATH_ROOM], folder[PATH_ROOM];
	int rc;

	run_path(folder, "%s", "");
	run_path(path, CONSOLED_SOCKET);
	rc = make_folders(folder);
	if (rc)
		return refuse_errno(why, rc, "cannot make %s", folder);
	return daemon_listen("consoled", path, why);
}

int server_open(struct server *s, struct reason *why)
{
	char folder[PATH_ROOM];
	int rc;

	memset(s, 0, sizeof(*s));
	rc = ctl_open(&s->host.ctl, why);
	if (rc)
		return rc;
	s->listener = listen_socket(why);
	if (s->listener < 0)
		return s->listener;
	s->host.evtchn = evtchn_open();
	if (s->host.evtchn < 0)
		return refuse_errno(why, s->host.evtchn,
				    "cannot open /dev/xen/evtchn");
	log_path(folder, "%s", "");
	rc = make_folders(folder);
	if (rc)
		return refuse_errno(why, rc, "cannot make %s", folder);
	s->host.grants = gntdev_open();
	server_look_for_store(s);
	return 0;
}

static void serve_port(struct server *s, int port)
{
	for (struct guest *g = s->guests; g; g = g->next)
		if (g->port == port)
			guest_drain(&s->host, g);
}

/* A port is unmasked before its ring is read: what is written from then on
 * fires it again. */
static void serve_events(struct server *s)
{
	for (int i = 0; i < EVENTS_PER_TURN; i++) {
		int port = evtchn_next(s->host.evtchn);

		if (port < 0)
			return;
		evtchn_unmask(s->host.evtchn, (uint32_t)port);
		serve_port(s, port);
	}
}

static void accept_client(struct server *s)
{
	int fd = accept4(s->listener, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c;

	if (fd < 0)
		return;
	c = client_open(fd);
	if (!c) {
		close(fd);
		return;
	}
	if (s->client_count == CLIENTS_MAX) {
		client_say(c, "error %d others are connected, and no more can be; wait until one has left",
			   CLIENTS_MAX);
		client_free(c);
		return;
	}
	c->next = s->clients;
	s->clients = c;
	s->client_count++;
}

static void serve_client(struct server *s, struct client *c, short ready)
{
	if (c->state == CLIENT_ASKING) {
		if (client_read_request(c))
			server_request(s, c);
		return;
	}
	if (ready & POLLIN)
		client_take_input(c, &s->host);
	else if (ready & (POLLHUP | POLLERR))
		c->state = CLIENT_DONE;
	if ((ready & POLLOUT) && client_behind(c))
		client_send_output(c);
}

static void reap_clients(struct server *s)
{
	struct client **link = &s->clients;

	while (*link) {
		struct client *c = *link;

		if (c->state != CLIENT_DONE) {
			link = &c->next;
			continue;
		}
		*link = c->next;
		s->client_count--;
		client_free(c);
	}
}

/* A terminal is not read while its guest has no room for input. */
static short wanted(const struct client *c)
{
	short events = 0;

	if (c->state != CLIENT_ATTACHED || !c->guest->ring ||
	    ring_room(c->guest->ring))
		events |= POLLIN;
	if (client_behind(c))
		events |= POLLOUT;
	return events;
}

static int fill_poll_set(struct server *s, struct pollfd *set)
{
	int count = SLOTS_FIXED;

	set[SLOT_EVENTS] = (struct pollfd){ s->host.evtchn, POLLIN, 0 };
	set[SLOT_LISTENER] = (struct pollfd){ s->listener, POLLIN, 0 };
	set[SLOT_STORE] = (struct pollfd){
		s->store ? xs_fileno(s->store) : -1, POLLIN, 0
	};
	for (struct client *c = s->clients; c; c = c->next) {
		c->slot = count;
		set[count++] = (struct pollfd){ c->fd, wanted(c), 0 };
	}
	return count;
}

static void serve_store(struct server *s)
{
	bool lost;
	bool news = store_news(s->store, &lost);

	if (lost)
		server_store_lost(s);
	else if (news)
		server_look(s);
}

int server_run(struct server *s)
{
	struct pollfd set[SLOTS_FIXED + CLIENTS_MAX];

	for (;;) {
		struct client *served = s->clients;
		int count = fill_poll_set(s, set);
		int ready = poll(set, (nfds_t)count, s->store ? -1 : STORE_MS);

		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready < 0)
			continue;
		if (set[SLOT_EVENTS].revents)
			serve_events(s);
		for (struct client *c = served; c; c = c->next)
			if (set[c->slot].revents && c->state != CLIENT_DONE)
				serve_client(s, c, set[c->slot].revents);
		if (set[SLOT_LISTENER].revents)
			accept_client(s);
		if (set[SLOT_STORE].revents)
			serve_store(s);
		else if (!s->store)
			server_look_for_store(s);
		reap_clients(s);
	}
}
