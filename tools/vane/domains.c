/* SPDX-License-Identifier: MIT */
/* domains.c - the domains that a command is about. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/sched.h>

#include "domains.h"

int domain_shutdown_reason(const struct xen_domctl_getdomaininfo *d)
{
	if (!(d->flags & XEN_DOMINF_shutdown))
		return -1;
	return (int)(d->flags >> XEN_DOMINF_shutdownshift) &
	       XEN_DOMINF_shutdownmask;
}

void domain_letters(const struct xen_domctl_getdomaininfo *d, char text[7])
{
	memcpy(text, "------", 7);
	if (d->flags & XEN_DOMINF_running)
		text[0] = 'r';
	if (d->flags & XEN_DOMINF_blocked)
		text[1] = 'b';
	if (d->flags & XEN_DOMINF_paused)
		text[2] = 'p';
	if (d->flags & XEN_DOMINF_shutdown)
		text[3] = 's';
	if (domain_shutdown_reason(d) == SHUTDOWN_crash)
		text[4] = 'c';
	if (d->flags & XEN_DOMINF_dying)
		text[5] = 'd';
}

static int append(struct domain_list *list,
		  const struct xen_domctl_getdomaininfo *items, int count)
{
	size_t total = list->count + (size_t)count;
	struct xen_domctl_getdomaininfo *grown =
		realloc(list->items, total * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	memcpy(grown + list->count, items, (size_t)count * sizeof(*items));
	list->items = grown;
	list->count += (unsigned int)count;
	return 0;
}

static int list_all(struct ctl *c, struct domain_list *list)
{
	struct xen_domctl_getdomaininfo part[CTL_LIST_MAX];
	domid_t first = 0;

	for (;;) {
		int count = ctl_domain_list(c, first, part, CTL_LIST_MAX);
		int rc;

		if (count <= 0)
			return count;
		rc = append(list, part, count);
		if (rc)
			return rc;
		first = part[count - 1].domain + 1;
	}
}

int collect_domains(struct vane *v, struct domain_list *list)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_ctl(v);

	if (rc)
		return rc;
	if (!v->argument_count) {
		rc = list_all(v->ctl, list);
		if (!rc) {
			want_store(v);
			return 0;
		}
		refuse_errno(&why, rc, "cannot list the domains");
		return complain(&why);
	}
	for (int i = 0; i < v->argument_count; i++) {
		rc = need_domain(v, v->arguments[i], &info);
		if (rc)
			return rc;
		rc = append(list, &info, 1);
		if (rc) {
			refuse(&why, rc, "out of memory");
			return complain(&why);
		}
	}
	want_store(v);
	return 0;
}
