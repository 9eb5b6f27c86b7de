/* SPDX-License-Identifier: MIT */
/* ops_domctl_vcpu.c - domctl: one vCPU of a domain.
 *
 * Guards: a vCPU's state is set and read only while it does not run; the
 * caller's own vCPUs are excluded.
 */
#include "control/domctl.h"

#include "base/errno.h"
#include "base/string.h"
#include "control/machine.h"
#include "control/context.h"
#include "guest/access.h"
#include "sched/sched.h"

long domctl_setvcpucontext(struct domctl *k)
{
	const struct xen_domctl_vcpucontext *arg = &k->op.u.vcpucontext;
	struct vcpu *v = domain_vcpu(k->d, arg->vcpu);
	struct vcpu_guest_context *context;
	long rc = -EFAULT;

	if (k->d == k->caller->domain || !v)
		return -EINVAL;
	if (!arg->ctxt.p)
		return -EOPNOTSUPP;	/* "reset it": nobody asks */
	sched_vcpu_hold(v);
	context = context_buffer_begin();
	if (!copy_from_guest(context, (uint64_t)arg->ctxt.p, sizeof(*context)))
		rc = vcpu_set_context(v, context);
	context_buffer_end();
	sched_vcpu_release(v);
	return rc;
}

long domctl_getvcpucontext(struct domctl *k)
{
	const struct xen_domctl_vcpucontext *arg = &k->op.u.vcpucontext;
	struct vcpu *v = domain_vcpu(k->d, arg->vcpu);
	struct vcpu_guest_context *context;
	long rc;

	if (!v || v == k->caller)
		return -EINVAL;
	if (!v->initialised)
		return -ENODATA;
	sched_vcpu_hold(v);
	context = context_buffer_begin();
	vcpu_get_context(v, context);
	sched_vcpu_release(v);
	rc = copy_to_guest((uint64_t)arg->ctxt.p, context, sizeof(*context));
	context_buffer_end();
	return rc;
}

long domctl_getvcpuinfo(struct domctl *k)
{
	struct xen_domctl_getvcpuinfo *info = &k->op.u.getvcpuinfo;
	uint32_t id = info->vcpu;
	struct vcpu *v = domain_vcpu(k->d, id);

	if (id >= k->d->max_vcpus)
		return -EINVAL;
	if (!v)
		return -ESRCH;
	*info = (struct xen_domctl_getvcpuinfo){
		.vcpu = id,
		.online = sched_vcpu_is_up(v),
		.blocked = sched_vcpu_blocked(v),
		.running = sched_vcpu_running(v),
		.cpu_time = sched_runtime(v),
		.cpu = sched_vcpu_cpu(v),
	};
	return 0;
}

/* The vCPU an affinity command names: 0 or an error. */
static long affinity_check(const struct domctl *k)
{
	uint32_t id = k->op.u.vcpuaffinity.vcpu;

	if (id >= k->d->max_vcpus)
		return -EINVAL;
	return domain_vcpu(k->d, id) ? 0 : -ESRCH;
}

/* The answer is what of it counts: soft affinity only within the hard one. */
static long set_one_affinity(struct vcpu *v, const struct xenctl_bitmap *map, bool hard)
{
	uint64_t cpus;
	long rc = bitmap_from_caller(&cpus, map);

	if (!rc)
		rc = hard ? sched_set_hard_affinity(v, cpus) :
			    sched_set_soft_affinity(v, cpus);
	if (rc)
		return rc;
	cpus = sched_hard_affinity(v);
	return bitmap_to_caller(map, hard ? cpus : cpus & sched_soft_affinity(v));
}

long domctl_setvcpuaffinity(struct domctl *k)
{
	const struct xen_domctl_vcpuaffinity *a = &k->op.u.vcpuaffinity;
	long rc = affinity_check(k);
	struct vcpu *v;

	if (rc)
		return rc;
	v = domain_vcpu(k->d, a->vcpu);
	if (!a->flags ||
	    (a->flags & XEN_VCPUAFFINITY_HARD && !a->cpumap_hard.bitmap.p) ||
	    (a->flags & XEN_VCPUAFFINITY_SOFT && !a->cpumap_soft.bitmap.p))
		return -EINVAL;
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = set_one_affinity(v, &a->cpumap_hard, true);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = set_one_affinity(v, &a->cpumap_soft, false);
	return rc;
}

long domctl_getvcpuaffinity(struct domctl *k)
{
	const struct xen_domctl_vcpuaffinity *a = &k->op.u.vcpuaffinity;
	long rc = affinity_check(k);
	struct vcpu *v;

	if (rc)
		return rc;
	if (!a->flags)
		return -EINVAL;
	v = domain_vcpu(k->d, a->vcpu);
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = bitmap_to_caller(&a->cpumap_hard, sched_hard_affinity(v));
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = bitmap_to_caller(&a->cpumap_soft, sched_soft_affinity(v));
	return rc;
}

long domctl_sendtrigger(struct domctl *k)
{
	const struct xen_domctl_sendtrigger *t = &k->op.u.sendtrigger;
	struct vcpu *v = domain_vcpu(k->d, t->vcpu);

	if (!v)
		return -ESRCH;
	switch (t->trigger) {
	case XEN_DOMCTL_SENDTRIGGER_NMI:
		if (!(vcpu_pend(v, VCPU_NMI) & VCPU_NMI))
			sched_wake(v);
		return 0;
	case XEN_DOMCTL_SENDTRIGGER_POWER:
	case XEN_DOMCTL_SENDTRIGGER_SLEEP:
		return -EINVAL;
	default:
		return -ENOSYS;
	}
}
