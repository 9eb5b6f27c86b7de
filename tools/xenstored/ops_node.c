/* SPDX-License-Identifier: MIT */
/* ops_node.c - requests that read and change nodes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "request.h"
#include "store.h"

int op_read(struct request *r)
{
	struct seen seen;
	const char *name;
	int rc = request_one(r, &name);

	if (!rc)
		rc = access_node(r, name, PERM_READ, &seen);
	return rc ? rc : answer_bytes(r, seen.value->bytes,
				      seen.value->length);
}

static int add_name(void *context, const char *name)
{
	return answer_bytes(context, name, strlen(name) + 1);
}

int op_directory(struct request *r)
{
	struct seen seen;
	const char *name;
	int rc = request_one(r, &name);

	if (!rc)
		rc = access_node(r, name, PERM_READ, &seen);
	if (rc)
		return rc;
	if (seen.names_bytes > sizeof(r->out))
		return -E2BIG;
	return access_children(r, &seen, add_name, r);
}

/* The part of a list of names that fits, from byte `skip` on. */
struct part {
	struct request *r;
	size_t skip;
};

static int add_part(void *context, const char *name)
{
	struct part *p = context;
	size_t bytes = strlen(name) + 1;
	size_t skip = p->skip < bytes ? p->skip : bytes;

	p->skip -= skip;
	/* room for the empty string that ends the list is kept */
	if (bytes - skip >= sizeof(p->r->out) - p->r->out_used)
		return 1;
	return answer_bytes(p->r, name + skip, bytes - skip);
}

int op_directory_part(struct request *r)
{
	struct part part = { .r = r };
	struct seen seen;
	const char *list[2], *rest;
	int rc = request_strings(r, list, 2, &rest);

	if (!rc && rest != r->in + r->in_used)
		rc = -EINVAL;
	if (!rc)
		rc = access_node(r, list[0], PERM_READ, &seen);
	if (rc)
		return rc;
	part.skip = (size_t)(unsigned int)atoi(list[1]);
	rc = answer_text(r, "%" PRIu64, seen.generation);
	if (!rc)
		rc = answer_bytes(r, "", 1);
	if (!rc && part.skip < seen.names_bytes)
		rc = access_children(r, &seen, add_part, &part);
	if (rc > 0)
		return 0;
	return rc ? rc : answer_bytes(r, "", 1);
}

int op_write(struct request *r)
{
	struct seen seen;
	const char *name, *value;
	uint32_t count;
	int rc = request_strings(r, &name, 1, &value);

	if (rc)
		return rc;
	count = (uint32_t)(r->in + r->in_used - value);
	rc = access_node(r, name, PERM_WRITE, &seen);
	if (rc == -ENOENT)
		return change_create(r, &seen, value, count);
	return rc ? rc : change_value(r, &seen, value, count);
}

int op_mkdir(struct request *r)
{
	struct seen seen;
	const char *name;
	int rc = request_one(r, &name);

	if (!rc)
		rc = access_node(r, name, PERM_WRITE, &seen);
	return rc == -ENOENT ? change_create(r, &seen, NULL, 0) : rc;
}

/* Removing what is not there is fine if its parent is. */
static int remove_absent(struct request *r, const struct seen *seen)
{
	char parent[PATH_ROOM_MAX];
	struct seen above;
	int rc;

	if (!path_parent(parent, seen->path))
		return -ENOENT;
	rc = access_look(r, parent, &above);
	return rc ? rc : above.exists ? 0 : -ENOENT;
}

int op_rm(struct request *r)
{
	struct seen seen;
	const char *name;
	int rc = request_one(r, &name);

	if (!rc)
		rc = access_node(r, name, PERM_WRITE, &seen);
	if (rc == -ENOENT)
		return remove_absent(r, &seen);
	if (rc)
		return rc;
	return seen.path_length == 1 ? -EINVAL : change_remove(r, &seen);
}

/* The same permissions, but domain 0 is the owner. */
static int take_back(struct request *r, const struct seen *seen)
{
	struct perms *perms = perms_new(seen->perms->entry, seen->perms->count,
					seen->perms->generation);
	int rc;

	if (!perms)
		return -ENOMEM;
	perms->entry[0].id = 0;
	rc = change_perms(r, seen, perms);
	perms_put(perms);
	return rc;
}

int request_end_node(struct store *s, struct node *n)
{
	struct request r = { .s = s, .conn = s->self };
	struct transaction *tx = transaction_new(s->self, 0);
	struct seen seen;
	int rc;

	if (!tx)
		return -ENOMEM;
	tx->single = true;
	r.tx = tx;
	rc = access_known(&r, n, &seen);
	if (!rc)
		rc = n->parent ? change_remove(&r, &seen) :
				 take_back(&r, &seen);
	if (!rc)
		rc = transaction_commit(s, tx);
	transaction_free(tx);
	return rc;
}
