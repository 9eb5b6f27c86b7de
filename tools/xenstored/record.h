/* SPDX-License-Identifier: MIT */
/* record.h - what the journal is told, and how it is told back.
 *
 * Each call adds one item to the record of the request being served; the
 * journal writes the record as a whole. An item says what is so now, not what
 * has changed, so that reading one twice does no harm.
 */
#ifndef XENSTORED_RECORD_H
#define XENSTORED_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

struct unpack;

void record_node(struct store *s, const struct node *node);
void record_removed(struct store *s, const char *path);
void record_special(struct store *s, enum special which);
void record_quotas(struct store *s);

void record_domain(struct store *s, const struct domain *domain);
void record_domain_gone(struct store *s, uint32_t id);

/* Of connections with a ring only; a socket ends with the daemon. */
void record_introduced(struct store *s, const struct conn *conn);
void record_reset(struct store *s, const struct conn *conn);
void record_broken(struct store *s, const struct conn *conn);
void record_target(struct store *s, const struct conn *conn);
void record_watch(struct store *s, const struct watch *watch);
void record_unwatch(struct store *s, const struct conn *conn,
		    const char *path, const char *token);
void record_unwatch_all(struct store *s, const struct conn *conn);
void record_transaction(struct store *s, const struct conn *conn, uint32_t id,
			bool open);

/* The bytes taken from the ring that are no complete request yet. */
void record_taken(struct store *s, const struct conn *conn);

/* The newest message of the queue. */
void record_message(struct store *s, const struct conn *conn,
		    const struct message *message);

/* All but the nodes, as it is now. */
void record_all(struct store *s);

/* Reads one record's items back. -EINVAL for what is none, -ENOMEM. */
int record_replay(struct store *s, struct unpack *items);

#endif
