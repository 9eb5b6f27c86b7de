/* SPDX-License-Identifier: MIT */
/* store.c - what consoled asks the store.
 *
 * Guards: a node that a dead domain left behind is not taken for one of the
 * living domain with the same id: UUIDs are compared. Not here: when to ask
 * (guests.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "tree/tree.h"

#define NUMBER_ROOM 24

struct xs_handle *store_connect(void)
{
	struct reason ignored = { 0 };
	struct xs_handle *store = tree_open(&ignored);

	if (!store)
		return NULL;
	if (xs_watch(store, "@introduceDomain", "come") &&
	    xs_watch(store, "@releaseDomain", "gone"))
		return store;
	xs_close(store);
	return NULL;
}

static int read_number(struct xs_handle *store, domid_t id, const char *leaf,
		       uint64_t *value)
{
	char text[NUMBER_ROOM], *end;
	int rc = tree_read(store, XBT_NULL, text, sizeof(text),
			   "/local/domain/%u/console/%s", id, leaf);

	if (rc)
		return rc;
	*value = strtoull(text, &end, 10);
	return end == text || *end ? -ENOENT : 0;
}

static bool same_domain(struct xs_handle *store, domid_t id,
			const xen_domain_handle_t handle)
{
	char vm[UUID_TEXT + 8];
	xen_domain_handle_t uuid;

	return !tree_read(store, XBT_NULL, vm, sizeof(vm),
			  "/local/domain/%u/vm", id) &&
	       !strncmp(vm, "/vm/", 4) && !uuid_parse(vm + 4, uuid) &&
	       !memcmp(uuid, handle, sizeof(uuid));
}

int store_name(struct xs_handle *store, domid_t id,
	       char name[GUEST_NAME_MAX + 1])
{
	int rc = tree_read(store, XBT_NULL, name, GUEST_NAME_MAX + 1,
			   "/local/domain/%u/name", id);

	/* it becomes a file's name, whoever wrote it */
	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '_';
	return rc;
}

int store_console(struct xs_handle *store, domid_t id,
		  const xen_domain_handle_t handle,
		  struct console_facts *facts)
{
	char log[PATH_ROOM];
	uint64_t port;
	int rc;

	memset(facts, 0, sizeof(*facts));
	if (!same_domain(store, id, handle))
		return -ENOENT;
	rc = read_number(store, id, "ring-ref", &facts->ring_mfn);
	if (!rc)
		rc = read_number(store, id, "port", &port);
	if (!rc)
		rc = store_name(store, id, facts->name);
	if (rc)
		return rc;
	facts->port = (uint32_t)port;
	if (read_number(store, id, "limit", &facts->limit))
		facts->limit = 0;
	facts->logged = !tree_read(store, XBT_NULL, log, sizeof(log),
				   "/local/domain/%u/console/log", id);
	return 0;
}

void store_logged(struct xs_handle *store, domid_t id, const char *path)
{
	tree_write(store, XBT_NULL, path, "/local/domain/%u/console/log", id);
}

void store_await_console(struct xs_handle *store, domid_t id, bool on)
{
	char path[48];

	snprintf(path, sizeof(path), "/local/domain/%u/console", id);
	if (on)
		xs_watch(store, path, "console");
	else
		xs_unwatch(store, path, "console");
}

bool store_news(struct xs_handle *store, bool *lost)
{
	bool any = false;
	char **event;

	while ((event = xs_check_watch(store))) {
		free(event);
		any = true;
	}
	*lost = errno != EAGAIN;
	return any;
}
