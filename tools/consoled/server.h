/* SPDX-License-Identifier: MIT */
/* server.h - consoled's loop: guests on one side, clients on the other. */
#ifndef CONSOLED_SERVER_H
#define CONSOLED_SERVER_H

#include "client.h"
#include "guest.h"

struct server {
	struct guest_host host;
	struct guest *guests;
	struct client *clients;
	int client_count;
	int listener;
	/* the local port of VIRQ_DOM_EXC, or -1: then guests are looked at
	 * once a second */
	int domain_events;
};

/* Opens everything and takes over the guests that are there. */
int server_open(struct server *server, struct reason *why);

/* Runs until the process is told to end. */
int server_run(struct server *server);

/* requests.c: carries out the request line a client has sent. */
void server_request(struct server *server, struct client *client);

/* Takes a registered domain in; 0 if it is there already. */
int server_add_guest(struct server *server, domid_t id, bool fresh,
		     struct reason *why);

/* Lets go of a guest, telling its clients. */
void server_drop_guest(struct server *server, struct guest *guest);
struct guest *server_find_guest(struct server *server, domid_t id);

#endif
