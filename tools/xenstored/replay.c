/* SPDX-License-Identifier: MIT */
/* replay.c - the journal's items become the store again.
 *
 * Guards: a state file is data, not truth: every length and number in it is
 * checked, and what makes no sense is left out.
 * Rings have no page yet; store_reattach maps them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "record.h"
#include "replay.h"
#include "ring.h"

#define PERMS_MAX 4096U

static struct perms *take_perms(struct unpack *u)
{
	uint64_t generation = unpack_u64(u);
	uint32_t count = unpack_u32(u);
	const char *bytes;
	struct perms *perms;
	struct perm none = { 0 };

	if (!count || count > PERMS_MAX) {
		u->failed = true;
		return NULL;
	}
	bytes = unpack_bytes(u, count * sizeof(none));
	if (!bytes)
		return NULL;
	perms = malloc(sizeof(*perms) + count * sizeof(none));
	if (!perms)
		return NULL;
	perms->references = 1;
	perms->generation = generation;
	perms->count = count;
	memcpy(perms->entry, bytes, count * sizeof(none));
	return perms;
}

/* A canonical path whose parent is there. */
static bool fits(const struct store *s, const char *path)
{
	char canonical[PATH_ROOM_MAX];
	size_t relative;

	return path[0] == '/' &&
	       path_canonical(canonical, path, 0, PATH_ROOM_MAX, &relative) &&
	       (path[1] == '\0' ||
		tree_find(&s->tree, path, path_up(path, strlen(path))));
}

static int put_node(struct store *s, const char *path, uint64_t generation,
		    struct perms *perms, struct value *value)
{
	struct node *n = tree_find(&s->tree, path, strlen(path));

	if (n) {
		domain_disown(s, n);
		perms_get(perms);
		value_get(value);
		perms_put(n->perms);
		value_put(n->value);
		n->perms = perms;
		n->value = value;
	} else {
		n = node_new(path, perms, value);
		if (!n)
			return -ENOMEM;
		tree_reserve(&s->tree, 1);
		tree_link(&s->tree, n);
	}
	n->generation = generation;
	domain_own(s, n);
	return 0;
}

static int replay_node(struct store *s, struct unpack *u)
{
	const char *path = unpack_string(u);
	uint64_t generation = unpack_u64(u);
	struct perms *perms = take_perms(u);
	uint32_t length = unpack_u32(u);
	const char *bytes = unpack_bytes(u, length);
	struct value *value = bytes ? value_new(bytes, length) : NULL;
	int rc = u->failed ? -EINVAL : perms && value ? 0 : -ENOMEM;

	if (!rc && fits(s, path))
		rc = put_node(s, path, generation, perms, value);
	if (generation > s->tree.generation)
		s->tree.generation = generation;
	perms_put(perms);
	value_put(value);
	return rc;
}

static int replay_removed(struct store *s, struct unpack *u)
{
	const char *path = unpack_string(u);
	struct node *top = tree_find(&s->tree, path, strlen(path));
	struct node *n = top;

	if (!top || !top->parent)
		return 0;
	/* the deepest first */
	for (;;) {
		struct node *parent = n->parent;

		if (n->first_child) {
			n = n->first_child;
			continue;
		}
		domain_disown(s, n);
		tree_unlink(&s->tree, n);
		if (n == top)
			break;
		node_free(n);
		n = parent;
	}
	node_free(n);
	return 0;
}

static int replay_special(struct store *s, struct unpack *u)
{
	uint8_t which = unpack_u8(u);
	struct perms *perms = take_perms(u);

	if (!perms)
		return u->failed ? -EINVAL : -ENOMEM;
	if (which >= SPECIALS) {
		perms_put(perms);
		return -EINVAL;
	}
	perms_put(s->special[which]);
	s->special[which] = perms;
	return 0;
}

static int replay_quotas(struct store *s, struct unpack *u)
{
	for (int i = 0; i < QUOTAS; i++)
		s->quotas.limit[i] = unpack_u32(u);
	s->quotas.soft_memory = unpack_u32(u);
	return 0;
}

static int replay_domain(struct store *s, struct unpack *u)
{
	uint32_t id = unpack_u32(u);
	uint64_t generation = unpack_u64(u);
	const char *handle = unpack_bytes(u, 16);
	bool shutdown = unpack_u8(u);
	struct domain *d = domain_find(s, id);

	if (u->failed)
		return -EINVAL;
	if (generation > s->tree.generation)
		s->tree.generation = generation;
	if (!d)
		d = domain_add(s, id, generation, (const uint8_t *)handle,
			       shutdown);
	if (!d)
		return -ENOMEM;
	d->shutdown = shutdown;
	return 0;
}

static int replay_domain_gone(struct store *s, struct unpack *u)
{
	struct domain *d = domain_find(s, unpack_u32(u));

	if (d && d->id)
		domain_drop(s, d);
	return 0;
}

static int replay_introduced(struct store *s, struct domain *d,
			     struct unpack *u)
{
	uint64_t gfn = unpack_u64(u);
	uint32_t port = unpack_u32(u);
	uint32_t taken = unpack_u32(u);
	uint32_t sent = unpack_u32(u);
	uint32_t last = unpack_u32(u);
	struct conn *c = d->conn;
	struct ring *r = c ? c->ring : calloc(1, sizeof(*r));

	if (!c)
		c = conn_open(s, d);
	if (!c || !r)
		return -ENOMEM;
	conn_reset(s, c);
	d->conn = c;
	c->ring = r;
	c->last_transaction = last;
	r->gfn = gfn;
	r->remote_port = port;
	r->port = -1;
	r->taken = taken;
	r->sent = r->promised = sent;
	return 0;
}

static int replay_watch(struct store *s, struct conn *c, struct unpack *u)
{
	const char *path = unpack_string(u);
	const char *token = unpack_string(u);
	uint32_t relative = unpack_u32(u);
	struct watch *w;

	if (u->failed || strlen(path) >= PATH_ROOM_MAX ||
	    relative > strlen(path) || (path[0] != '/' && path[0] != '@'))
		return -EINVAL;
	if (watch_known(s, c, path, token))
		return 0;
	return watch_add(s, c, path, token, relative, &w);
}

static int replay_unwatch(struct store *s, struct conn *c, struct unpack *u)
{
	const char *path = unpack_string(u);
	const char *token = unpack_string(u);

	watch_remove(s, c, path, token);
	return 0;
}

static int replay_transaction(struct conn *c, uint32_t id)
{
	struct transaction *tx;

	if (transaction_find(c, id))
		return 0;
	tx = transaction_new(c, id);
	if (!tx)
		return -ENOMEM;
	tx->lost = true;
	transaction_add(c, tx);
	if (id > c->last_transaction)
		c->last_transaction = id;
	return 0;
}

static void replay_unwatch_all(struct store *s, struct conn *c)
{
	watch_remove_all(s, c);
	while (c->transactions)
		transaction_remove(c, c->transactions);
}

static int replay_taken(struct conn *c, struct unpack *u)
{
	uint32_t taken = unpack_u32(u);
	uint32_t count = unpack_u32(u);
	const char *bytes = unpack_bytes(u, count);

	if (!bytes || count >= sizeof(c->in))
		return -EINVAL;
	memcpy(c->in, bytes, count);
	c->in_used = count;
	c->ring->taken = taken;
	return 0;
}

/* Forgets the messages that had been sent by then. */
static void trim(struct store *s, struct conn *c, uint32_t sent)
{
	struct ring *r = c->ring;
	struct message *m;

	while ((m = c->out_first) &&
	       (int32_t)(sent - (r->sent + m->length)) >= 0) {
		r->sent += m->length;
		conn_sent(s, c, m->length);
	}
}

static int replay_message(struct store *s, struct conn *c, struct unpack *u)
{
	uint32_t at = unpack_u32(u);
	uint32_t sent = unpack_u32(u);
	bool event = unpack_u8(u);
	uint32_t length = unpack_u32(u);
	const char *bytes = unpack_bytes(u, length);
	struct message *m;

	if (!bytes || length < sizeof(struct xsd_sockmsg) ||
	    length > MESSAGE_MAX)
		return -EINVAL;
	trim(s, c, sent);
	if (at != c->ring->promised)
		return 0;
	m = malloc(sizeof(*m) + length);
	if (!m)
		return -ENOMEM;
	m->next = NULL;
	m->length = length;
	m->sent = 0;
	m->event = event;
	memcpy(m->bytes, bytes, length);
	conn_queue(s, c, m);
	return 0;
}

static void replay_end(struct conn *c, uint32_t id)
{
	struct transaction *tx = transaction_find(c, id);

	if (tx)
		transaction_remove(c, tx);
}

/* The items about one domain's connection. */
static int replay_conn(struct store *s, enum item kind, struct unpack *u)
{
	struct domain *d = domain_find(s, unpack_u32(u));
	struct conn *c = d ? d->conn : NULL;
	uint32_t id;

	if (!d || (!c && kind != ITEM_INTRODUCED))
		return -EINVAL;
	switch (kind) {
	case ITEM_INTRODUCED:
		return replay_introduced(s, d, u);
	case ITEM_BROKEN:
		conn_reset(s, c);
		c->error = unpack_u32(u);
		c->broken = "it was broken before";
		c->dropped = true;
		return 0;
	case ITEM_TARGET:
		c->target = unpack_u32(u);
		return 0;
	case ITEM_WATCH:
		return replay_watch(s, c, u);
	case ITEM_UNWATCH:
		return replay_unwatch(s, c, u);
	case ITEM_UNWATCH_ALL:
		replay_unwatch_all(s, c);
		return 0;
	case ITEM_TRANSACTION:
		return replay_transaction(c, unpack_u32(u));
	case ITEM_TRANSACTION_END:
		id = unpack_u32(u);
		replay_end(c, id);
		return 0;
	case ITEM_TAKEN:
		return replay_taken(c, u);
	case ITEM_MESSAGE:
		return replay_message(s, c, u);
	default:
		return -EINVAL;
	}
}

static int replay_one(struct store *s, struct unpack *u)
{
	enum item kind = (enum item)unpack_u8(u);

	switch (kind) {
	case ITEM_NODE:
		return replay_node(s, u);
	case ITEM_REMOVED:
		return replay_removed(s, u);
	case ITEM_SPECIAL:
		return replay_special(s, u);
	case ITEM_QUOTAS:
		return replay_quotas(s, u);
	case ITEM_DOMAIN:
		return replay_domain(s, u);
	case ITEM_DOMAIN_GONE:
		return replay_domain_gone(s, u);
	default:
		return replay_conn(s, kind, u);
	}
}

int record_replay(struct store *s, struct unpack *u)
{
	int rc = 0;

	while (!rc && u->left && !u->failed)
		rc = replay_one(s, u);
	return rc ? rc : u->failed ? -EINVAL : 0;
}
