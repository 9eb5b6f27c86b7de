/* SPDX-License-Identifier: MIT */
/* record.c - what the journal is told.
 *
 * Guards: whatever a restart must know is said here, in the same record as
 * the answer that depends on it.
 * Not here: reading it back (replay.c), files (journal.c).
 */
#include "record.h"
#include "ring.h"
#include "replay.h"

/* NULL when nothing is to be recorded. */
static struct pack *item(struct store *s, enum item kind)
{
	if (s->journal.dir < 0 || s->journal.quiet)
		return NULL;
	pack_u8(&s->journal.record, (uint8_t)kind);
	return &s->journal.record;
}

static struct pack *conn_item(struct store *s, const struct conn *c,
			      enum item kind)
{
	struct pack *p = c->ring ? item(s, kind) : NULL;

	if (p)
		pack_u32(p, c->id);
	return p;
}

static void pack_perms(struct pack *p, const struct perms *perms)
{
	pack_u64(p, perms->generation);
	pack_u32(p, perms->count);
	pack_bytes(p, perms->entry, perms->count * sizeof(perms->entry[0]));
}

void record_node(struct store *s, const struct node *n)
{
	struct pack *p = item(s, ITEM_NODE);

	if (!p)
		return;
	pack_string(p, n->path);
	pack_u64(p, n->generation);
	pack_perms(p, n->perms);
	pack_u32(p, n->value->length);
	pack_bytes(p, n->value->bytes, n->value->length);
}

void record_removed(struct store *s, const char *path)
{
	struct pack *p = item(s, ITEM_REMOVED);

	if (p)
		pack_string(p, path);
}

void record_special(struct store *s, enum special which)
{
	struct pack *p = item(s, ITEM_SPECIAL);

	if (!p)
		return;
	pack_u8(p, (uint8_t)which);
	pack_perms(p, s->special[which]);
}

void record_quotas(struct store *s)
{
	struct pack *p = item(s, ITEM_QUOTAS);

	for (int i = 0; p && i < QUOTAS; i++)
		pack_u32(p, s->quotas.limit[i]);
	if (p)
		pack_u32(p, s->quotas.soft_memory);
}

void record_domain(struct store *s, const struct domain *d)
{
	struct pack *p = item(s, ITEM_DOMAIN);

	if (!p)
		return;
	pack_u32(p, d->id);
	pack_u64(p, d->generation);
	pack_bytes(p, d->handle, sizeof(d->handle));
	pack_u8(p, d->shutdown);
}

void record_domain_gone(struct store *s, uint32_t id)
{
	struct pack *p = item(s, ITEM_DOMAIN_GONE);

	if (p)
		pack_u32(p, id);
}

void record_introduced(struct store *s, const struct conn *c)
{
	const struct message *m = c->out_first;
	struct pack *p = conn_item(s, c, ITEM_INTRODUCED);

	if (!p)
		return;
	pack_u64(p, c->ring->gfn);
	pack_u32(p, c->ring->remote_port);
	pack_u32(p, c->ring->taken);
	pack_u32(p, c->ring->sent - (m ? m->sent : 0));
	pack_u32(p, c->last_transaction);
}

void record_reset(struct store *s, const struct conn *c)
{
	record_introduced(s, c);
}

void record_broken(struct store *s, const struct conn *c)
{
	struct pack *p = conn_item(s, c, ITEM_BROKEN);

	if (p)
		pack_u32(p, c->error);
}

void record_target(struct store *s, const struct conn *c)
{
	struct pack *p = conn_item(s, c, ITEM_TARGET);

	if (p)
		pack_u32(p, c->target);
}

void record_watch(struct store *s, const struct watch *w)
{
	struct pack *p = conn_item(s, w->conn, ITEM_WATCH);

	if (!p)
		return;
	pack_string(p, w->path);
	pack_string(p, w->token);
	pack_u32(p, w->relative);
}

void record_unwatch(struct store *s, const struct conn *c, const char *path,
		    const char *token)
{
	struct pack *p = conn_item(s, c, ITEM_UNWATCH);

	if (!p)
		return;
	pack_string(p, path);
	pack_string(p, token);
}

void record_unwatch_all(struct store *s, const struct conn *c)
{
	conn_item(s, c, ITEM_UNWATCH_ALL);
}

void record_transaction(struct store *s, const struct conn *c, uint32_t id,
			bool open)
{
	struct pack *p = conn_item(s, c, open ? ITEM_TRANSACTION :
				   ITEM_TRANSACTION_END);

	if (p)
		pack_u32(p, id);
}

void record_taken(struct store *s, const struct conn *c)
{
	struct pack *p = conn_item(s, c, ITEM_TAKEN);

	if (!p)
		return;
	pack_u32(p, c->ring->taken);
	pack_u32(p, c->in_used);
	pack_bytes(p, c->in, c->in_used);
}

static void pack_message(struct store *s, const struct conn *c,
			 const struct message *m, uint32_t at)
{
	struct pack *p = conn_item(s, c, ITEM_MESSAGE);

	if (!p)
		return;
	pack_u32(p, at);
	pack_u32(p, c->ring->sent);
	pack_u8(p, m->event);
	pack_u32(p, m->length);
	pack_bytes(p, m->bytes, m->length);
}

void record_message(struct store *s, const struct conn *c,
		    const struct message *m)
{
	if (c->ring)
		pack_message(s, c, m, c->ring->promised - m->length);
}

static void record_conn(struct store *s, const struct conn *c)
{
	uint32_t at = c->ring->sent - (c->out_first ? c->out_first->sent : 0);

	record_introduced(s, c);
	record_target(s, c);
	for (const struct watch *w = c->first_watch; w; w = w->next)
		record_watch(s, w);
	for (const struct transaction *tx = c->transactions; tx; tx = tx->next)
		record_transaction(s, c, tx->id, true);
	record_taken(s, c);
	for (const struct message *m = c->out_first; m; m = m->next) {
		pack_message(s, c, m, at);
		at += m->length;
	}
	if (c->broken)
		record_broken(s, c);
}

void record_all(struct store *s)
{
	record_quotas(s);
	for (int i = 0; i < SPECIALS; i++)
		record_special(s, (enum special)i);
	for (const struct domain *d = s->domains; d; d = d->next)
		record_domain(s, d);
	for (const struct conn *c = s->first_conn; c; c = c->next)
		if (c->ring)
			record_conn(s, c);
}
