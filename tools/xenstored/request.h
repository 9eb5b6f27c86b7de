/* SPDX-License-Identifier: MIT */
/* request.h - one request of one client, and its answer. */
#ifndef XENSTORED_REQUEST_H
#define XENSTORED_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

struct conn;
struct node;
struct perms;
struct store;
struct transaction;
struct value;

struct request {
	struct store *s;
	struct conn *conn;
	/* the one it names, or one of its own if it changes nodes; or NULL */
	struct transaction *tx;
	struct xsd_sockmsg header;
	/* the payload */
	char *in;
	size_t in_used;
	/* it has had its answer already */
	bool answered;
	/* the answer's payload */
	char out[XENSTORE_PAYLOAD_MAX];
	size_t out_used;
};

/* Works on the complete request in conn->in and queues its answer. */
void request_serve(struct store *s, struct conn *conn);

/* The payload cut into `count` strings, each with its zero: -EINVAL when
 * there are fewer. What follows them is at `rest`. */
int request_strings(struct request *r, const char **list, size_t count,
		    const char **rest);

/* The same when there must be exactly one. */
int request_one(struct request *r, const char **out);

/* How many strings end in the payload. */
size_t request_count(const struct request *r);

/* Adds to the answer; -E2BIG when it gets longer than a message can be. */
int answer_bytes(struct request *r, const void *bytes, size_t count);
int answer_text(struct request *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* access.c: what a request sees of one node. */
struct seen {
	bool exists;
	uint64_t generation;
	struct perms *perms;
	struct value *value;
	uint32_t names_bytes;
	char path[XENSTORE_ABS_PATH_MAX + 32];
	size_t path_length;
};

/* Looks at the node that `name` means; -EINVAL for what is no name. */
int access_look(struct request *r, const char *name, struct seen *seen);

/* The same of a node that is there: limits are for the names that clients
 * give. */
int access_known(struct request *r, const struct node *node,
		 struct seen *seen);

/* access_look if the client has all of `rights` there; else -EACCES, or -ENOENT
 * if it may know that there is none. */
int access_node(struct request *r, const char *name, uint32_t rights,
		struct seen *seen);

/* Calls `each` for every child's name, in order, until it returns non-zero,
 * which is returned. */
int access_children(struct request *r, const struct seen *seen,
		    int (*each)(void *context, const char *name),
		    void *context);

/* change.c: changes to nodes, in r->tx. Checks come before the first one. */
int change_value(struct request *r, const struct seen *seen, const void *bytes,
		 uint32_t count);
int change_create(struct request *r, const struct seen *seen,
		  const void *bytes, uint32_t count);
int change_perms(struct request *r, const struct seen *seen,
		 struct perms *perms);
int change_remove(struct request *r, const struct seen *seen);

/* What becomes of a node whose owner has ended: it goes with all below it, but
 * "/" is domain 0's again. */
int request_end_node(struct store *s, struct node *node);

#define OP(type, name, flags) int op_##name(struct request *r);
#include "ops.def"
#undef OP

#endif
