/* SPDX-License-Identifier: MIT */
/* domctl.h - the command block that the parts of this suite share. */
#ifndef CONFORMANCE_DOMCTL_H
#define CONFORMANCE_DOMCTL_H

#include <xen/domctl.h>

#include "events.h"

extern struct xen_domctl op;
extern struct vcpu_guest_context context;

void clear(void);
/* A command to a domain, with the argument that is in op.u. */
long domctl(uint32_t cmd, domid_t domain);
/* The same with no argument at all. */
long plain(uint32_t cmd, domid_t domain);

void vcpus(domid_t id);		/* vcpus.c */
void settings(domid_t id);	/* settings.c */
void memory(domid_t id);

#endif
