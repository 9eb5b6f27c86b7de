/* SPDX-License-Identifier: MIT */
/* tree.h - the nodes of the store. */
#ifndef XENSTORED_TREE_H
#define XENSTORED_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "perms.h"

struct node {
	struct node *next_in_bucket;
	uint64_t hash;
	struct node *parent;
	/* children in the order in which they were made */
	struct node *first_child, *last_child;
	struct node *next_sibling, *previous_sibling;
	/* all nodes, older before newer: a parent before its children */
	struct node *next_made, *previous_made;
	/* nodes of one owner, in no order */
	struct node *next_owned, **owned_link;
	/* of the last change to the value, the permissions or the children */
	uint64_t generation;
	struct perms *perms;
	struct value *value;
	/* of the children's names with their final zeros */
	uint32_t names_bytes;
	uint32_t path_length;
	char path[];
};

struct tree {
	struct node *root;
	struct node *first_made, *last_made;
	struct node **buckets;
	size_t bucket_count;
	size_t count;
	/* the last one given out; never 0 for a node that exists */
	uint64_t generation;
	uint64_t seed;
	/* snapshot.c's place in the list of all nodes; moves on when that node
	 * goes */
	struct node *cursor;
};

/* Makes a tree of "/" alone, readable by domain 0 only. */
int tree_open(struct tree *tree);
void tree_close(struct tree *tree);

uint64_t tree_hash(const struct tree *tree, const char *path, size_t length);

/* From the hash of the bytes before to the hash with these. */
uint64_t tree_hash_on(uint64_t hash, const char *bytes, size_t length);

/* The hashes of the path and of each one above it, by depth: of "/" first.
 * There are path_depth + 1. */
void tree_hashes(const struct tree *tree, const char *path, size_t length,
		 uint64_t *hashes);

/* The same as tree_find for who has the hash already: a walk over all that is
 * above a path must not begin anew at each. */
struct node *tree_find_hashed(const struct tree *tree, uint64_t hash,
			      const char *path, size_t length);

/* NULL when there is none. */
struct node *tree_find(const struct tree *tree, const char *path,
		       size_t length);

/* A node that is in no tree yet; takes references of its own. */
struct node *node_new(const char *path, struct perms *perms,
		      struct value *value);
void node_free(struct node *node);

/* Makes the table of paths large enough for `more` nodes, if it can. */
void tree_reserve(struct tree *tree, size_t more);

/* Links a new node as the last child of its parent, which exists. */
void tree_link(struct tree *tree, struct node *node);

/* Takes out a node that has no children; the caller frees it. */
void tree_unlink(struct tree *tree, struct node *node);

#endif
