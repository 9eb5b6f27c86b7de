/* SPDX-License-Identifier: MIT */
/* sysctl.h - the parts of this suite. */
#ifndef CONFORMANCE_SYSCTL_H
#define CONFORMANCE_SYSCTL_H

#include <xen/platform.h>
#include <xen/sysctl.h>

#include "lib.h"

extern struct xen_platform_op pf;

/* A platform_op, with the argument that is in pf.u. */
long platform(uint32_t cmd);
void platforms(void);		/* platform.c */

#endif
