/* SPDX-License-Identifier: MIT */
/* end.c - waiting for a domain's end, and ending it.
 *
 * Guards: a domain that ends leaves no node, no mapping and no memory behind.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/step.h"
#include "console/client.h"
#include "life/life.h"
#include "tree/tree.h"

/* How long a destroyed domain may linger until others let go of it. */
#define LINGER_STEP_MS 10
#define LINGER_STEPS   500

/* Where nobody tells of the end, one looks. */
#define LOOK_MS 1000

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* Destroyed is gone only when nobody maps its frames any more. */
static int wait_until_gone(struct ctl *c, domid_t id, struct reason *why)
{
	struct xen_domctl_getdomaininfo info;

	for (int i = 0; i < LINGER_STEPS; i++) {
		if (ctl_domain_info(c, id, &info) == -ESRCH)
			return 0;
		sleep_ms(LINGER_STEP_MS);
	}
	return refuse(why, -EBUSY,
		      "domain %u is destroyed, but others still use its memory; it stays in the list, dying, until they let go",
		      id);
}

/* Its last words are kept, and its console page let go of. Without consoled
 * there is nobody who could hold it. */
static void tell_consoled(domid_t id)
{
	struct reason ignored = { 0 };
	int fd = consoled_request("remove", id, &ignored);

	if (fd >= 0)
		close(fd);
}

int life_destroy(struct ctl *c, struct xs_handle *store, domid_t id,
		 struct reason *why)
{
	struct xen_domctl_getdomaininfo info;
	int rc = ctl_domain_info(c, id, &info);

	if (!rc)
		rc = ctl_domain_pause(c, id);
	if (rc == -ESRCH)
		return refuse(why, rc, "domain %u is gone already", id);
	/* a domain paused as often as can be counted stands still as well */
	if (rc && rc != -EOVERFLOW)
		return refuse_errno(why, rc,
				    "the hypervisor refused to stop domain %u",
				    id);
	step("destroy: paused");
	tell_consoled(id);
	rc = ctl_domain_destroy(c, id);
	if (rc == -ESRCH)
		return refuse(why, rc, "domain %u is gone already", id);
	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused to destroy domain %u",
				    id);
	step("destroy: destroyed");
	if (store)
		tree_drop(store, id, info.handle);
	step("destroy: nodes removed");
	return 0;
}

int life_end(struct ctl *c, struct xs_handle *store, domid_t id,
	     struct reason *why)
{
	int rc = life_destroy(c, store, id, why);

	if (rc)
		return rc;
	rc = wait_until_gone(c, id, why);
	step("destroy: gone");
	return rc;
}

/* The reason a domain has shut down for, or -ESRCH once it is gone, or
 * -EAGAIN while it is alive. */
static int look(struct ctl *c, domid_t id)
{
	struct xen_domctl_getdomaininfo info;

	if (ctl_domain_info(c, id, &info) || (info.flags & XEN_DOMINF_dying))
		return -ESRCH;
	if (!(info.flags & XEN_DOMINF_shutdown))
		return -EAGAIN;
	return (int)(info.flags >> XEN_DOMINF_shutdownshift) &
	       XEN_DOMINF_shutdownmask;
}

int life_wait(struct ctl *c, struct xs_handle *store, domid_t id)
{
	bool told = store && xs_watch(store, "@releaseDomain", "end");
	int rc;

	while ((rc = look(c, id)) == -EAGAIN) {
		struct pollfd set = { told ? xs_fileno(store) : -1, POLLIN, 0 };
		char **event;

		poll(&set, 1, LOOK_MS);
		while (told && (event = xs_check_watch(store)))
			free(event);
		/* a store that died tells nothing, and is always ready */
		if (told && errno != EAGAIN)
			told = false;
	}
	if (told)
		xs_unwatch(store, "@releaseDomain", "end");
	return rc;
}
