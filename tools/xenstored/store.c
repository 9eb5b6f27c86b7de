/* SPDX-License-Identifier: MIT */
/* store.c - the store as a whole: its beginning, its end, and rights. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "ring.h"
#include "store.h"

const char *const special_names[SPECIALS] = {
	[SPECIAL_INTRODUCE] = "@introduceDomain",
	[SPECIAL_RELEASE] = "@releaseDomain",
};

int store_open(struct store *s)
{
	static const struct perm nobody = { 0, 0 };
	static const uint8_t no_handle[16];
	struct domain *own;

	memset(s, 0, sizeof(*s));
	journal_init(&s->journal);
	quota_defaults(&s->quotas);
	if (tree_open(&s->tree) || watches_open(&s->watches))
		goto out;
	own = domain_add(s, 0, 1, no_handle, false);
	s->self = own ? conn_open(s, own) : NULL;
	for (int i = 0; i < SPECIALS; i++)
		s->special[i] = perms_new(&nobody, 1, 1);
	if (!s->self || !s->special[0] || !s->special[1])
		goto out;
	domain_own(s, s->tree.root);
	return 0;
out:
	store_close(s);
	return -ENOMEM;
}

void store_close(struct store *s)
{
	s->journal.quiet = true;
	while (s->first_conn)
		conn_close(s, s->first_conn);
	while (s->domains) {
		struct domain *d = s->domains;

		s->domains = d->next;
		free(d);
	}
	for (int i = 0; i < SPECIALS; i++)
		perms_put(s->special[i]);
	tree_close(&s->tree);
	watches_close(&s->watches);
	journal_close(s);
}

/* An entry that names a domain means the one that was there at the time. */
static bool means(const struct store *s, const struct conn *c, uint32_t id,
		  const struct perms *p)
{
	if (id == c->id)
		return c->domain->generation <= p->generation;
	return c->target && id == c->target && domain_is_meant(s, id, p);
}

uint32_t store_rights(const struct store *s, const struct conn *c,
		      const struct perms *p)
{
	const uint32_t all = PERM_READ | PERM_WRITE | PERM_OWNER;

	if (conn_privileged(c))
		return all;
	for (uint32_t i = 0; i < p->count; i++)
		if (means(s, c, p->entry[i].id, p))
			return i ? p->entry[i].bits : all;
	return p->entry[0].bits;
}

void store_fire_special(struct store *s, enum special which)
{
	struct audience a = { .now = s->special[which] };

	watch_fire(s, special_names[which], true, &a);
}

/* False when the domain has gone, or its page cannot be had any more. */
static bool reattach(struct store *s, struct domain *d)
{
	struct conn *c = d->conn;
	struct hv_domain state;
	struct ring *r;
	int rc;

	if (d->id) {
		state = hv_domain(s->hv, d->id);
		if (!state.alive ||
		    memcmp(state.handle, d->handle, sizeof(d->handle)))
			return false;
	}
	if (!c)
		return true;
	r = c->ring;
	r->page = hv_map(s->hv, d->id, r->gfn, &r->remote_port);
	if (!r->page) {
		log_line("domain %u: its ring cannot be mapped again: %s",
			 d->id, strerror(errno));
		return false;
	}
	rc = ring_bind(s, c);
	if (rc)
		log_line("domain %u: its ring's event channel cannot be had again: %s",
			 d->id, strerror(-rc));
	if (!c->broken)
		ring_resume(s, c);
	conn_wake(s, c);
	return true;
}

void store_reattach(struct store *s)
{
	struct domain *next;

	for (struct domain *d = s->domains; d; d = next) {
		next = d->next;
		if (!s->hv ? d->id != 0 : !reattach(s, d)) {
			if (d->id)
				domain_forget(s, d);
			else
				conn_close(s, d->conn);
		}
	}
	s->look_at_domains = true;
}

/* Makes a node with this value, unless it is there. */
static int put(struct store *s, const char *path, const char *text)
{
	struct value *value;
	struct node *n;
	int rc = -ENOMEM;

	if (tree_find(&s->tree, path, strlen(path)))
		return 0;
	value = value_new(text, (uint32_t)strlen(text));
	n = value ? node_new(path, s->tree.root->perms, value) : NULL;
	if (n) {
		n->generation = ++s->tree.generation;
		tree_link(&s->tree, n);
		domain_own(s, n);
		record_node(s, n);
		rc = 0;
	}
	value_put(value);
	return rc;
}

int store_begin(struct store *s)
{
	static const char *const first[][2] = {
		{ "/tool", "" }, { "/tool/xenstored", "" },
	};
	static const char *const own[][2] = {
		{ "/local", "" }, { "/local/domain", "" },
		{ "/local/domain/0", "" },
		{ "/local/domain/0/domid", "0" },
		{ "/local/domain/0/name", "Domain-0" },
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(first) / sizeof(first[0]); i++)
		rc = put(s, first[i][0], first[i][1]);
	for (size_t i = 0; !rc && s->hv && i < sizeof(own) / sizeof(own[0]);
	     i++)
		rc = put(s, own[i][0], own[i][1]);
	if (rc)
		return rc;
	store_reattach(s);
	if (s->hv && !s->self->domain->conn) {
		rc = store_introduce(s, 0, 0, 0);
		if (rc)
			log_line("domain 0's own ring is not served: %s",
				 strerror(-rc));
		else
			conn_wake(s, s->self->domain->conn);
	}
	journal_flush(s);
	return 0;
}
