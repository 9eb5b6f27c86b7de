/* SPDX-License-Identifier: MIT */
/* ops_domctl_settings.c - domctl: names, clocks and shares of a domain.
 */
#include "control/domctl.h"

#include "base/errno.h"
#include "base/string.h"
#include "control/machine.h"
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

long domctl_settscinfo(struct domctl *k)
{
	uint32_t mode = k->op.u.tsc_info.tsc_mode;

	if (k->d == k->caller->domain || mode > TSC_MODE_MAX)
		return -EINVAL;
	k->d->emul.tsc_mode = (uint8_t)mode;
	return 0;
}

/* Where RDTSC is the machine's own there is no frequency to tell. */
long domctl_gettscinfo(struct domctl *k)
{
	bool native = k->d->emul.tsc_mode == TSC_MODE_NEVER;

	if (k->d == k->caller->domain)
		return -EINVAL;
	k->op.u.tsc_info = (struct xen_domctl_tsc_info){
		.tsc_mode = k->d->emul.tsc_mode,
		.gtsc_khz = native ? 0 : (uint32_t)(time_tsc_hz() / 1000),
		.elapsed_nsec = native ? 0 : time_now(),
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
