/* SPDX-License-Identifier: MIT */
/* own.h - what only Paravane can be asked: own_question() begins a question, its
 * caller fills in own->u and makes the call; any other hypervisor refuses it.
 */
#ifndef BENCH_OWN_H
#define BENCH_OWN_H

#include <xen/paravane.h>
#include <xen/sysctl.h>

#include "lib.h"

static struct xen_sysctl question;
static struct paravane_sysctl *const own = (void *)&question.u;

static inline void own_question(uint32_t what)
{
	memset(&question, 0, sizeof(question));
	question.cmd = XEN_SYSCTL_paravane;
	question.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	own->version = PARAVANE_SYSCTL_VERSION;
	own->op = what;
}

#endif
