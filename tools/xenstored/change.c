/* SPDX-License-Identifier: MIT */
/* change.c - changes to nodes, as shadows of a transaction.
 *
 * Guards: limits are looked at, and memory is had, before the first shadow
 * changes; until then a transaction has only looked at more nodes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "request.h"
#include "store.h"

/* What a node's own bookkeeping counts for in the limit of its size. */
#define NODE_OVERHEAD 24

static bool small_enough(struct request *r, const struct perms *perms,
			 uint64_t value_bytes, uint64_t names_bytes)
{
	struct conn *c = r->conn;
	uint64_t bytes = NODE_OVERHEAD + value_bytes + names_bytes +
			 perms->count * sizeof(perms->entry[0]);

	if (conn_privileged(c) || bytes < r->s->quotas.limit[QUOTA_NODE_SIZE])
		return true;
	quota_refused(&r->s->quotas, QUOTA_NODE_SIZE, c->id,
		      &c->domain->usage, bytes);
	return false;
}

static bool memory_allowed(struct request *r, uint64_t bytes)
{
	struct usage *usage = &r->conn->domain->usage;

	return quota_allows(&r->s->quotas, QUOTA_MEMORY, r->conn->id, usage,
			    usage->memory + bytes);
}

/* The shadow of what has been looked at is there. */
static struct shadow *shadow_of(struct request *r, const char *path,
				size_t length)
{
	return transaction_known(r->s, r->tx, path, length);
}

int change_value(struct request *r, const struct seen *seen, const void *bytes,
		 uint32_t count)
{
	struct shadow *sh = shadow_of(r, seen->path, seen->path_length);
	struct value *value;

	if (!small_enough(r, seen->perms, count, seen->names_bytes))
		return -ENOSPC;
	if (!memory_allowed(r, count))
		return -ENOMEM;
	value = value_new(bytes, count);
	if (!value)
		return -ENOMEM;
	shadow_put(r->tx, sh, sh->perms, value);
	value_put(value);
	shadow_fire(r->tx, sh, false);
	return 0;
}

/* The nodes to be made, the deepest first, and the one they hang on. */
struct chain {
	struct shadow *missing[LEVELS_MAX];
	size_t count;
	struct shadow *above;
};

static int find_chain(struct request *r, const struct seen *seen,
		      struct chain *ch)
{
	size_t length = seen->path_length;
	unsigned int depth = path_depth(seen->path);
	uint64_t hashes[LEVELS_MAX];
	int rc;

	tree_hashes(&r->s->tree, seen->path, length, hashes);
	ch->count = 0;
	for (;;) {
		rc = transaction_look(r->s, r->tx, hashes[depth--], seen->path,
				      length, &ch->above);
		if (rc || ch->above->exists)
			return rc;
		ch->missing[ch->count++] = ch->above;
		length = path_up(seen->path, length);
	}
}

static size_t name_bytes(const struct shadow *sh)
{
	return strlen(path_name(sh->path)) + 1;
}

static int chain_allowed(struct request *r, const struct chain *ch,
			 uint32_t value_bytes)
{
	const struct perms *perms = ch->above->perms;
	struct usage *usage = &r->conn->domain->usage;
	uint64_t memory = value_bytes;
	int64_t nodes = (int64_t)usage->nodes + r->tx->more_nodes;

	if (!quota_allows(&r->s->quotas, QUOTA_NODES, r->conn->id, usage,
			  (uint64_t)nodes + ch->count))
		return -ENOSPC;
	if (!small_enough(r, perms, ch->above->value->length,
			  ch->above->names_bytes +
			  name_bytes(ch->missing[ch->count - 1])) ||
	    !small_enough(r, perms, value_bytes, 0))
		return -ENOSPC;
	for (size_t i = 0; i < ch->count; i++)
		memory += sizeof(struct node) + ch->missing[i]->path_length +
			  perms->count * sizeof(perms->entry[0]);
	return memory_allowed(r, memory) ? 0 : -ENOMEM;
}

/* The parent's, but a domain owns what it makes. The list is of now, then, and
 * must not name domains whose predecessors the parent's meant. */
static struct perms *inherit(struct request *r, struct perms *parent)
{
	uint32_t id = r->conn->id;
	uint32_t kept = 1;
	struct perms *own;

	if (conn_privileged(r->conn) ||
	    (parent->entry[0].id == id &&
	     r->conn->domain->generation <= parent->generation))
		return perms_get(parent);
	own = perms_new(parent->entry, parent->count, r->s->tree.generation);
	if (!own)
		return NULL;
	own->entry[0].id = id;
	for (uint32_t i = 1; i < parent->count; i++)
		if (!domain_find(r->s, parent->entry[i].id) ||
		    domain_is_meant(r->s, parent->entry[i].id, parent))
			own->entry[kept++] = parent->entry[i];
	own->count = kept;
	return own;
}

static void make_chain(struct request *r, const struct chain *ch,
		       struct perms *perms, struct value *value,
		       struct value *empty)
{
	struct shadow *parent = ch->above;

	for (size_t i = ch->count; i-- > 0;) {
		struct shadow *sh = ch->missing[i];

		shadow_put(r->tx, sh, perms, i ? empty : value);
		shadow_made(r->tx, sh);
		parent->names_bytes += (uint32_t)name_bytes(sh);
		parent->modified = true;
		parent = sh;
	}
	shadow_fire(r->tx, parent, false);
	if (perms->entry[0].id == r->conn->id)
		r->tx->more_nodes += (int64_t)ch->count;
}

int change_create(struct request *r, const struct seen *seen,
		  const void *bytes, uint32_t count)
{
	struct chain *ch = malloc(sizeof(*ch));
	struct value *value = value_new(bytes, count);
	struct value *empty = value_new(NULL, 0);
	struct perms *perms = NULL;
	int rc = -ENOMEM;

	if (!ch || !value || !empty)
		goto out;
	rc = find_chain(r, seen, ch);
	if (!rc)
		rc = chain_allowed(r, ch, count);
	if (rc)
		goto out;
	perms = inherit(r, ch->above->perms);
	if (perms)
		make_chain(r, ch, perms, value, empty);
	else
		rc = -ENOMEM;
out:
	perms_put(perms);
	value_put(empty);
	value_put(value);
	free(ch);
	return rc;
}

int change_perms(struct request *r, const struct seen *seen,
		 struct perms *perms)
{
	struct shadow *sh = shadow_of(r, seen->path, seen->path_length);

	if (!small_enough(r, perms, seen->value->length, seen->names_bytes))
		return -ENOSPC;
	if (!memory_allowed(r, perms->count * sizeof(perms->entry[0])))
		return -ENOMEM;
	if (!sh->old_perms)
		sh->old_perms = perms_get(sh->perms);
	shadow_put(r->tx, sh, perms, sh->value);
	shadow_fire(r->tx, sh, false);
	return 0;
}

/* A growing list of shadows. */
struct pile {
	struct request *r;
	struct shadow **list;
	size_t count, room;
	const char *path;
	size_t path_length;
};

static int pile_add(struct pile *p, struct shadow *sh)
{
	struct shadow **more;

	if (p->count == p->room) {
		size_t room = p->room ? 2 * p->room : 16;

		more = realloc(p->list, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		p->list = more;
		p->room = room;
	}
	p->list[p->count++] = sh;
	return 0;
}

static int add_child(void *context, const char *name)
{
	struct pile *p = context;
	char path[PATH_ROOM_MAX];
	size_t length = p->path_length;
	size_t name_length = strlen(name);
	struct shadow *sh;
	int rc;

	memcpy(path, p->path, length);
	if (length > 1)
		path[length++] = '/';
	memcpy(path + length, name, name_length + 1);
	length += name_length;
	rc = transaction_look(p->r->s, p->r->tx,
			      tree_hash(&p->r->s->tree, path, length), path,
			      length, &sh);
	return rc ? rc : pile_add(p, sh);
}

/* The node and all below it, each after its own children, in reverse. */
static int find_below(struct request *r, struct shadow *top,
		      struct pile *found)
{
	struct pile open = { .r = r };
	struct seen seen;
	int rc = pile_add(&open, top);

	while (!rc && open.count) {
		struct shadow *sh = open.list[--open.count];

		rc = pile_add(found, sh);
		if (rc)
			break;
		memcpy(seen.path, sh->path, sh->path_length + 1);
		seen.path_length = sh->path_length;
		open.path = sh->path;
		open.path_length = sh->path_length;
		rc = access_children(r, &seen, add_child, &open);
	}
	free(open.list);
	return rc;
}

int change_remove(struct request *r, const struct seen *seen)
{
	struct shadow *top = shadow_of(r, seen->path, seen->path_length);
	size_t up = path_up(seen->path, seen->path_length);
	struct shadow *parent;
	struct pile found = { .r = r };
	int rc;

	rc = transaction_look(r->s, r->tx,
			      tree_hash(&r->s->tree, seen->path, up),
			      seen->path, up, &parent);
	if (!rc)
		rc = find_below(r, top, &found);
	for (size_t i = rc ? 0 : found.count; i-- > 0;) {
		struct shadow *sh = found.list[i];

		if (sh->perms->entry[0].id == r->conn->id)
			r->tx->more_nodes--;
		shadow_removed(r->tx, sh);
		shadow_fire(r->tx, sh, sh != top);
	}
	if (!rc) {
		parent->names_bytes -= (uint32_t)name_bytes(top);
		parent->modified = true;
	}
	free(found.list);
	return rc;
}
