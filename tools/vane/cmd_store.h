/* SPDX-License-Identifier: MIT */
/* cmd_store.h - what the commands that start with "store" share. */
#ifndef VANE_CMD_STORE_H
#define VANE_CMD_STORE_H

#include "store/text.h"
#include "vane.h"

/* Complains that PATH cannot be VERB ("read", "removed", ...) for errno's
 * reason, and what to do. Returns EXIT_REFUSED. */
int store_refused(const char *path, const char *verb);

/* path and name with one slash between them; to be freed. */
char *store_child(const char *path, const char *name);

/* Runs act in a transaction, again as long as others interfere. act complains
 * itself. */
int store_atomically(struct vane *v,
		     int (*act)(struct vane *v, xs_transaction_t t));

#endif
