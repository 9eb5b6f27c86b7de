/* SPDX-License-Identifier: MIT */
/* cmd_domain.c - commands that do one small thing to one domain. */
#include <errno.h>
#include <stdio.h>

#include "life.h"
#include "registry/registry.h"
#include "vane.h"

/* The first domain is the one these commands run in. */
static int need_guest(struct vane *v, const char *verb,
		      struct xen_domctl_getdomaininfo *info)
{
	struct reason why = { 0 };
	int rc = need_domain(v, v->arguments[0], info);

	if (rc)
		return rc;
	if (info->domain == 0) {
		refuse(&why, -EINVAL,
		       "Domain-0 cannot be %s: it is the domain that vane runs in",
		       verb);
		return complain(&why);
	}
	return 0;
}

int cmd_destroy(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_guest(v, "destroyed", &info);

	if (rc)
		return rc;
	if (life_end(v->ctl, info.domain, &why))
		return complain(&why);
	return EXIT_DONE;
}

int cmd_pause(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_guest(v, "paused", &info);

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
	int rc = need_guest(v, "unpaused", &info);

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

int cmd_wait(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	int rc = need_guest(v, "waited for", &info);

	if (rc)
		return rc;
	life_wait(v->ctl, info.domain);
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
	registry_name(&info, name);
	printf("%s\n", name);
	return EXIT_DONE;
}
