/* SPDX-License-Identifier: MIT */
/* conn.c - one client: what it has asked so far, and what it is owed.
 *
 * Guards: a client that does not read its answers is not asked for more, and
 * one that lets events pile up loses its connection, not the daemon its
 * memory.
 * Invariant: out_answers, out_events and out_bytes count the queue.
 * Not here: how bytes come and go (socket.c, ring.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"
#include "ring.h"
#include "store.h"

/* A domain that leaves this much unread has stopped reading. */
#define OUT_BYTES_MAX (512U << 10)
/* The same for domain 0's own clients, which may be slow with reason. */
#define OUT_BYTES_MAX_OWN (4U << 20)

static void activate(struct store *s, struct conn *c)
{
	if (c->active)
		return;
	c->active = true;
	c->active_next = NULL;
	c->active_previous = s->last_active;
	if (s->last_active)
		s->last_active->active_next = c;
	else
		s->first_active = c;
	s->last_active = c;
}

static void deactivate(struct store *s, struct conn *c)
{
	if (!c->active)
		return;
	c->active = false;
	if (c->active_previous)
		c->active_previous->active_next = c->active_next;
	else
		s->first_active = c->active_next;
	if (c->active_next)
		c->active_next->active_previous = c->active_previous;
	else
		s->last_active = c->active_previous;
}

struct conn *conn_open(struct store *s, struct domain *domain)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = -1;
	c->slot = -1;
	c->domain = domain;
	c->id = domain->id;
	c->age = ++s->last_age;
	c->previous = s->last_conn;
	if (s->last_conn)
		s->last_conn->next = c;
	else
		s->first_conn = c;
	s->last_conn = c;
	activate(s, c);
	return c;
}

void conn_wake(struct store *s, struct conn *c)
{
	c->due = true;
	activate(s, c);
}

void conn_rest(struct store *s, struct conn *c)
{
	if (c->fd < 0 && !c->due && !c->out_first)
		deactivate(s, c);
}

bool conn_privileged(const struct conn *c)
{
	return c->id == 0;
}

static void drop_output(struct conn *c)
{
	while (c->out_first) {
		struct message *m = c->out_first;

		c->out_first = m->next;
		free(m);
	}
	c->out_last = NULL;
	c->domain->usage.outstanding -= c->out_answers;
	c->domain->usage.memory -= c->out_bytes;
	c->out_answers = c->out_events = 0;
	c->out_bytes = 0;
}

static void drop_all(struct store *s, struct conn *c)
{
	watch_remove_all(s, c);
	while (c->transactions)
		transaction_remove(c, c->transactions);
	drop_output(c);
	c->in_used = 0;
}

void conn_reset(struct store *s, struct conn *c)
{
	drop_all(s, c);
	c->broken = NULL;
	c->dropped = false;
}

void conn_break(struct store *s, struct conn *c, uint32_t error,
		const char *why)
{
	if (c->broken)
		return;
	c->broken = why;
	c->error = error;
	s->sweep_due = true;
}

static void say_broken(struct conn *c)
{
	unsigned long silent;

	if (log_gate(&c->domain->usage.broken_gate, &silent))
		log_line("domain %u: its store connection is dropped: %s (%lu more times since the last line)",
			 c->id, c->broken, silent);
}

void conn_sweep(struct store *s)
{
	struct conn *next;

	if (!s->sweep_due)
		return;
	s->sweep_due = false;
	for (struct conn *c = s->first_conn; c; c = next) {
		next = c->next;
		if (!c->broken || c->dropped)
			continue;
		drop_all(s, c);
		c->dropped = true;
		if (!c->ring) {
			conn_close(s, c);
			continue;
		}
		ring_say_error(c->ring, c->error);
		record_broken(s, c);
		say_broken(c);
	}
}

void conn_close(struct store *s, struct conn *c)
{
	conn_reset(s, c);
	if (c->fd >= 0)
		close(c->fd);
	ring_close(s, c->ring);
	deactivate(s, c);
	if (c->previous)
		c->previous->next = c->next;
	else
		s->first_conn = c->next;
	if (c->next)
		c->next->previous = c->previous;
	else
		s->last_conn = c->previous;
	if (c->domain->conn == c)
		c->domain->conn = NULL;
	free(c);
}

/* An event like one that waits already tells nothing new. Only the newest are
 * looked at: who reads nothing must not slow down who writes. */
static bool is_repeated(const struct conn *c, const struct xsd_sockmsg *header,
			const void *payload)
{
	for (uint32_t i = 1; i <= c->out_events && i <= EVENTS_COMPARED; i++) {
		const struct message *m =
			c->newest[(c->events_ever - i) % EVENTS_COMPARED];

		if (!m->sent && m->length == sizeof(*header) + header->len &&
		    !memcmp(m->bytes + sizeof(*header), payload, header->len))
			return true;
	}
	return false;
}

void conn_send(struct store *s, struct conn *c,
	       const struct xsd_sockmsg *header, const void *payload)
{
	size_t length = sizeof(*header) + header->len;
	bool event = header->type == XS_WATCH_EVENT;
	struct message *m;

	if (c->broken || (event && is_repeated(c, header, payload)))
		return;
	if (c->out_bytes + length >
	    (c->id ? OUT_BYTES_MAX : OUT_BYTES_MAX_OWN)) {
		conn_break(s, c, XENSTORE_ERROR_COMM,
			   "it does not read what it is sent");
		return;
	}
	m = malloc(sizeof(*m) + length);
	if (!m) {
		conn_break(s, c, XENSTORE_ERROR_COMM, "out of memory");
		return;
	}
	m->next = NULL;
	m->length = (uint32_t)length;
	m->sent = 0;
	m->event = event;
	memcpy(m->bytes, header, sizeof(*header));
	if (header->len)
		memcpy(m->bytes + sizeof(*header), payload, header->len);
	conn_queue(s, c, m);
	record_message(s, c, m);
}

void conn_queue(struct store *s, struct conn *c, struct message *m)
{
	if (c->out_last)
		c->out_last->next = m;
	else
		c->out_first = m;
	c->out_last = m;
	if (m->event) {
		c->out_events++;
		c->newest[c->events_ever++ % EVENTS_COMPARED] = m;
	} else {
		c->out_answers++;
		c->domain->usage.outstanding++;
	}
	c->out_bytes += m->length;
	c->domain->usage.memory += m->length;
	activate(s, c);
	if (c->ring)
		c->ring->promised += m->length;
}

bool conn_ready(const struct store *s, const struct conn *c)
{
	if (c->broken)
		return false;
	return c->out_answers < s->quotas.limit[QUOTA_OUTSTANDING];
}

int conn_missing(const struct conn *c)
{
	struct xsd_sockmsg header;

	if (c->in_used < sizeof(header))
		return (int)(sizeof(header) - c->in_used);
	memcpy(&header, c->in, sizeof(header));
	if (header.len > XENSTORE_PAYLOAD_MAX)
		return -EMSGSIZE;
	if (c->in_used >= sizeof(header) + header.len)
		return 0;
	return (int)(sizeof(header) + header.len - c->in_used);
}

void conn_consumed(struct conn *c, size_t count)
{
	c->in_used -= (uint32_t)count;
	memmove(c->in, c->in + count, c->in_used);
}

void conn_sent(struct store *s, struct conn *c, uint32_t count)
{
	struct message *m = c->out_first;

	m->sent += count;
	if (m->sent < m->length)
		return;
	c->out_first = m->next;
	if (!m->next)
		c->out_last = NULL;
	if (m->event) {
		c->out_events--;
	} else {
		c->out_answers--;
		c->domain->usage.outstanding--;
	}
	c->out_bytes -= m->length;
	c->domain->usage.memory -= m->length;
	free(m);
}
