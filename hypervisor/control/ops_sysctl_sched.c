/* SPDX-License-Identifier: MIT */
/* ops_sysctl_sched.c - sysctl: the scheduler and its one pool of CPUs.
 */
#include "control/sysctl.h"

#include "base/errno.h"
#include "control/machine.h"

#define THE_POOL	0U

long sysctl_sched_id(struct sysctl *k)
{
	k->op.u.sched_id.sched_id = scheduler_id();
	return 0;
}

static uint32_t count_domains(void)
{
	struct domain *d;
	uint32_t n = 0;

	for_each_domain(d)
		n++;
	return n;
}

/* The first pool whose id is at least the one given. */
static long pool_info(struct sysctl *k)
{
	struct xen_sysctl_cpupool_op *p = &k->op.u.cpupool_op;

	if (p->cpupool_id > THE_POOL)
		return -ENOENT;
	p->cpupool_id = THE_POOL;
	p->sched_id = scheduler_id();
	p->n_dom = count_domains();
	return bitmap_to_caller(&p->cpumap, cpus_online);
}

/* All domains are in the pool, and stay there. */
static long pool_move(const struct xen_sysctl_cpupool_op *p)
{
	struct domain *d = domain_get_by_id((domid_t)p->domid);

	if (!d)
		return -ESRCH;
	domain_put(d);
	return p->cpupool_id == THE_POOL ? 0 : -ENOENT;
}

long sysctl_cpupool_op(struct sysctl *k)
{
	struct xen_sysctl_cpupool_op *p = &k->op.u.cpupool_op;

	switch (p->op) {
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		return pool_info(k);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return bitmap_to_caller(&p->cpumap, 0);
	case XEN_SYSCTL_CPUPOOL_OP_CREATE:
		return -EOPNOTSUPP;
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
		return p->cpupool_id == THE_POOL ? -EBUSY : -ENOENT;
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return pool_move(p);
	default:
		return -ENOSYS;
	}
}

/* A vCPU is never kept on a CPU longer than it wishes: the limit is 0. */
long sysctl_scheduler_op(struct sysctl *k)
{
	struct xen_sysctl_scheduler_op *s = &k->op.u.scheduler_op;

	if (s->cmd != XEN_SYSCTL_SCHEDOP_getinfo && s->cmd != XEN_SYSCTL_SCHEDOP_putinfo)
		return -EINVAL;
	if (s->cpupool_id != THE_POOL)
		return -ESRCH;
	if (s->sched_id != scheduler_id())
		return -EINVAL;
	if (sched_one_to_one())
		return 0;
	if (s->cmd == XEN_SYSCTL_SCHEDOP_putinfo)
		return s->u.sched_credit2.ratelimit_us ? -EOPNOTSUPP : 0;
	s->u.sched_credit2.ratelimit_us = 0;
	return 0;
}
