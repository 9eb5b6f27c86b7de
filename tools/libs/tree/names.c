/* SPDX-License-Identifier: MIT */
/* names.c - which living domain has which name.
 *
 * Guards: a name that a dead domain left behind is nobody's.
 * Invariant: /vane/names has a row for every living domain made by vane, under
 * the name that its /local/domain/N/name has. Domains that others made (xl) are
 * found by looking at each of them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "tree/tree.h"

/* A name may have characters that a path may not. */
void name_to_node(const char *name, char node[NAME_NODE])
{
	static const char plain[] = "-_";
	size_t at = 0;

	for (; *name && at < NAME_NODE - 4; name++) {
		unsigned char byte = (unsigned char)*name;

		if (isalnum(byte) || strchr(plain, byte))
			node[at++] = (char)byte;
		else
			at += (size_t)snprintf(node + at, 4, "@%02x", byte);
	}
	node[at] = '\0';
}

bool tree_is_about(struct xs_handle *store, xs_transaction_t t, domid_t id,
		   const xen_domain_handle_t handle)
{
	char vm[UUID_TEXT + 8], uuid[UUID_TEXT];

	if (tree_read(store, t, vm, sizeof(vm), "/local/domain/%u/vm", id))
		return false;
	uuid_format(handle, uuid);
	return !strncmp(vm, "/vm/", 4) && !strcmp(vm + 4, uuid);
}

static bool read_name(struct xs_handle *store, xs_transaction_t t,
		      const struct xen_domctl_getdomaininfo *info,
		      char name[GUEST_NAME_MAX + 1])
{
	return store &&
	       (!info->domain ||
		tree_is_about(store, t, info->domain, info->handle)) &&
	       !tree_read(store, t, name, GUEST_NAME_MAX + 1,
			  "/local/domain/%u/name", info->domain);
}

bool tree_name(struct xs_handle *store,
	       const struct xen_domctl_getdomaininfo *info,
	       char name[GUEST_NAME_MAX + 1])
{
	if (read_name(store, XBT_NULL, info, name))
		return true;
	strcpy(name, info->domain ? "(unnamed)" : "Domain-0");
	return !info->domain;
}

/* The domain of ours that the index names, if it is alive and still has the
 * name. */
static int look_up(struct ctl *c, struct xs_handle *store, xs_transaction_t t,
		   const char *wanted, struct xen_domctl_getdomaininfo *info)
{
	char node[NAME_NODE], row[UUID_TEXT + 16], text[UUID_TEXT];
	char name[GUEST_NAME_MAX + 1];
	unsigned int id;
	int rc;

	name_to_node(wanted, node);
	rc = tree_read(store, t, row, sizeof(row), "/vane/names/%s", node);
	if (rc == -ENOENT)
		return -ESRCH;
	if (rc)
		return rc;
	if (sscanf(row, "%u %36s", &id, text) != 2 ||
	    id >= DOMID_FIRST_RESERVED)
		return -ESRCH;
	rc = ctl_domain_info(c, (domid_t)id, info);
	if (rc)
		return rc;
	if (!read_name(store, t, info, name) || strcmp(name, wanted))
		return -ESRCH;
	return (int)id;
}

/* Domains that the index speaks for: a bit for each id. */
struct known {
	uint64_t bits[DOMID_FIRST_RESERVED / 64 + 1];
};

static bool is_known(const struct known *known, domid_t id)
{
	return known->bits[id / 64] >> id % 64 & 1;
}

static void find_known(struct xs_handle *store, struct known *known)
{
	unsigned int count;
	char **list = xs_directory(store, XBT_NULL, "/vane", &count);

	memset(known, 0, sizeof(*known));
	for (unsigned int i = 0; list && i < count; i++) {
		char *end;
		unsigned long id = strtoul(list[i], &end, 10);

		if (!*end && id < DOMID_FIRST_RESERVED)
			known->bits[id / 64] |= 1UL << id % 64;
	}
	free(list);
}

/* Those that are known are skipped. */
static int look_at_each(struct ctl *c, struct xs_handle *store,
			const char *wanted, const struct known *known,
			struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl_getdomaininfo list[CTL_LIST_MAX];
	char name[GUEST_NAME_MAX + 1];
	domid_t first = 0;

	for (;;) {
		int count = ctl_domain_list(c, first, list, CTL_LIST_MAX);

		if (count <= 0)
			return count ? count : -ESRCH;
		for (int i = 0; i < count; i++) {
			if (!is_known(known, list[i].domain) &&
			    read_name(store, XBT_NULL, &list[i], name) &&
			    !strcmp(name, wanted)) {
				*info = list[i];
				return info->domain;
			}
		}
		first = list[count - 1].domain + 1;
	}
}

/* The others are not looked for in the transaction: whoever comes or goes
 * meanwhile would end it. */
static int find_name(struct ctl *c, struct xs_handle *store, xs_transaction_t t,
		     const char *name, struct xen_domctl_getdomaininfo *info)
{
	struct known known;
	int rc = look_up(c, store, t, name, info);

	if (rc != -ESRCH)
		return rc;
	find_known(store, &known);
	return look_at_each(c, store, name, &known, info);
}

int tree_name_owner(struct ctl *c, struct xs_handle *store, xs_transaction_t t,
		    const char *name)
{
	struct xen_domctl_getdomaininfo info;

	return find_name(c, store, t, name, &info);
}

static bool read_id(const char *text, unsigned long *id)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	*id = strtoul(text, &end, 10);
	return !*end;
}

int tree_find(struct ctl *c, struct xs_handle *store, const char *text,
	      struct xen_domctl_getdomaininfo *info)
{
	unsigned long id;
	int rc;

	if (read_id(text, &id)) {
		if (id >= DOMID_FIRST_RESERVED)
			return -ESRCH;
		rc = ctl_domain_info(c, (domid_t)id, info);
		return rc ? rc : (int)id;
	}
	if (!store)
		return -ENOTCONN;
	return find_name(c, store, XBT_NULL, text, info);
}

int tree_claim_name(struct ctl *c, struct xs_handle *store, xs_transaction_t t,
		    domid_t id, const xen_domain_handle_t handle,
		    const char *name, struct reason *why)
{
	char row[UUID_TEXT + 16], node[NAME_NODE], uuid[UUID_TEXT];
	int owner = tree_name_owner(c, store, t, name);

	if (owner >= 0 && owner != id)
		return refuse(why, -EEXIST,
			      "a domain named \"%s\" is there already, with id %d; destroy it, or choose another name",
			      name, owner);
	if (owner < 0 && owner != -ESRCH)
		return owner;
	name_to_node(name, node);
	uuid_format(handle, uuid);
	snprintf(row, sizeof(row), "%u %s", id, uuid);
	return tree_write(store, t, row, "/vane/names/%s", node);
}

static int rename_in(struct ctl *c, struct xs_handle *store,
		     xs_transaction_t t,
		     const struct xen_domctl_getdomaininfo *info,
		     const char *name, struct reason *why)
{
	char before[GUEST_NAME_MAX + 1], node[NAME_NODE], uuid[UUID_TEXT];
	int rc;

	if (!read_name(store, t, info, before))
		return refuse(why, -ENOENT,
			      "domain %u has no name in the store: it was not made by vane or xl",
			      info->domain);
	rc = tree_claim_name(c, store, t, info->domain, info->handle, name,
			     why);
	if (rc)
		return rc;
	if (strcmp(before, name)) {
		name_to_node(before, node);
		rc = tree_remove(store, t, "/vane/names/%s", node);
	}
	if (!rc)
		rc = tree_write(store, t, name, "/local/domain/%u/name",
				info->domain);
	uuid_format(info->handle, uuid);
	if (!rc && info->domain)
		rc = tree_write(store, t, name, "/vm/%s/name", uuid);
	return rc;
}

int tree_rename(struct ctl *c, struct xs_handle *store,
		const struct xen_domctl_getdomaininfo *info, const char *name,
		struct reason *why)
{
	int rc;

	do {
		xs_transaction_t t = xs_transaction_start(store);

		if (!t)
			rc = -errno;
		else
			rc = rename_in(c, store, t, info, name, why);
		if (t && !xs_transaction_end(store, t, rc != 0) && !rc)
			rc = -errno;
	} while (rc == -EAGAIN);
	return rc ? refuse_errno(why, rc, "the store refused the new name") : 0;
}
