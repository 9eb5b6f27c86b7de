/* SPDX-License-Identifier: MIT */
/* ops_domctl_settings.c - domctl: names, clocks and shares of a domain.
 */
#include "control/domctl.h"

#include "base/errno.h"
#include "base/string.h"
#include "control/machine.h"
#include "emul/emul.h"
#include "sched/sched.h"
#include "time/time.h"

long domctl_setdomainhandle(struct domctl *k)
{
	memcpy(k->d->handle, k->op.u.setdomainhandle.handle, sizeof(k->d->handle));
	return 0;
}

long domctl_setdebugging(struct domctl *k)
{
	if (k->d == k->caller->domain)
		return -EINVAL;
	k->d->debugged = k->op.u.setdebugging.enable;
	return 0;
}

long domctl_settimeoffset(struct domctl *k)
{
	wallclock_set_offset(k->d, k->op.u.settimeoffset.time_offset_seconds);
	return 0;
}

/* No vCPU may be reading the counter as it changes, and each has to load its CR4
 * before it runs on. */
long domctl_settscinfo(struct domctl *k)
{
	const struct xen_domctl_tsc_info *i = &k->op.u.tsc_info;
	struct domain *d = k->d;

	if (d == k->caller->domain || i->tsc_mode >= NR_TSC_MODES)
		return -EINVAL;
	for (uint32_t n = 0; n < d->max_vcpus; n++)
		if (d->vcpu[n])
			sched_vcpu_hold(d->vcpu[n]);
	guest_tsc_set(d, i->tsc_mode, i->gtsc_khz, i->elapsed_nsec);
	d->time.tsc.incarnation = i->incarnation + 1;
	for (uint32_t n = 0; n < d->max_vcpus; n++) {
		if (!d->vcpu[n])
			continue;
		emul_set_cr4(d->vcpu[n], d->vcpu[n]->emul.cr4);
		sched_vcpu_release(d->vcpu[n]);
	}
	return 0;
}

/* Where RDTSC is the machine's own there is no frequency to tell. */
long domctl_gettscinfo(struct domctl *k)
{
	const struct guest_tsc *t = &k->d->time.tsc;
	bool native = t->mode == TSC_MODE_NEVER;

	if (k->d == k->caller->domain)
		return -EINVAL;
	k->op.u.tsc_info = (struct xen_domctl_tsc_info){
		.tsc_mode = t->mode,
		.gtsc_khz = native ? 0 : t->khz,
		.incarnation = t->incarnation,
		.elapsed_nsec = native ? 0 : time_now() - t->zero,
	};
	return 0;
}

long domctl_set_address_size(struct domctl *k)
{
	switch (k->op.u.address_size.size) {
	case 64:
		return 0;
	case 32:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

long domctl_get_address_size(struct domctl *k)
{
	k->op.u.address_size.size = 64;
	return 0;
}

/* The control domain has them all, and keeps them. */
long domctl_set_virq_handler(struct domctl *k)
{
	switch (k->op.u.set_virq_handler.virq) {
	case VIRQ_CONSOLE:
	case VIRQ_DOM_EXC:
	case VIRQ_TBUF:
	case VIRQ_DEBUGGER:
	case VIRQ_CON_RING:
	case VIRQ_PCPU_STATE:
	case VIRQ_MEM_EVENT:
	case VIRQ_ENOMEM:
	case VIRQ_ARCH_0 ... VIRQ_ARCH_7:
		return k->d->control ? 0 : -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

long domctl_set_target(struct domctl *k)
{
	struct domain *target = domain_get_by_id(k->op.u.set_target.target);
	bool self = target == k->d;

	if (!target)
		return -ESRCH;
	domain_put(target);
	return self ? -EINVAL : -EOPNOTSUPP;
}

long domctl_scheduler_op(struct domctl *k)
{
	struct xen_domctl_scheduler_op *s = &k->op.u.scheduler_op;

	if (s->sched_id != scheduler_id())
		return -EINVAL;
	if (sched_one_to_one())		/* nothing to set, nothing to tell */
		return s->cmd <= XEN_DOMCTL_SCHEDOP_getvcpuinfo ? 0 : -EINVAL;
	switch (s->cmd) {
	case XEN_DOMCTL_SCHEDOP_putinfo:
		sched_set_weight(k->d, s->u.credit2.weight, s->u.credit2.cap);
		break;
	case XEN_DOMCTL_SCHEDOP_getinfo:
		s->u.credit2.weight = (uint16_t)k->d->sched.weight;
		s->u.credit2.cap = (uint16_t)k->d->sched.cap;
		break;
	default:
		return -EINVAL;
	}
	return 0;
}
