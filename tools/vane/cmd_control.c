/* SPDX-License-Identifier: MIT */
/* cmd_control.c - commands that ask a guest for something, through its
 * control/ nodes: shutdown, reboot, sysrq.
 *
 * Rule: a guest may do as it likes with a request. That it has not said it
 * heeds them (control/feature-*) is told, and it is asked all the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domains.h"
#include "life/life.h"
#include "progress.h"
#include "vane.h"

static bool heeds(struct vane *v, domid_t id, const char *request)
{
	char text[8];

	return !tree_read(v->store, XBT_NULL, text, sizeof(text),
			  "/local/domain/%u/control/feature-%s", id, request) &&
	       !strcmp(text, "1");
}

/* xl's -F presses the power button where nobody listens to the store. */
static int check_listener(struct vane *v, domid_t id, const char *request,
			  struct reason *why)
{
	if (heeds(v, id, request))
		return 0;
	if (option_given(v, "fallback"))
		return refuse(why, -EOPNOTSUPP,
			      "domain %u has not said that it heeds \"%s\" (control/feature-%s), and a PV guest has no power button to press; `vane destroy %u` ends it",
			      id, request, request, id);
	fprintf(stderr,
		"vane: warning: domain %u has not said that it heeds \"%s\" (control/feature-%s); it is asked all the same, and `vane destroy %u` ends it if it does not react\n",
		id, request, request, id);
	return 0;
}

static int ask(struct vane *v, const struct xen_domctl_getdomaininfo *d,
	       const char *request, struct reason *why)
{
	domid_t id = d->domain;
	int rc;

	if (d->flags & XEN_DOMINF_shutdown)
		return refuse(why, -EINVAL,
			      "domain %u has shut down already; `vane destroy %u` takes it away",
			      id, id);
	rc = check_listener(v, id, request, why);
	if (rc)
		return rc;
	rc = tree_write(v->store, XBT_NULL, request,
			"/local/domain/%u/control/shutdown", id);
	if (rc)
		return refuse_errno(why, rc,
				    "the store refused the request for domain %u",
				    id);
	return 0;
}

static void wait_for(struct vane *v, const struct domain_list *list)
{
	for (unsigned int i = 0; i < list->count; i++) {
		domid_t id = list->items[i].domain;
		char name[GUEST_NAME_MAX + 1];
		int reason;

		if (!id)
			continue;
		tree_name(v->store, &list->items[i], name);
		progress_start("waiting for", name);
		progress_say("to shut down (Ctrl-C leaves it to itself)");
		reason = life_wait(v->ctl, v->store, id);
		progress_end();
		if (reason < 0)
			printf("Domain %u has been destroyed.\n", id);
		else
			printf("Domain %u has been shut down, reason code %d\n",
			       id, reason);
	}
}

/* Those that were named, or with -a all guests. */
static int ask_all(struct vane *v, const char *verb, const char *request)
{
	bool all = option_given(v, "all");
	struct domain_list list = { 0 };
	int rc = EXIT_DONE;

	if (all == (v->argument_count > 0)) {
		fprintf(stderr,
			"vane: %s takes the names of domains, or -a for all guests\n",
			v->command->name);
		return EXIT_USAGE;
	}
	if (need_ctl(v) || need_store(v) || collect_domains(v, &list)) {
		free(list.items);
		return EXIT_REFUSED;
	}
	for (unsigned int i = 0; i < list.count; i++) {
		struct reason why = { 0 };

		if (!list.items[i].domain && all)
			continue;
		if (!list.items[i].domain)
			refuse(&why, -EINVAL,
			       "Domain-0 cannot be %s from here: use its own `%s`",
			       verb, request);
		else if (!ask(v, &list.items[i], request, &why))
			continue;
		rc = complain(&why);
		/* nobody to wait for */
		list.items[i].domain = 0;
	}
	if (option_given(v, "wait"))
		wait_for(v, &list);
	free(list.items);
	return rc;
}

int cmd_shutdown(struct vane *v)
{
	return ask_all(v, "shut down", "poweroff");
}

int cmd_reboot(struct vane *v)
{
	return ask_all(v, "rebooted", "reboot");
}

int cmd_sysrq(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	const char *letter = v->arguments[1];
	struct reason why = { 0 };
	int rc;

	if (strlen(letter) != 1) {
		refuse(&why, -EINVAL,
		       "a sysrq is one letter or digit, not \"%s\"", letter);
		return complain(&why);
	}
	rc = need_guest(v, v->arguments[0], "asked for a sysrq", &info);
	if (!rc)
		rc = need_store(v);
	if (rc)
		return rc;
	rc = tree_write(v->store, XBT_NULL, letter,
			"/local/domain/%u/control/sysrq", info.domain);
	if (!rc)
		return EXIT_DONE;
	refuse_errno(&why, rc, "the store refused the request for domain %u",
		     info.domain);
	return complain(&why);
}
