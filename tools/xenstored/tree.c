/* SPDX-License-Identifier: MIT */
/* tree.c - the nodes of the store.
 *
 * Guards: finding a node costs the length of its path, however many there
 * are, and so do making one and removing one.
 * Invariant: every node but "/" is in its parent's list of children, every
 * node is in the table of paths and in the list of all nodes, each once.
 * Not here: who may (access.c), who owns how much (domain.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "path.h"
#include "tree.h"

#define FIRST_BUCKETS 256

uint64_t tree_hash_on(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		hash = (hash ^ (unsigned char)bytes[i]) *
		       0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return hash;
}

uint64_t tree_hash(const struct tree *t, const char *path, size_t length)
{
	return tree_hash_on(t->seed, path, length);
}

static struct node **bucket_of(const struct tree *t, uint64_t hash)
{
	return &t->buckets[hash & (t->bucket_count - 1)];
}

void tree_hashes(const struct tree *t, const char *path, size_t length,
		 uint64_t *hashes)
{
	uint64_t hash = tree_hash_on(t->seed, path, 1);
	size_t done = 1;

	*hashes++ = hash;
	for (size_t i = 2; i <= length; i++) {
		if (i < length && path[i] != '/')
			continue;
		hash = tree_hash_on(hash, path + done, i - done);
		done = i;
		*hashes++ = hash;
	}
}

struct node *tree_find_hashed(const struct tree *t, uint64_t hash,
			      const char *path, size_t length)
{
	struct node *n = *bucket_of(t, hash);

	while (n && (n->hash != hash || n->path_length != length ||
		     memcmp(n->path, path, length)))
		n = n->next_in_bucket;
	return n;
}

struct node *tree_find(const struct tree *t, const char *path, size_t length)
{
	return tree_find_hashed(t, tree_hash(t, path, length), path, length);
}

struct node *node_new(const char *path, struct perms *perms,
		      struct value *value)
{
	size_t length = strlen(path);
	struct node *n = malloc(sizeof(*n) + length + 1);

	if (!n)
		return NULL;
	memset(n, 0, sizeof(*n));
	n->perms = perms_get(perms);
	n->value = value_get(value);
	n->path_length = (uint32_t)length;
	memcpy(n->path, path, length + 1);
	return n;
}

void node_free(struct node *n)
{
	if (!n)
		return;
	perms_put(n->perms);
	value_put(n->value);
	free(n);
}

static int resize(struct tree *t, size_t count)
{
	struct node **buckets = calloc(count, sizeof(struct node *));

	if (!buckets)
		return -ENOMEM;
	free(t->buckets);
	t->buckets = buckets;
	t->bucket_count = count;
	for (struct node *n = t->first_made; n; n = n->next_made) {
		struct node **bucket = bucket_of(t, n->hash);

		n->next_in_bucket = *bucket;
		*bucket = n;
	}
	return 0;
}

void tree_reserve(struct tree *t, size_t more)
{
	size_t count = t->bucket_count;

	while (count < t->count + more)
		count *= 2;
	/* without memory the table gets too full, which is slow but right */
	if (count != t->bucket_count)
		resize(t, count);
}

static size_t name_bytes(const struct node *n)
{
	return strlen(path_name(n->path)) + 1;
}

static void add_child(struct node *parent, struct node *n)
{
	n->parent = parent;
	n->previous_sibling = parent->last_child;
	if (parent->last_child)
		parent->last_child->next_sibling = n;
	else
		parent->first_child = n;
	parent->last_child = n;
	parent->names_bytes += (uint32_t)name_bytes(n);
}

static void remove_child(struct node *parent, struct node *n)
{
	if (n->previous_sibling)
		n->previous_sibling->next_sibling = n->next_sibling;
	else
		parent->first_child = n->next_sibling;
	if (n->next_sibling)
		n->next_sibling->previous_sibling = n->previous_sibling;
	else
		parent->last_child = n->previous_sibling;
	n->next_sibling = n->previous_sibling = NULL;
	parent->names_bytes -= (uint32_t)name_bytes(n);
}

void tree_link(struct tree *t, struct node *n)
{
	size_t up = path_up(n->path, n->path_length);
	struct node **bucket;

	n->hash = tree_hash(t, n->path, n->path_length);
	bucket = bucket_of(t, n->hash);
	n->next_in_bucket = *bucket;
	*bucket = n;
	n->previous_made = t->last_made;
	n->next_made = NULL;
	if (t->last_made)
		t->last_made->next_made = n;
	else
		t->first_made = n;
	t->last_made = n;
	if (up)
		add_child(tree_find(t, n->path, up), n);
	else
		t->root = n;
	t->count++;
}

void tree_unlink(struct tree *t, struct node *n)
{
	struct node **link = bucket_of(t, n->hash);

	while (*link != n)
		link = &(*link)->next_in_bucket;
	*link = n->next_in_bucket;
	if (t->cursor == n)
		t->cursor = n->next_made;
	if (n->previous_made)
		n->previous_made->next_made = n->next_made;
	else
		t->first_made = n->next_made;
	if (n->next_made)
		n->next_made->previous_made = n->previous_made;
	else
		t->last_made = n->previous_made;
	if (n->parent)
		remove_child(n->parent, n);
	t->count--;
}

int tree_open(struct tree *t)
{
	static const struct perm first = { 0, 0 };
	struct perms *perms = perms_new(&first, 1, 1);
	struct value *value = value_new(NULL, 0);
	struct node *root = NULL;

	memset(t, 0, sizeof(*t));
	t->generation = 1;
	if (getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK) < 0)
		t->seed = (uintptr_t)&root;
	if (perms && value && !resize(t, FIRST_BUCKETS))
		root = node_new("/", perms, value);
	perms_put(perms);
	value_put(value);
	if (!root)
		return -ENOMEM;
	root->generation = t->generation;
	tree_link(t, root);
	return 0;
}

void tree_close(struct tree *t)
{
	struct node *n = t->first_made;

	while (n) {
		struct node *next = n->next_made;

		node_free(n);
		n = next;
	}
	free(t->buckets);
	memset(t, 0, sizeof(*t));
}
