/* SPDX-License-Identifier: MIT */
/* server.h - the loop that serves all clients. */
#ifndef XENSTORED_SERVER_H
#define XENSTORED_SERVER_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "store.h"

struct server {
	struct store store;
	int listen;
	/* by clock_seconds(): no more files could be opened, and no client is
	 * taken before then */
	time_t deaf_until;
};

/* Set by a signal: to end in order. */
extern volatile sig_atomic_t server_ending;

/* Listens on the local socket PATH, which appears only then. -errno. */
int server_listen(struct server *server, const char *path,
		  struct reason *why);

/* Waits for something to do, at most `timeout` ms, and does it, a bounded
 * piece for each client. -errno when nothing more can be done. */
int server_turn(struct server *server, int timeout);

/* socket.c: takes a new client; false when there is none. */
bool socket_accept(struct server *server);

/* Reads what is there; true when a request is complete. */
bool socket_read(struct store *s, struct conn *conn);

/* Sends what the client takes. */
void socket_send(struct store *s, struct conn *conn);

#endif
