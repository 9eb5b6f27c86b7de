/* SPDX-License-Identifier: MIT */
/* transaction.c - what a transaction has looked at and means to change.
 *
 * Guards: a transaction sees each node as it was when it first looked, or as
 * it has changed it itself, and nobody else sees anything of it.
 * Invariant: a shadow that exists has permissions and a value.
 * Not here: making it so (commit.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define FIRST_BUCKETS 16

struct transaction *transaction_new(struct conn *c, uint32_t id)
{
	struct transaction *tx = calloc(1, sizeof(*tx));

	if (!tx)
		return NULL;
	tx->buckets = calloc(FIRST_BUCKETS, sizeof(struct shadow *));
	if (!tx->buckets) {
		free(tx);
		return NULL;
	}
	tx->bucket_count = FIRST_BUCKETS;
	tx->last_made = &tx->first_made;
	tx->conn = c;
	tx->id = id;
	return tx;
}

void transaction_free(struct transaction *tx)
{
	struct shadow *sh = tx->first;

	while (sh) {
		struct shadow *next = sh->next;

		perms_put(sh->perms);
		perms_put(sh->old_perms);
		value_put(sh->value);
		node_free(sh->fresh);
		free(sh);
		sh = next;
	}
	free(tx->buckets);
	free(tx);
}

struct transaction *transaction_find(struct conn *c, uint32_t id)
{
	struct transaction *tx = c->transactions;

	while (tx && tx->id != id)
		tx = tx->next;
	return tx;
}

void transaction_add(struct conn *c, struct transaction *tx)
{
	tx->next = c->transactions;
	c->transactions = tx;
	c->domain->usage.transactions++;
}

/* A shadow counts for what it keeps from being freed, shared or not: a node
 * may get another value while the transaction still has this one. */
static uint64_t memory_for(size_t path_length, const struct perms *perms,
			   const struct value *value)
{
	uint64_t bytes = sizeof(struct shadow) + path_length;

	if (perms)
		bytes += perms->count * sizeof(perms->entry[0]);
	return value ? bytes + value->length : bytes;
}

static uint64_t memory_of(const struct shadow *sh)
{
	return memory_for(sh->path_length, sh->perms, sh->value);
}

void transaction_remove(struct conn *c, struct transaction *tx)
{
	struct transaction **link = &c->transactions;

	while (*link != tx)
		link = &(*link)->next;
	*link = tx->next;
	c->domain->usage.transactions--;
	for (const struct shadow *sh = tx->first; sh; sh = sh->next)
		c->domain->usage.memory -= memory_of(sh);
	transaction_free(tx);
}

static struct shadow **bucket_of(const struct transaction *tx, uint64_t hash)
{
	return &tx->buckets[hash & (tx->bucket_count - 1)];
}

static struct shadow *find(const struct transaction *tx, uint64_t hash,
			   const char *path, size_t length)
{
	struct shadow *sh = *bucket_of(tx, hash);

	while (sh && (sh->hash != hash || sh->path_length != length ||
		      memcmp(sh->path, path, length)))
		sh = sh->next_in_bucket;
	return sh;
}

struct shadow *transaction_known(struct store *s, struct transaction *tx,
				 const char *path, size_t length)
{
	return find(tx, tree_hash(&s->tree, path, length), path, length);
}

/* Twice as many buckets; without memory the old ones will do. */
static void grow(struct transaction *tx)
{
	size_t count = 2 * tx->bucket_count;
	struct shadow **buckets = calloc(count, sizeof(struct shadow *));

	if (!buckets)
		return;
	free(tx->buckets);
	tx->buckets = buckets;
	tx->bucket_count = count;
	for (struct shadow *sh = tx->first; sh; sh = sh->next) {
		struct shadow **bucket = bucket_of(tx, sh->hash);

		sh->next_in_bucket = *bucket;
		*bucket = sh;
	}
}

static int may_grow(struct store *s, struct transaction *tx, uint64_t bytes)
{
	struct conn *c = tx->conn;
	struct usage *usage = &c->domain->usage;

	if (tx->single)
		return 0;
	if (!quota_allows(&s->quotas, QUOTA_TRANSACTION_NODES, c->id, usage,
			  tx->count + 1))
		return -ENOSPC;
	if (!quota_allows(&s->quotas, QUOTA_MEMORY, c->id, usage,
			  usage->memory + bytes))
		return -ENOMEM;
	return 0;
}

int transaction_look(struct store *s, struct transaction *tx,
		     uint64_t hash, const char *path, size_t length,
		     struct shadow **out)
{
	struct shadow *sh = find(tx, hash, path, length);
	const struct node *n;
	struct shadow **bucket;
	int rc;

	*out = sh;
	if (sh)
		return 0;
	n = tree_find_hashed(&s->tree, hash, path, length);
	rc = may_grow(s, tx, memory_for(length, n ? n->perms : NULL,
					n ? n->value : NULL));
	if (rc)
		return rc;
	sh = calloc(1, sizeof(*sh) + length + 1);
	if (!sh)
		return -ENOMEM;
	sh->hash = hash;
	sh->path_length = (uint32_t)length;
	memcpy(sh->path, path, length);
	if (n) {
		sh->exists = true;
		sh->generation = n->generation;
		sh->perms = perms_get(n->perms);
		sh->value = value_get(n->value);
		sh->names_bytes = n->names_bytes;
	}
	if (tx->count >= 2 * tx->bucket_count)
		grow(tx);
	bucket = bucket_of(tx, hash);
	sh->next_in_bucket = *bucket;
	*bucket = sh;
	if (tx->last)
		tx->last->next = sh;
	else
		tx->first = sh;
	tx->last = sh;
	tx->count++;
	if (!tx->single)
		tx->conn->domain->usage.memory += memory_of(sh);
	*out = sh;
	return 0;
}

void shadow_put(struct transaction *tx, struct shadow *sh,
		struct perms *perms, struct value *value)
{
	struct usage *usage = &tx->conn->domain->usage;

	if (!tx->single) {
		usage->memory -= memory_of(sh);
		usage->memory += memory_for(sh->path_length, perms, value);
	}
	perms_get(perms);
	value_get(value);
	perms_put(sh->perms);
	value_put(sh->value);
	sh->perms = perms;
	sh->value = value;
	sh->exists = true;
	sh->modified = true;
}

void shadow_made(struct transaction *tx, struct shadow *sh)
{
	sh->made = true;
	sh->names_bytes = 0;
	sh->next_made = NULL;
	sh->made_link = tx->last_made;
	*tx->last_made = sh;
	tx->last_made = &sh->next_made;
}

void shadow_removed(struct transaction *tx, struct shadow *sh)
{
	sh->exists = false;
	sh->modified = true;
	if (!sh->made)
		return;
	sh->made = false;
	*sh->made_link = sh->next_made;
	if (sh->next_made)
		sh->next_made->made_link = sh->made_link;
	else
		tx->last_made = sh->made_link;
}

void shadow_fire(struct transaction *tx, struct shadow *sh, bool exact)
{
	sh->exact = exact;
	if (sh->fire)
		return;
	sh->fire = true;
	if (tx->last_fired)
		tx->last_fired->next_fired = sh;
	else
		tx->first_fired = sh;
	tx->last_fired = sh;
}
