/* SPDX-License-Identifier: MIT */
/* domains.c - looks at everything: which domains have shut down, and which
 * nodes belong to nobody any more.
 *
 * Guards: domains that others made (no nodes of ours) are never touched.
 * Invariant: it asks the hypervisor for all domains, but the store only for
 * those that have ended, so that a hundred quiet guests cost nothing.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "monitord.h"

/* All domains but the first. */
struct living {
	struct xen_domctl_getdomaininfo *items;
	size_t count;
};

static int list_living(struct monitord *m, struct living *l)
{
	struct xen_domctl_getdomaininfo part[CTL_LIST_MAX], *grown;
	domid_t first = 1;

	for (;;) {
		int count = ctl_domain_list(m->ctl, first, part, CTL_LIST_MAX);

		if (count <= 0)
			return count;
		grown = realloc(l->items, (l->count + (size_t)count) *
						  sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		memcpy(grown + l->count, part, (size_t)count * sizeof(*grown));
		l->items = grown;
		l->count += (size_t)count;
		first = part[count - 1].domain + 1;
	}
}

static const struct xen_domctl_getdomaininfo *find(const struct living *l,
						   unsigned long id)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].domain == id)
			return &l->items[i];
	return NULL;
}

/* A domain that shut down; what becomes of it. */
static int look_at(struct monitord *m,
		   const struct xen_domctl_getdomaininfo *info)
{
	struct tree_kept kept;
	int rc;

	if (!(info->flags & XEN_DOMINF_shutdown) ||
	    (info->flags & XEN_DOMINF_dying) ||
	    child_has(m, info->domain, NULL))
		return 0;
	rc = tree_kept(m->store, info, &kept);
	if (rc || kept.state != TREE_MADE)
		return rc;
	return domain_ended(m, info, &kept, false);
}

/* Nodes of domains that are gone: whoever ended them died, or was not us. */
static int drop_dead_nodes(struct monitord *m, const struct living *l)
{
	unsigned int count = 0;
	char **ids = xs_directory(m->store, XBT_NULL, "/vane", &count);
	int rc = ids || errno == ENOENT ? 0 : -errno;

	for (unsigned int i = 0; !rc && ids && i < count; i++) {
		unsigned long id = strtoul(ids[i], NULL, 10);
		xen_domain_handle_t handle;
		char uuid[UUID_TEXT];

		if (!isdigit((unsigned char)ids[i][0]) || find(l, id))
			continue;
		rc = tree_read(m->store, XBT_NULL, uuid, sizeof(uuid),
			       "/vane/%lu/uuid", id);
		if (!rc && !uuid_parse(uuid, handle))
			rc = tree_drop(m->store, (domid_t)id, handle);
		/* somebody else removes them at this moment */
		if (rc == -ENOENT)
			rc = 0;
	}
	free(ids);
	return rc;
}

int domains_look(struct monitord *m, bool all)
{
	struct living l = { 0 };
	int rc = list_living(m, &l);

	if (rc) {
		note("cannot list the domains: %s", strerror(-rc));
		rc = 0;
		goto out;
	}
	for (size_t i = 0; !rc && i < l.count; i++)
		rc = look_at(m, &l.items[i]);
	if (!rc)
		rc = drop_dead_nodes(m, &l);
	if (!rc && all)
		again_adopt(m);
out:
	free(l.items);
	return rc;
}
