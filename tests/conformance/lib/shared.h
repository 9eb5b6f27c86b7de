/* SPDX-License-Identifier: MIT */
/* shared.h - what suites and storms do alike: the first eight bytes that FS and
 * GS show, and how the audit is asked for. Not here: the call itself.
 */
#ifndef CONFORMANCE_SHARED_H
#define CONFORMANCE_SHARED_H

#include <public/paravane.h>
#include <public/sysctl.h>

static inline uint64_t at_fs(void)
{
	uint64_t v;

	asm volatile("mov %%fs:0, %0" : "=r"(v) : : "memory");
	return v;
}

static inline uint64_t at_gs(void)
{
	uint64_t v;

	asm volatile("mov %%gs:0, %0" : "=r"(v) : : "memory");
	return v;
}

/* Makes *op the sysctl that has all references recounted, and tells where it
 * leaves its answer. Upstream knows no such call. */
static inline const struct paravane_sysctl *ask_for_audit(struct xen_sysctl *op)
{
	struct paravane_sysctl *own = (void *)&op->u;

	op->cmd = XEN_SYSCTL_paravane;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	own->version = PARAVANE_SYSCTL_VERSION;
	own->op = PARAVANE_OP_audit;
	return own;
}

#endif
