/* SPDX-License-Identifier: MIT */
/* domctl.h - between the files that answer domctl.
 *
 * A handler answers one command for a caller whose rights are checked. It
 * returns 0 or an error, and sets `reply` when the block goes back.
 */
#ifndef PARAVANE_CONTROL_DOMCTL_H
#define PARAVANE_CONTROL_DOMCTL_H

#include <public/domctl.h>

#include "domain/domain.h"

struct domctl {
	struct vcpu *caller;
	struct domain *d;		/* held; NULL for createdomain, getdomaininfo */
	struct xen_domctl op;		/* our copy of the block */
	bool reply;			/* it goes back to the caller */
};

/* ops_domctl_life.c */
long domctl_createdomain(struct domctl *k);
long domctl_destroydomain(struct domctl *k);
long domctl_pausedomain(struct domctl *k);
long domctl_unpausedomain(struct domctl *k);
long domctl_resumedomain(struct domctl *k);
long domctl_max_vcpus(struct domctl *k);
long domctl_getdomaininfo(struct domctl *k);
void domain_describe(struct domain *d, struct xen_domctl_getdomaininfo *out);

/* ops_domctl_vcpu.c */
long domctl_setvcpucontext(struct domctl *k);
long domctl_getvcpucontext(struct domctl *k);
long domctl_getvcpuinfo(struct domctl *k);
long domctl_setvcpuaffinity(struct domctl *k);
long domctl_getvcpuaffinity(struct domctl *k);
long domctl_sendtrigger(struct domctl *k);

/* ops_domctl_memory.c */
long domctl_max_mem(struct domctl *k);
long domctl_hypercall_init(struct domctl *k);
long domctl_getpageframeinfo3(struct domctl *k);
long domctl_setnodeaffinity(struct domctl *k);
long domctl_getnodeaffinity(struct domctl *k);

/* ops_domctl_settings.c */
long domctl_setdomainhandle(struct domctl *k);
long domctl_setdebugging(struct domctl *k);
long domctl_settimeoffset(struct domctl *k);
long domctl_settscinfo(struct domctl *k);
long domctl_gettscinfo(struct domctl *k);
long domctl_set_address_size(struct domctl *k);
long domctl_get_address_size(struct domctl *k);
long domctl_set_virq_handler(struct domctl *k);
long domctl_set_target(struct domctl *k);
long domctl_scheduler_op(struct domctl *k);

/* ops_policy.c */
long domctl_get_cpu_policy(struct domctl *k);
long domctl_set_cpu_policy(struct domctl *k);

#endif
