/* SPDX-License-Identifier: MIT */
/* commit.c - a transaction's changes become the store's.
 *
 * Guards: all of them or none. What can fail (conflict, limits, memory) comes
 * before the first change.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "record.h"
#include "store.h"

static struct node *node_of(const struct store *s, const struct shadow *sh)
{
	return tree_find_hashed(&s->tree, sh->hash, sh->path, sh->path_length);
}

static bool conflicts(const struct store *s, const struct transaction *tx)
{
	for (const struct shadow *sh = tx->first; sh; sh = sh->next) {
		const struct node *n = node_of(s, sh);

		if ((n ? n->generation : 0) != sh->generation)
			return true;
	}
	return false;
}

/* Parents before children; of the same depth in the order of making. */
static int by_depth(const void *left, const void *right)
{
	const struct shadow *a = *(const struct shadow *const *)left;
	const struct shadow *b = *(const struct shadow *const *)right;
	unsigned int depth_a = path_depth(a->path);
	unsigned int depth_b = path_depth(b->path);

	return depth_a < depth_b ? -1 : depth_a > depth_b;
}

struct changes {
	/* nodes that go, shallow ones first, and nodes that come or come anew */
	struct shadow **gone;
	size_t gone_count;
	struct shadow **made;
	size_t made_count;
};

/* A node that was removed and made again is both. */
static int sort_out(struct store *s, struct transaction *tx,
		    struct changes *ch)
{
	struct shadow **list = calloc(2 * tx->count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	ch->gone = list;
	ch->made = list + tx->count;
	ch->gone_count = ch->made_count = 0;
	for (struct shadow *sh = tx->first; sh; sh = sh->next)
		if (sh->modified && sh->generation &&
		    (!sh->exists || sh->made))
			ch->gone[ch->gone_count++] = sh;
	for (struct shadow *sh = tx->first_made; sh; sh = sh->next_made) {
		sh->fresh = node_new(sh->path, sh->perms, sh->value);
		if (!sh->fresh) {
			free(list);
			return -ENOMEM;
		}
		ch->made[ch->made_count++] = sh;
	}
	qsort(ch->gone, ch->gone_count, sizeof(*list), by_depth);
	/* made in order: a node's parent is always made before it */
	tree_reserve(&s->tree, ch->made_count);
	return 0;
}

/* Whoever may hear of this change, taken before anything is changed. */
static struct audience audience_of(struct store *s, struct transaction *tx,
				   const struct shadow *sh)
{
	struct audience a = { 0 };
	const struct node *old = node_of(s, sh);
	size_t up = path_up(sh->path, sh->path_length);
	const struct shadow *parent;
	const struct node *above;

	a.now = sh->exists ? sh->perms : old ? old->perms : NULL;
	a.before = sh->old_perms;
	if (!up)
		return a;
	parent = transaction_known(s, tx, sh->path, up);
	above = tree_find(&s->tree, sh->path, up);
	if (parent && parent->exists)
		a.parent = parent->perms;
	else if (above)
		a.parent = above->perms;
	return a;
}

/* A request of its own tells children before parents, as they went; a
 * transaction tells its nodes in the order in which it came to them. */
static void fire(struct store *s, struct transaction *tx)
{
	const struct shadow *sh = tx->single ? tx->first_fired : tx->first;

	for (; sh; sh = tx->single ? sh->next_fired : sh->next) {
		struct audience a;

		/* one that only a transaction ever saw is no news */
		if (!sh->fire || (!sh->exists && !sh->generation))
			continue;
		a = audience_of(s, tx, sh);
		watch_fire(s, sh->path, sh->exact, &a);
	}
}

static void change(struct store *s, struct shadow *sh)
{
	struct node *n = node_of(s, sh);

	domain_disown(s, n);
	perms_get(sh->perms);
	value_get(sh->value);
	perms_put(n->perms);
	value_put(n->value);
	n->perms = sh->perms;
	n->value = sh->value;
	n->generation = ++s->tree.generation;
	domain_own(s, n);
	record_node(s, n);
}

static void perform(struct store *s, struct transaction *tx,
		    const struct changes *ch)
{
	for (size_t i = ch->gone_count; i-- > 0;) {
		struct node *n = node_of(s, ch->gone[i]);

		record_removed(s, n->path);
		domain_disown(s, n);
		tree_unlink(&s->tree, n);
		node_free(n);
	}
	for (size_t i = 0; i < ch->made_count; i++) {
		struct node *n = ch->made[i]->fresh;

		ch->made[i]->fresh = NULL;
		n->generation = ++s->tree.generation;
		tree_link(&s->tree, n);
		domain_own(s, n);
		record_node(s, n);
	}
	for (struct shadow *sh = tx->first; sh; sh = sh->next)
		if (sh->modified && sh->exists && !sh->made)
			change(s, sh);
}

/* The nodes its client will have more must be allowed at the end too. */
static int within_limits(struct store *s, struct transaction *tx)
{
	struct conn *c = tx->conn;
	int64_t nodes = (int64_t)c->domain->usage.nodes + tx->more_nodes;

	if (tx->more_nodes > 0 &&
	    !quota_allows(&s->quotas, QUOTA_NODES, c->id, &c->domain->usage,
			  (uint64_t)nodes))
		return -ENOSPC;
	return 0;
}

int transaction_commit(struct store *s, struct transaction *tx)
{
	struct changes ch;
	int rc;

	if (tx->failed)
		return -ENOMEM;
	rc = within_limits(s, tx);
	if (rc)
		return rc;
	if (tx->lost || (!tx->single && conflicts(s, tx)))
		return -EAGAIN;
	rc = sort_out(s, tx, &ch);
	if (rc)
		return rc;
	fire(s, tx);
	perform(s, tx, &ch);
	quota_warn(&s->quotas, tx->conn->id, &tx->conn->domain->usage);
	free(ch.gone);
	return 0;
}
