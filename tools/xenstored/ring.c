/* SPDX-License-Identifier: MIT */
/* ring.c - a domain's ring page.
 *
 * Guards: the page is the domain's, so nothing in it is believed. Bytes are
 * copied out once and judged afterwards; of the indices only the domain's own
 * two are read, each once, and one that cannot be breaks this connection
 * alone. Ours are kept here.
 * Invariant: the page is told that bytes were taken, or gets an answer, only
 * when the journal has both (see journal.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "ring.h"
#include "store.h"

static uint32_t index_load(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void index_store(uint32_t *index, uint32_t value)
{
	__atomic_store_n(index, value, __ATOMIC_RELEASE);
}

int ring_bind(struct store *s, struct conn *c)
{
	struct ring *r = c->ring;

	r->port = hv_bind(s->hv, c->id, r->remote_port);
	if (r->port >= HV_PORTS) {
		hv_unbind(s->hv, r->port);
		r->port = -ENOSPC;
	}
	if (r->port < 0)
		return r->port;
	s->by_port[r->port] = c;
	return 0;
}

static void unbind(struct store *s, struct ring *r)
{
	if (r->port < 0)
		return;
	s->by_port[r->port] = NULL;
	hv_unbind(s->hv, r->port);
	r->port = -1;
}

int ring_open(struct store *s, struct conn *c, uint64_t gfn,
	      uint32_t remote_port)
{
	struct ring *r = calloc(1, sizeof(*r));
	int rc = -ENOMEM;

	if (!r)
		return rc;
	r->gfn = gfn;
	r->remote_port = remote_port;
	r->port = -1;
	r->page = hv_map(s->hv, c->id, gfn, &r->remote_port);
	if (!r->page) {
		rc = -errno;
		goto out;
	}
	c->ring = r;
	rc = ring_bind(s, c);
	if (!rc || c->id)
		return 0;
	c->ring = NULL;
out:
	ring_close(s, r);
	return rc;
}

void ring_close(struct store *s, struct ring *r)
{
	if (!r)
		return;
	unbind(s, r);
	if (r->page)
		hv_unmap(s->hv, r->page);
	free(r);
}

int ring_rebind(struct store *s, struct conn *c, uint32_t remote_port)
{
	unbind(s, c->ring);
	c->ring->remote_port = remote_port;
	return ring_bind(s, c);
}

/* Only who asked for it is told: others begin without an event pending. */
void ring_reset(struct ring *r)
{
	r->news = index_load(&r->page->connection) == XENSTORE_RECONNECT;
	r->taken = r->sent = r->promised = 0;
	index_store(&r->page->req_cons, 0);
	index_store(&r->page->req_prod, 0);
	index_store(&r->page->rsp_cons, 0);
	index_store(&r->page->rsp_prod, 0);
	r->page->error = XENSTORE_ERROR_NONE;
	r->page->server_features = XENSTORE_SERVER_FEATURE_RECONNECTION |
				   XENSTORE_SERVER_FEATURE_ERROR;
	index_store(&r->page->connection, XENSTORE_CONNECTED);
}

void ring_continue(struct ring *r)
{
	r->taken = index_load(&r->page->req_cons);
	r->sent = r->promised = index_load(&r->page->rsp_prod);
	r->page->error = XENSTORE_ERROR_NONE;
	r->page->server_features = XENSTORE_SERVER_FEATURE_RECONNECTION |
				   XENSTORE_SERVER_FEATURE_ERROR;
	index_store(&r->page->connection, XENSTORE_CONNECTED);
	r->news = true;
}

void ring_resume(struct store *s, struct conn *c)
{
	struct ring *r = c->ring;
	uint32_t sent = index_load(&r->page->rsp_prod);

	/* its indices may be half reset, and the next look resets them */
	if (index_load(&r->page->connection) == XENSTORE_RECONNECT)
		return;
	if (sent - r->sent > r->promised - r->sent) {
		conn_break(s, c, XENSTORE_ERROR_RINGIDX,
			   "its answers' index is not where we left it");
		return;
	}
	while (r->sent != sent) {
		struct message *m = c->out_first;
		uint32_t count = m->length - m->sent;

		if (count > sent - r->sent)
			count = sent - r->sent;
		r->sent += count;
		conn_sent(s, c, count);
	}
	r->news = true;
}

void ring_say_error(struct ring *r, uint32_t error)
{
	if (r->page)
		r->page->error = error;
}

static void copy_out(const struct ring *r, char *to, uint32_t count)
{
	uint32_t at = MASK_XENSTORE_IDX(r->taken);
	uint32_t first = XENSTORE_RING_SIZE - at;

	if (first > count)
		first = count;
	memcpy(to, r->page->req + at, first);
	memcpy(to + first, r->page->req, count - first);
}

/* True if it got at least one byte. */
static bool take_some(struct store *s, struct conn *c, uint32_t missing)
{
	struct ring *r = c->ring;
	uint32_t there = index_load(&r->page->req_prod) - r->taken;

	if (there > XENSTORE_RING_SIZE) {
		conn_break(s, c, XENSTORE_ERROR_RINGIDX,
			   "its requests' index is out of bounds");
		return false;
	}
	if (there > missing)
		there = missing;
	if (!there)
		return false;
	copy_out(r, c->in + c->in_used, there);
	c->in_used += there;
	r->taken += there;
	r->news = true;
	return true;
}

static void look_for_reconnect(struct store *s, struct conn *c)
{
	struct ring *r = c->ring;

	if (index_load(&r->page->connection) != XENSTORE_RECONNECT)
		return;
	conn_reset(s, c);
	/* a daemon that finds the page half reset, or wholly, must know */
	r->taken = r->sent = r->promised = 0;
	record_reset(s, c);
	journal_flush(s);
	ring_reset(r);
}

bool ring_read(struct store *s, struct conn *c)
{
	bool taken = false;
	int missing;

	if (!c->ring->page)
		return false;
	look_for_reconnect(s, c);
	if (!conn_ready(s, c))
		return false;
	while ((missing = conn_missing(c)) > 0 &&
	       take_some(s, c, (uint32_t)missing))
		taken = true;
	if (missing < 0)
		conn_break(s, c, XENSTORE_ERROR_PROTO,
			   "its request is longer than allowed");
	if (missing && taken && !c->broken)
		record_taken(s, c);
	return missing == 0;
}

/* Puts in as much of the first message as there is room for. */
static uint32_t put_some(struct store *s, struct conn *c)
{
	struct ring *r = c->ring;
	const struct message *m = c->out_first;
	uint32_t unread = r->sent - index_load(&r->page->rsp_cons);
	uint32_t at = MASK_XENSTORE_IDX(r->sent);
	uint32_t count = m->length - m->sent;

	if (unread > XENSTORE_RING_SIZE) {
		conn_break(s, c, XENSTORE_ERROR_RINGIDX,
			   "its answers' index is out of bounds");
		return 0;
	}
	if (count > XENSTORE_RING_SIZE - unread)
		count = XENSTORE_RING_SIZE - unread;
	if (count > XENSTORE_RING_SIZE - at)
		count = XENSTORE_RING_SIZE - at;
	memcpy(r->page->rsp + at, m->bytes + m->sent, count);
	r->sent += count;
	return count;
}

/* A domain rings for bytes only when it finds all earlier ones taken, and for
 * room only when it found none. Who moved while we had yet to say how far we
 * are, rings for nothing: having said it, we look again ourselves. */
static void look_again(struct store *s, struct conn *c)
{
	struct ring *r = c->ring;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (index_load(&r->page->req_prod) == r->taken &&
	    (!c->out_first ||
	     r->sent - index_load(&r->page->rsp_cons) == XENSTORE_RING_SIZE))
		return;
	c->due = true;
	s->busy = true;
}

void ring_publish(struct store *s, struct conn *c)
{
	struct ring *r = c->ring;
	uint32_t count;

	if (!r->page || c->broken)
		return;
	while (c->out_first && (count = put_some(s, c))) {
		conn_sent(s, c, count);
		r->news = true;
	}
	if (!r->news)
		return;
	index_store(&r->page->rsp_prod, r->sent);
	index_store(&r->page->req_cons, r->taken);
	r->news = false;
	if (r->port >= 0)
		hv_notify(s->hv, r->port);
	look_again(s, c);
}
