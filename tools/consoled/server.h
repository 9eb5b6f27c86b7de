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
	/* NULL while no store daemon answers: then nothing is heard of domains
	 * that come and go, and the consoles there are go on */
	struct xs_handle *store;
};

/* Opens everything and takes over the guests that are there. The socket
 * appears under its name last. */
int server_open(struct server *server, struct reason *why);

/* Runs until the process is told to end. */
int server_run(struct server *server);

/* requests.c: carries out the request line a client has sent. */
void server_request(struct server *server, struct client *client);

/* Compares the guests with the hypervisor's list: takes in those that are new,
 * if the store says where their consoles are, and drops those that are gone. */
void server_look(struct server *server);

/* Asks whether a store daemon answers now, and looks if one does; forgets one
 * that answers no more. */
void server_look_for_store(struct server *server);
void server_store_lost(struct server *server);

/* Lets go of a guest, telling its clients. */
void server_drop_guest(struct server *server, struct guest *guest);
struct guest *server_find_guest(struct server *server, domid_t id);

#endif
