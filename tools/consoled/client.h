/* SPDX-License-Identifier: MIT */
/* client.h - one connection to consoled. */
#ifndef CONSOLED_CLIENT_H
#define CONSOLED_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "console/protocol.h"
#include "guest.h"

enum client_state {
	/* its request line is not complete yet */
	CLIENT_ASKING,
	/* it is a terminal of `guest`, or a reader of its history only */
	CLIENT_ATTACHED,
	CLIENT_SHOWING,
	/* to be closed */
	CLIENT_DONE,
};

struct client {
	struct client *next;
	int fd;
	enum client_state state;
	/* NULL while asking, and when the guest is gone */
	struct guest *guest;
	/* it has hung up; what it typed before is still to be read */
	bool deaf;
	/* the next byte of the guest's history it gets */
	uint64_t next_byte;
	char line[CONSOLED_LINE_MAX];
	size_t line_length;
	/* index into the poll set */
	int slot;
};

struct client *client_open(int fd);
void client_free(struct client *client);

/* Sends one line; a client that cannot take it is done. */
void client_say(struct client *client, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads on at the request line; true when it is complete. */
bool client_read_request(struct client *client);

/* Becomes a terminal or a reader. */
void client_attach(struct client *client, struct guest *guest,
		   enum client_state state);

/* True if there is output it has not been sent. */
bool client_behind(const struct client *client);

/* Sends output, as much as it takes. */
void client_send_output(struct client *client);

/* Passes what it typed on to its guest. */
void client_take_input(struct client *client, struct guest_host *host);

/* The guest is about to be forgotten. */
void client_guest_gone(struct client *client);

#endif
