/* SPDX-License-Identifier: MIT */
/* access.c - what a request may see, and what it sees.
 *
 * Guards: every look at a node goes through the request's transaction, if it
 * has one, and through the node's permissions. Whoever may not read a node's
 * surroundings does not learn whether it exists.
 */
#include <errno.h>
#include <string.h>

#include "path.h"
#include "request.h"
#include "store.h"

static int look(struct request *r, uint64_t hash, const char *path,
		size_t length, struct seen *seen)
{
	struct shadow *sh;
	const struct node *n;
	int rc;

	if (r->tx) {
		rc = transaction_look(r->s, r->tx, hash, path, length, &sh);
		if (rc)
			return rc;
		seen->exists = sh->exists;
		seen->generation = sh->generation;
		seen->perms = sh->perms;
		seen->value = sh->value;
		seen->names_bytes = sh->names_bytes;
		return 0;
	}
	n = tree_find_hashed(&r->s->tree, hash, path, length);
	seen->exists = n != NULL;
	if (n) {
		seen->generation = n->generation;
		seen->perms = n->perms;
		seen->value = n->value;
		seen->names_bytes = n->names_bytes;
	}
	return 0;
}

static int look_at(struct request *r, struct seen *seen)
{
	uint64_t hash = tree_hash(&r->s->tree, seen->path, seen->path_length);

	return look(r, hash, seen->path, seen->path_length, seen);
}

static int name_path(struct request *r, const char *name, struct seen *seen)
{
	struct conn *c = r->conn;
	unsigned int limit = r->s->quotas.limit[QUOTA_PATH_MAX];
	size_t relative;

	if (!path_canonical(seen->path, name, c->id, limit, &relative)) {
		if (strlen(name) > limit)
			quota_refused(&r->s->quotas, QUOTA_PATH_MAX, c->id,
				      &c->domain->usage, strlen(name));
		return -EINVAL;
	}
	seen->path_length = strlen(seen->path);
	return 0;
}

int access_look(struct request *r, const char *name, struct seen *seen)
{
	int rc = name_path(r, name, seen);

	return rc ? rc : look_at(r, seen);
}

int access_known(struct request *r, const struct node *n, struct seen *seen)
{
	memcpy(seen->path, n->path, n->path_length + 1);
	seen->path_length = n->path_length;
	return look_at(r, seen);
}

/* Which error tells no more than the client may know. */
static int error_of_absence(struct request *r, const struct seen *seen,
			    uint32_t rights)
{
	size_t length = seen->path_length;
	unsigned int depth = path_depth(seen->path);
	uint64_t hashes[LEVELS_MAX];
	struct seen above;
	int rc;

	tree_hashes(&r->s->tree, seen->path, length, hashes);
	do {
		length = path_up(seen->path, length);
		rc = look(r, hashes[--depth], seen->path, length, &above);
		if (rc)
			return rc;
	} while (!above.exists);
	return (store_rights(r->s, r->conn, above.perms) & rights) == rights ?
	       -ENOENT : -EACCES;
}

int access_node(struct request *r, const char *name, uint32_t rights,
		struct seen *seen)
{
	int rc = access_look(r, name, seen);

	if (rc)
		return rc;
	if (!seen->exists)
		return error_of_absence(r, seen, rights);
	if ((store_rights(r->s, r->conn, seen->perms) & rights) != rights)
		return -EACCES;
	return 0;
}

/* True if `path` is directly below `parent`, which is `length` long. */
static bool is_child(const struct shadow *sh, const char *parent,
		     size_t length)
{
	return path_up(sh->path, sh->path_length) == length &&
	       !memcmp(sh->path, parent, length) && sh->path_length > 1;
}

int access_children(struct request *r, const struct seen *seen,
		    int (*each)(void *context, const char *name),
		    void *context)
{
	const struct node *n = tree_find(&r->s->tree, seen->path,
					 seen->path_length);
	const struct shadow *sh;
	int rc = 0;

	for (n = n ? n->first_child : NULL; n && !rc; n = n->next_sibling) {
		sh = r->tx ? transaction_known(r->s, r->tx, n->path,
					       n->path_length) : NULL;
		if (!sh || (sh->exists && !sh->made))
			rc = each(context, path_name(n->path));
	}
	for (sh = r->tx ? r->tx->first_made : NULL; sh && !rc;
	     sh = sh->next_made)
		if (is_child(sh, seen->path, seen->path_length))
			rc = each(context, path_name(sh->path));
	return rc;
}
