/* SPDX-License-Identifier: MIT */
/* ring.h - a domain's ring page. */
#ifndef XENSTORED_RING_H
#define XENSTORED_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

struct conn;
struct store;

struct ring {
	/* NULL: the domain has died since the daemon was last alive */
	struct xenstore_domain_interface *page;
	uint64_t gfn;
	uint32_t remote_port;
	int port;
	/* our own account of the indices; the page is only told. All three
	 * count bytes since the domain was introduced. */
	uint32_t taken;		/* requests: copied out of the page */
	uint32_t sent;		/* answers: put into the page */
	uint32_t promised;	/* answers: ever queued */
	/* `taken` or `sent` moved since the page was last told */
	bool news;
};

/* Maps the page and binds the port. -errno. */
int ring_open(struct store *s, struct conn *conn, uint64_t gfn,
	      uint32_t remote_port);
void ring_close(struct store *s, struct ring *ring);

/* Binds the domain's port; -errno, and then nobody rings. */
int ring_bind(struct store *s, struct conn *conn);

/* The same with another port. */
int ring_rebind(struct store *s, struct conn *conn, uint32_t remote_port);

/* Both rings empty, no error. */
void ring_reset(struct ring *ring);

/* Goes on where the page stands: for a first introduction. */
void ring_continue(struct ring *ring);

/* Goes on where the state file stands, which knows more than the page but
 * for how much has been sent. */
void ring_resume(struct store *s, struct conn *conn);

void ring_say_error(struct ring *ring, uint32_t error);

/* Copies bytes of the next request in; true when a request is complete. */
bool ring_read(struct store *s, struct conn *conn);

/* After the journal is written: frees what was taken, puts answers in. */
void ring_publish(struct store *s, struct conn *conn);

#endif
