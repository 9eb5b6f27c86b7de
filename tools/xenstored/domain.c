/* SPDX-License-Identifier: MIT */
/* domain.c - the domains the store knows: what they own and may have.
 *
 * Guards: what a domain had goes with it: its ring, watches, transactions and
 * nodes, and permissions that named it mean no later domain of that number.
 * Invariant: every node is in its owner's list, and usage counts that list.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "request.h"
#include "ring.h"
#include "store.h"

struct domain *domain_find(const struct store *s, uint32_t id)
{
	struct domain *d = s->domains;

	while (d && d->id != id)
		d = d->next;
	return d;
}

struct domain *domain_add(struct store *s, uint32_t id, uint64_t generation,
			  const uint8_t handle[16], bool shutdown)
{
	struct domain *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->id = id;
	d->generation = generation;
	d->shutdown = shutdown;
	memcpy(d->handle, handle, sizeof(d->handle));
	d->next = s->domains;
	s->domains = d;
	return d;
}

struct domain *domain_know(struct store *s, uint32_t id)
{
	struct domain *d = domain_find(s, id);
	struct hv_domain state = { 0 };

	if (d)
		return d;
	if (s->hv)
		state = hv_domain(s->hv, id);
	if (!state.alive) {
		errno = ENOENT;
		return NULL;
	}
	d = domain_add(s, id, ++s->tree.generation, state.handle,
		       state.shutdown);
	if (d)
		record_domain(s, d);
	else
		errno = ENOMEM;
	return d;
}

static uint64_t memory_of(const struct node *n)
{
	return sizeof(*n) + n->path_length + n->value->length +
	       n->perms->count * sizeof(n->perms->entry[0]);
}

bool domain_is_meant(const struct store *s, uint32_t id,
		     const struct perms *perms)
{
	const struct domain *d = domain_find(s, id);

	return d && d->generation <= perms->generation;
}

void domain_own(struct store *s, struct node *n)
{
	struct domain *d = domain_find(s, n->perms->entry[0].id);

	n->owned_link = NULL;
	if (!d || d->generation > n->perms->generation)
		return;
	n->next_owned = d->owned;
	n->owned_link = &d->owned;
	if (d->owned)
		d->owned->owned_link = &n->next_owned;
	d->owned = n;
	d->usage.nodes++;
	d->usage.memory += memory_of(n);
}

void domain_disown(struct store *s, struct node *n)
{
	struct domain *d = domain_find(s, n->perms->entry[0].id);

	if (!n->owned_link)
		return;
	*n->owned_link = n->next_owned;
	if (n->next_owned)
		n->next_owned->owned_link = n->owned_link;
	n->owned_link = NULL;
	d->usage.nodes--;
	d->usage.memory -= memory_of(n);
}

static void unlink_domain(struct store *s, struct domain *d)
{
	struct domain **link = &s->domains;

	while (*link != d)
		link = &(*link)->next;
	*link = d->next;
	free(d);
}

void domain_drop(struct store *s, struct domain *d)
{
	if (d->conn)
		conn_close(s, d->conn);
	for (struct conn *c = s->first_conn; c; c = c->next)
		if (c->target == d->id)
			c->target = 0;
	while (d->owned)
		domain_disown(s, d->owned);
	unlink_domain(s, d);
}

void domain_forget(struct store *s, struct domain *d)
{
	bool introduced = d->conn != NULL;
	int rc = 0;

	/* it hears nothing of its own end */
	if (d->conn)
		conn_close(s, d->conn);
	while (d->owned && !rc)
		rc = request_end_node(s, d->owned);
	if (rc)
		log_line("domain %u has ended, but %u of its nodes stay: %s",
			 d->id, d->usage.nodes, strerror(-rc));
	record_domain_gone(s, d->id);
	domain_drop(s, d);
	if (introduced)
		store_fire_special(s, SPECIAL_RELEASE);
}

/* True if it has shut down and nobody was told yet. */
static bool look_at(struct store *s, struct domain *d)
{
	struct hv_domain state = hv_seen(s->hv, d->id);

	if (!state.alive ||
	    memcmp(state.handle, d->handle, sizeof(d->handle))) {
		domain_forget(s, d);
		return false;
	}
	if (!state.shutdown || d->shutdown)
		return false;
	d->shutdown = true;
	record_domain(s, d);
	return true;
}

void domain_look(struct store *s)
{
	bool news = false;
	struct domain *next;

	s->look_at_domains = false;
	if (s->hv)
		hv_look(s->hv);
	for (struct domain *d = s->domains; s->hv && d; d = next) {
		next = d->next;
		if (d->id)
			news |= look_at(s, d);
	}
	if (news)
		store_fire_special(s, SPECIAL_RELEASE);
}
