/* SPDX-License-Identifier: MIT */
/* domains.h - the domains that a command is about. */
#ifndef VANE_DOMAINS_H
#define VANE_DOMAINS_H

#include "vane.h"

struct domain_list {
	struct xen_domctl_getdomaininfo *items;
	unsigned int count;
};

/* Those that the command's arguments name, or all there are. EXIT_REFUSED
 * with the complaint printed; free(list->items) in any case. Opens the
 * handle, and the store for their names. */
int collect_domains(struct vane *v, struct domain_list *list);

/* SHUTDOWN_*, or -1 while it is up. */
int domain_shutdown_reason(const struct xen_domctl_getdomaininfo *d);

/* xl's six letters: running, blocked, paused, shut down, crashed, dying. */
void domain_letters(const struct xen_domctl_getdomaininfo *d, char text[7]);

#endif
