/* SPDX-License-Identifier: MIT */
/* harness.c - a store inside the test, and clients that ask it directly.
 *
 * A client is a connection without a socket: requests are put into its input
 * and answers taken from its queue, so nothing but the store itself runs.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "request.h"

void harness_open(struct store *s, const char *state)
{
	struct reason why = { 0 };

	assert(!store_open(s));
	if (state)
		assert(!journal_open(s, state, &why));
	assert(!store_begin(s));
}

void harness_close(struct store *s)
{
	store_close(s);
}

struct conn *harness_client(struct store *s, uint32_t id)
{
	static const uint8_t handle[16];
	struct domain *d = domain_find(s, id);
	struct conn *c;

	if (!d)
		d = domain_add(s, id, ++s->tree.generation, handle, false);
	c = conn_open(s, d);
	assert(c);
	return c;
}

/* Takes the first message that is, or is not, an event. */
static void take(struct store *s, struct conn *c, bool event,
		 struct reply *reply)
{
	struct message **link = &c->out_first;
	struct message *m;
	struct xsd_sockmsg header;

	memset(reply, 0, offsetof(struct reply, text) + 1);
	while (*link && (*link)->event != event)
		link = &(*link)->next;
	m = *link;
	if (!m)
		return;
	memcpy(&header, m->bytes, sizeof(header));
	reply->type = header.type;
	reply->length = header.len;
	memcpy(reply->text, m->bytes + sizeof(header), header.len);
	reply->text[header.len] = '\0';
	/* to the front, from where conn_sent takes it */
	*link = m->next;
	if (!m->next) {
		c->out_last = c->out_first;
		while (c->out_last && c->out_last->next)
			c->out_last = c->out_last->next;
	}
	m->next = c->out_first;
	c->out_first = m;
	if (!c->out_last)
		c->out_last = m;
	conn_sent(s, c, m->length);
}

bool harness_has(const struct store *s, const struct conn *wanted)
{
	const struct conn *c = s->first_conn;

	while (c && c != wanted)
		c = c->next;
	return c;
}

void harness_ask(struct store *s, struct conn *c, uint32_t type,
		 uint32_t transaction, const void *payload, size_t length,
		 struct reply *reply)
{
	struct xsd_sockmsg header = {
		.type = type,
		.req_id = 7,
		.tx_id = transaction,
		.len = (uint32_t)length,
	};

	memcpy(c->in, &header, sizeof(header));
	if (length)
		memcpy(c->in + sizeof(header), payload, length);
	c->in_used = (uint32_t)(sizeof(header) + length);
	assert(!conn_missing(c));
	request_serve(s, c);
	conn_sweep(s);
	journal_flush(s);
	memset(reply, 0, offsetof(struct reply, text) + 1);
	if (harness_has(s, c))
		take(s, c, false, reply);
}

void harness_ask_text(struct store *s, struct conn *c, uint32_t type,
		      uint32_t transaction, const char *text,
		      struct reply *reply)
{
	harness_ask(s, c, type, transaction, text, strlen(text) + 1, reply);
}

void harness_event(struct store *s, struct conn *c, struct reply *reply)
{
	take(s, c, true, reply);
	for (uint32_t i = 0; reply->type && i + 1 < reply->length; i++)
		if (!reply->text[i])
			reply->text[i] = ' ';
}
