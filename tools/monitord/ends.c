/* SPDX-License-Identifier: MIT */
/* ends.c - what becomes of a domain that has shut down.
 *
 * Guards: each action may be cut off at any point and be done again from its
 * start; the note "ended", or the end of the domain, is its last step.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xen/sched.h>

#include "base/paths.h"
#include "console/client.h"
#include "life/life.h"
#include "monitord.h"

static enum shutdown_action choose(const struct tree_kept *kept, int reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		return kept->on_poweroff;
	case SHUTDOWN_reboot:
		return kept->on_reboot;
	case SHUTDOWN_suspend:
		return ACTION_PRESERVE;
	default:
		return kept->on_crash;
	}
}

static bool makes_again(enum shutdown_action action)
{
	return action == ACTION_RESTART || action == ACTION_RENAME_RESTART ||
	       action == ACTION_COREDUMP_RESTART;
}

/* False if somebody else has ended it already. What maps its memory may go on
 * to: nobody is waited for. */
static bool end(struct monitord *m, domid_t id)
{
	struct reason why = { 0 };
	int rc = life_destroy(m->ctl, m->store, id, &why);

	if (rc)
		note("%s", why.text);
	return rc != -ESRCH;
}

/* Out of the way of its successor: NAME-20260131T2359Z, as xl does it. */
static int rename_old(struct monitord *m,
		      const struct xen_domctl_getdomaininfo *info)
{
	char before[GUEST_NAME_MAX + 1], name[GUEST_NAME_MAX + 1], stamp[32];
	time_t now = time(NULL);
	struct reason why = { 0 };
	struct tm tm;
	int rc, fd;

	tree_name(m->store, info, before);
	strftime(stamp, sizeof(stamp), "-%Y%m%dT%H%MZ", gmtime_r(&now, &tm));
	snprintf(name, sizeof(name), "%.*s%s",
		 GUEST_NAME_MAX - (int)strlen(stamp), before, stamp);
	rc = tree_rename(m->ctl, m->store, info, name, &why);
	if (rc == -EEXIST) {
		/* the second within a minute */
		snprintf(name, sizeof(name), "%.*s-%u",
			 GUEST_NAME_MAX - 6, before, info->domain);
		reason_clear(&why);
		rc = tree_rename(m->ctl, m->store, info, name, &why);
	}
	if (rc) {
		note("%s", why.text);
		return rc;
	}
	note("domain %u is kept as %s", info->domain, name);
	/* its log goes with it, or its successor would begin it anew */
	fd = consoled_request("name", info->domain, &why);
	if (fd >= 0)
		close(fd);
	return 0;
}

/* What led to a crash goes into the domain's log first, and its memory to a
 * file if that was asked for; goes on when that is done. */
static int look_into(struct monitord *m,
		     const struct xen_domctl_getdomaininfo *info, bool core)
{
	char name[GUEST_NAME_MAX + 1], file[PATH_ROOM], id[8];
	struct child c = { .dumps = info->domain };
	char *trace[] = { "vane", "backtrace", "--log", id, NULL };
	char *dump[] = { "vane", "dump-core", "--log", id, file, NULL };

	tree_name(m->store, info, name);
	/* the newest alone: one that is made again may crash for ever */
	log_path(file, "core-%s", name);
	snprintf(id, sizeof(id), "%u", info->domain);
	if (core)
		note("domain %u: its memory goes to %s", info->domain, file);
	return child_start(m, &c, 0, core ? dump : trace);
}

int domain_ended(struct monitord *m,
		 const struct xen_domctl_getdomaininfo *info,
		 const struct tree_kept *kept, bool dumped)
{
	int reason = (int)(info->flags >> XEN_DOMINF_shutdownshift) &
		     XEN_DOMINF_shutdownmask;
	enum shutdown_action action = choose(kept, reason);
	char name[GUEST_NAME_MAX + 1], file[PATH_ROOM];
	domid_t id = info->domain;
	bool core;
	int rc = 0;

	tree_name(m->store, info, name);
	note("domain %u (%s) has shut down, reason %d: %s", id, name, reason,
	     shutdown_action_name(action));
	core = action == ACTION_COREDUMP_DESTROY ||
	       action == ACTION_COREDUMP_RESTART;
	if ((core || reason == SHUTDOWN_crash || reason == SHUTDOWN_watchdog) &&
	    !dumped && !look_into(m, info, core))
		return 0;
	if (action == ACTION_PRESERVE)
		return tree_set_ended(m->store, id);
	if (!makes_again(action)) {
		end(m, id);
		return 0;
	}
	rc = again_promise(m, info, kept, file);
	if (rc)
		return rc;
	if (!file[0])
		return tree_set_ended(m->store, id);
	if (action == ACTION_RENAME_RESTART) {
		if (rename_old(m, info)) {
			note("domain %u is kept under its name and not made again",
			     id);
			unlink(file);
			return tree_set_ended(m->store, id);
		}
		rc = tree_set_ended(m->store, id);
	} else if (!end(m, id)) {
		/* who destroys a domain does not want another */
		unlink(file);
	}
	again_make(m, file, kept->config_path);
	return rc;
}
