/* SPDX-License-Identifier: MIT */
/* domain.h - the domains the store knows: what they own and may have. */
#ifndef XENSTORED_DOMAIN_H
#define XENSTORED_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "quota.h"

struct conn;
struct node;
struct perms;
struct store;

struct domain {
	struct domain *next;
	uint32_t id;
	/* the tree's when it became known; see struct perms */
	uint64_t generation;
	uint8_t handle[16];
	/* has been seen shut down; said once by @releaseDomain */
	bool shutdown;
	/* its ring, while it is introduced; never NULL for domain 0's clients */
	struct conn *conn;
	struct usage usage;
	struct node *owned;
};

/* NULL when nothing is known about it. */
struct domain *domain_find(const struct store *s, uint32_t id);

/* The same, but asks the hypervisor about one that is not known. NULL with
 * errno ENOENT when there is none, or ENOMEM. */
struct domain *domain_know(struct store *s, uint32_t id);

/* One that the state file remembers. NULL without memory. */
struct domain *domain_add(struct store *s, uint32_t id, uint64_t generation,
			  const uint8_t handle[16], bool shutdown);

/* True if an entry of these permissions that names `id` means the domain that
 * has this number now, not one before it. */
bool domain_is_meant(const struct store *s, uint32_t id,
		     const struct perms *perms);

/* The node's owner now has it, or no longer. */
void domain_own(struct store *s, struct node *node);
void domain_disown(struct store *s, struct node *node);

/* Looks at all domains: releases the dead, tells who has shut down. */
void domain_look(struct store *s);

/* Forgets a domain and its connection. Nodes it still owns are nobody's. */
void domain_drop(struct store *s, struct domain *domain);

/* Lets go of all that a dead domain had, its nodes too, and tells. */
void domain_forget(struct store *s, struct domain *domain);

#endif
