/* SPDX-License-Identifier: MIT */
/* cmd_domain.c - commands that do one small thing to one domain. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "console/client.h"
#include "life/life.h"
#include "vane.h"

int cmd_destroy(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_guest(v, v->arguments[0], "destroyed", &info);

	if (rc)
		return rc;
	/* without the store its nodes stay until monitord finds them */
	want_store(v);
	if (life_end(v->ctl, v->store, info.domain, &why))
		return complain(&why);
	return EXIT_DONE;
}

int cmd_pause(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_guest(v, v->arguments[0], "paused", &info);

	if (rc)
		return rc;
	rc = ctl_domain_pause(v->ctl, info.domain);
	if (rc) {
		refuse_errno(&why, rc,
			     "the hypervisor refused to pause domain %u",
			     info.domain);
		return complain(&why);
	}
	return EXIT_DONE;
}

int cmd_unpause(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_guest(v, v->arguments[0], "unpaused", &info);

	if (rc)
		return rc;
	rc = ctl_domain_unpause(v->ctl, info.domain);
	if (rc == -EINVAL)
		refuse(&why, rc, "domain %u is not paused", info.domain);
	else if (rc)
		refuse_errno(&why, rc,
			     "the hypervisor refused to unpause domain %u",
			     info.domain);
	return rc ? complain(&why) : EXIT_DONE;
}

/* Its log is named for it, too; without consoled there is none to rename. */
static void tell_consoled(domid_t id)
{
	struct reason ignored = { 0 };
	int fd = consoled_request("name", id, &ignored);

	if (fd >= 0)
		close(fd);
}

int cmd_rename(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc;

	if (guest_name_check(v->arguments[1], &why))
		return complain(&why);
	rc = need_guest(v, v->arguments[0], "renamed", &info);
	if (!rc)
		rc = need_store(v);
	if (rc)
		return rc;
	if (tree_rename(v->ctl, v->store, &info, v->arguments[1], &why))
		return complain(&why);
	tell_consoled(info.domain);
	return EXIT_DONE;
}

int cmd_wait(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	int rc = need_guest(v, v->arguments[0], "waited for", &info);

	if (rc)
		return rc;
	v->store = v->store ? v->store : tree_open(&(struct reason){ 0 });
	life_wait(v->ctl, v->store, info.domain);
	return EXIT_DONE;
}

int cmd_domid(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	int rc = need_domain(v, v->arguments[0], &info);

	if (rc)
		return rc;
	printf("%u\n", info.domain);
	return EXIT_DONE;
}

int cmd_domname(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	char name[GUEST_NAME_MAX + 1];
	int rc = need_domain(v, v->arguments[0], &info);

	if (rc)
		return rc;
	want_store(v);
	tree_name(v->store, &info, name);
	printf("%s\n", name);
	return EXIT_DONE;
}
