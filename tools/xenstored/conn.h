/* SPDX-License-Identifier: MIT */
/* conn.h - one client: what it has asked so far, and what it is owed. */
#ifndef XENSTORED_CONN_H
#define XENSTORED_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

struct domain;
struct ring;
struct store;
struct transaction;
struct watch;

#define MESSAGE_MAX (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)

/* An event is left out if one of the last this many, still queued, is equal. */
#define EVENTS_COMPARED 256U

/* An answer or an event that is not wholly sent. */
struct message {
	struct message *next;
	uint32_t length;
	uint32_t sent;
	bool event;
	char bytes[];
};

struct conn {
	struct conn *next, *previous;
	/* older clients hear of changes first */
	uint64_t age;
	/* whose rights it has, and whose besides; 0 and none for sockets */
	uint32_t id;
	uint32_t target;
	struct domain *domain;
	/* one of these: the socket, or else the ring */
	int fd;
	struct ring *ring;
	/* index into the poll set, -1 for none */
	int slot;
	/* there may be something to do for it */
	bool due;
	/* in the store's list of those that a turn looks at */
	bool active;
	struct conn *active_next, *active_previous;
	/* the request that is not complete yet, or is and is served next; a
	 * socket may have sent part of the one after it too */
	char in[MESSAGE_MAX];
	uint32_t in_used;
	struct message *out_first, *out_last;
	/* answers and events in the queue, and the bytes of all */
	uint32_t out_answers;
	uint32_t out_events;
	size_t out_bytes;
	/* the newest events, by the number of each; those that are still in the
	 * queue are its last `out_events` */
	struct message *newest[EVENTS_COMPARED];
	uint32_t events_ever;
	struct watch *first_watch, *last_watch;
	struct transaction *transactions;
	uint32_t last_transaction;
	/* asked for nonsense or cannot be served; NULL while all is well */
	const char *broken;
	uint32_t error;
	/* and what it had has been dropped */
	bool dropped;
};

/* NULL without memory. */
struct conn *conn_open(struct store *s, struct domain *domain);

/* Drops it with its watches, transactions and unsent answers. */
void conn_close(struct store *s, struct conn *conn);

/* Forgets everything it asked for, but keeps it. */
void conn_reset(struct store *s, struct conn *conn);

/* Marks it as broken: nothing is done for it any more. `error` is one of
 * XENSTORE_ERROR_*. */
void conn_break(struct store *s, struct conn *conn, uint32_t error,
		const char *why);

/* Drops what the broken ones had: a socket is closed; a domain's page says
 * so, and it is not listened to until it is introduced again or asks to
 * reconnect. */
void conn_sweep(struct store *s);

/* There may be something to do for it: the next turn looks at it. */
void conn_wake(struct store *s, struct conn *conn);

/* It has neither asked nor is owed anything: no turn looks at it. Sockets stay,
 * since they have to be polled. */
void conn_rest(struct store *s, struct conn *conn);

bool conn_privileged(const struct conn *conn);

/* Queues a message. One that cannot be queued breaks the connection, so that
 * nothing is ever left out silently. */
void conn_send(struct store *s, struct conn *conn,
	       const struct xsd_sockmsg *header, const void *payload);

/* The same without writing it down: for one that is written down. */
void conn_queue(struct store *s, struct conn *conn, struct message *message);

/* True if it may have another request worked on now. */
bool conn_ready(const struct store *s, const struct conn *conn);

/* How many bytes the input still lacks: of the header, then of the payload.
 * 0 when the request is complete; -EMSGSIZE when its length is not allowed. */
int conn_missing(const struct conn *conn);

/* The first `count` bytes of the input have been served. */
void conn_consumed(struct conn *conn, size_t count);

/* `count` bytes of the first message have been sent. */
void conn_sent(struct store *s, struct conn *conn, uint32_t count);

#endif
