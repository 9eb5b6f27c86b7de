/* SPDX-License-Identifier: MIT */
/* transaction.h - changes that are made together, or not at all.
 *
 * A transaction keeps a shadow of each node it has looked at: what it was
 * then and what it shall be. Every request that changes nodes is one, if
 * need be one of its own.
 */
#ifndef XENSTORED_TRANSACTION_H
#define XENSTORED_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct domain;
struct node;
struct perms;
struct store;
struct value;

struct shadow {
	struct shadow *next_in_bucket;
	uint64_t hash;
	/* in the order in which they were first looked at */
	struct shadow *next;
	/* those made here, in the order in which they were last made */
	struct shadow *next_made, **made_link;
	/* the node's when it was first looked at; 0: there was none */
	uint64_t generation;
	bool exists;
	/* there is something to do at the end */
	bool modified;
	/* made here: it comes after its older siblings */
	bool made;
	/* tell the watches, as exactly this node or with those above */
	bool fire;
	bool exact;
	/* in the order in which that was decided */
	struct shadow *next_fired;
	struct perms *perms;
	struct value *value;
	/* whoever could read it before set_perms hears of it too */
	struct perms *old_perms;
	/* of the children's names */
	uint32_t names_bytes;
	/* the node to be linked, prepared before anything is changed */
	struct node *fresh;
	uint32_t path_length;
	char path[];
};

struct transaction {
	struct transaction *next;
	uint32_t id;
	struct conn *conn;
	struct shadow *first, *last;
	struct shadow *first_made, **last_made;
	struct shadow *first_fired, *last_fired;
	struct shadow **buckets;
	size_t bucket_count;
	size_t count;
	/* nodes its client will have more, or fewer */
	int64_t more_nodes;
	/* of one request only */
	bool single;
	/* the daemon was restarted in between: it cannot succeed */
	bool lost;
	/* a limit or memory refused a part of it: it cannot succeed either */
	bool failed;
};

struct transaction *transaction_new(struct conn *conn, uint32_t id);
void transaction_free(struct transaction *tx);

/* NULL when the connection has no such transaction. */
struct transaction *transaction_find(struct conn *conn, uint32_t id);
void transaction_add(struct conn *conn, struct transaction *tx);
void transaction_remove(struct conn *conn, struct transaction *tx);

/* The shadow of this node (and its hash), made if need be; -ENOMEM, or -ENOSPC when the
 * transaction has looked at too many. */
int transaction_look(struct store *s, struct transaction *tx,
		     uint64_t hash, const char *path, size_t length,
		     struct shadow **out);

/* The same if there is one already, else NULL. */
struct shadow *transaction_known(struct store *s, struct transaction *tx,
				 const char *path, size_t length);

/* Changes to a shadow. */
void shadow_put(struct transaction *tx, struct shadow *shadow,
		struct perms *perms, struct value *value);
void shadow_made(struct transaction *tx, struct shadow *shadow);
void shadow_removed(struct transaction *tx, struct shadow *shadow);
void shadow_fire(struct transaction *tx, struct shadow *shadow, bool exact);

/* commit.c: makes it all so. -EAGAIN when a node has been changed since it
 * was looked at, -ENOMEM, -ENOSPC; then nothing has been changed. */
int transaction_commit(struct store *s, struct transaction *tx);

#endif
