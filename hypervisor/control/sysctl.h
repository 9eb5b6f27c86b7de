/* SPDX-License-Identifier: MIT */
/* sysctl.h - between the files that answer sysctl.
 *
 * A handler answers one command for the control domain. It returns 0 or an
 * error, and sets `reply` when the block goes back, even with an error.
 */
#ifndef PARAVANE_CONTROL_SYSCTL_H
#define PARAVANE_CONTROL_SYSCTL_H

#include <public/paravane.h>
#include <public/sysctl.h>

#include "domain/domain.h"

struct sysctl {
	struct vcpu *caller;
	uint64_t at;			/* the caller's block */
	struct xen_sysctl op;		/* our copy of it */
	bool reply;			/* it goes back to the caller */
};

/* ops_sysctl_machine.c */
long sysctl_physinfo(struct sysctl *k);
long sysctl_getcpuinfo(struct sysctl *k);
long sysctl_availheap(struct sysctl *k);
long sysctl_cputopoinfo(struct sysctl *k);
long sysctl_numainfo(struct sysctl *k);
long sysctl_get_cpu_featureset(struct sysctl *k);
long sysctl_get_cpu_policy(struct sysctl *k);

/* ops_sysctl_sched.c */
long sysctl_sched_id(struct sysctl *k);
long sysctl_cpupool_op(struct sysctl *k);
long sysctl_scheduler_op(struct sysctl *k);

/* ops_sysctl_paravane.c */
long sysctl_paravane(struct sysctl *k);
/* For debug_keys: 'q' in Xen's words. */
void log_domains(void);

#endif
