/* SPDX-License-Identifier: MIT */
/* store.h - the whole of the daemon's state. */
#ifndef XENSTORED_STORE_H
#define XENSTORED_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "domain.h"
#include "hv.h"
#include "journal.h"
#include "perms.h"
#include "quota.h"
#include "transaction.h"
#include "tree.h"
#include "watch.h"

enum special {
	SPECIAL_INTRODUCE,
	SPECIAL_RELEASE,
	SPECIALS,
};
extern const char *const special_names[SPECIALS];

struct store {
	struct tree tree;
	struct watches watches;
	struct quotas quotas;
	struct domain *domains;
	struct conn *first_conn, *last_conn;
	/* those that a turn looks at: however many domains there are, few */
	struct conn *first_active, *last_active;
	/* whose ring a port is */
	struct conn *by_port[HV_PORTS];
	/* the daemon's own, for what it changes by itself */
	struct conn *self;
	uint64_t last_age;
	/* who hears of domains coming and going */
	struct perms *special[SPECIALS];
	struct journal journal;
	/* NULL: there are no domains but 0 */
	struct hv *hv;
	/* a look at all domains is due */
	bool look_at_domains;
	/* there is more to do at once */
	bool busy;
	/* some connection is broken and not dropped yet */
	bool sweep_due;
};

int store_open(struct store *s);
void store_close(struct store *s);

/* When the state is read back, or there is none: the nodes that are always
 * there, and the rings. */
int store_begin(struct store *s);

/* Gives domain `id` its ring: -ENOENT when there is no such domain. */
int store_introduce(struct store *s, uint32_t id, uint64_t gfn,
		    uint32_t port);

/* After the state was read back: the domains that are still there get their
 * rings again, the others go. */
void store_reattach(struct store *s);

/* What the client may do under these permissions, its target's rights too. */
uint32_t store_rights(const struct store *s, const struct conn *conn,
		      const struct perms *perms);

/* Tells all that may know that a domain has come or gone. */
void store_fire_special(struct store *s, enum special which);

#endif
