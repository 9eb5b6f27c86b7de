/* SPDX-License-Identifier: MIT */
/* ops_vcpu.c - the front of vcpu_op: a domain and its own vCPUs.
 *
 * Guards: a domain names only its own vCPUs, by number. Each command is
 * carried out in the room it belongs to; this file lives in control because
 * starting a vCPU takes a whole context (context.c).
 */
#include "control/context.h"

#include <public/sched.h>
#include <public/vcpu.h>

#include "base/errno.h"
#include "cpu/cpus.h"
#include "evtchn/evtchn.h"
#include "guest/rows.h"
#include "hypercall/hypercall.h"
#include "sched/sched.h"
#include "time/time.h"

#define PERIOD_MIN	NS_PER_MS
#define PERIOD_MAX	(~0UL >> 2)

/* Budget units of copying a context. */
#define COPY_UNITS	32

static long initialise(struct vcpu *v, uint64_t arg)
{
	struct vcpu_guest_context *ctx;
	long rc;

	if (!evtchn_vcpu_has_info(v))
		return -EINVAL;
	(void)budget_left(COPY_UNITS);
	ctx = context_buffer_begin();
	if (copy_from_guest(ctx, arg, sizeof(*ctx)))
		rc = -EFAULT;
	else if (v->initialised)
		rc = -EEXIST;
	else
		rc = vcpu_set_context(v, ctx);
	context_buffer_end();
	return rc;
}

static long up(struct vcpu *v)
{
	struct domain *d = v->domain;
	long rc = -EINVAL;

	spin_lock(&d->lock);
	if (__atomic_load_n(&v->initialised, __ATOMIC_ACQUIRE)) {
		sched_vcpu_up(v);
		rc = 0;
	}
	spin_unlock(&d->lock);
	return rc;
}

static bool another_is_up(const struct vcpu *v)
{
	struct domain *d = v->domain;

	for (uint32_t i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && d->vcpu[i] != v && sched_vcpu_is_up(d->vcpu[i]))
			return true;
	return false;
}

/* When the last one goes down, nothing could ever bring one up again. Two that
 * go at once must not each take the other for being up. */
static long down(struct vcpu *v)
{
	struct domain *d = v->domain;
	bool last;

	spin_lock(&d->lock);
	last = !another_is_up(v);
	if (!last)
		sched_vcpu_down(v);
	spin_unlock(&d->lock);
	if (last)
		domain_shutdown(d, SHUTDOWN_poweroff);
	return 0;
}

static long get_runstate(struct vcpu *v, uint64_t arg)
{
	struct vcpu_runstate_info info;

	sched_runstate(v, &info);
	return copy_to_guest(arg, &info, sizeof(info));
}

/* Another vCPU's own CPU does it. */
static void set_period(struct vcpu *v, uint64_t ns)
{
	time_set_period(v, ns);
	sched_kick_running(v);
}

static long set_periodic(struct vcpu *v, struct vcpu_set_periodic_timer *req)
{
	if (req->period_ns < PERIOD_MIN || req->period_ns > PERIOD_MAX)
		return -EINVAL;
	set_period(v, req->period_ns);
	return 0;
}

static long set_singleshot(struct vcpu *v, uint64_t arg)
{
	struct vcpu_set_singleshot_timer req;

	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	/* VCPU_SSHOTTMR_future is Xen's to ignore, and so ours: what is past is
	 * due at once. Times are signed: a negative one is long past. */
	timer_set(&v->time.singleshot,
		  (int64_t)req.timeout_abs_ns < 0 ? 0 : req.timeout_abs_ns);
	return 0;
}

static long register_vcpu_info(struct vcpu *v, struct vcpu_register_vcpu_info *req)
{
	return evtchn_register_vcpu_info(v, mfn_make(req->mfn), req->offset);
}

static long send_nmi(struct vcpu *v, uint64_t arg)
{
	if (arg)
		return -EINVAL;
	/* Who sent the one that is pending already wakes v for both. */
	if (!(vcpu_pend(v, VCPU_NMI) & VCPU_NMI))
		sched_wake(v);
	return 0;
}

/* Of the control domain's vCPUs, those that stay on one CPU may know which. */
static long get_physid(struct vcpu *v, uint64_t arg)
{
	int cpu = sched_pinned_cpu(v);
	struct vcpu_get_physid reply = { 0 };

	if (!v->domain->control || cpu < 0)
		return -EINVAL;
	reply.phys_id = cpu_of((unsigned)cpu)->apic_id;
	return copy_to_guest(arg, &reply, sizeof(reply));
}

/* Apart, so that asking for a vCPU that is not there saves no registers. */
static __attribute__((noinline))
long command(struct vcpu *self, struct vcpu *v, const struct hcall *c)
{
	uint64_t arg = c->arg[2], va;

	switch ((uint32_t)c->arg[0]) {
	case VCPUOP_set_singleshot_timer:
		return v == self ? set_singleshot(v, arg) : -EINVAL;
	case VCPUOP_stop_singleshot_timer:
		if (v != self)
			return -EINVAL;
		timer_stop(&v->time.singleshot);
		return 0;
	case VCPUOP_is_up:
		return sched_vcpu_is_up(v);
	case VCPUOP_initialise:
		return initialise(v, arg);
	case VCPUOP_up:
		return up(v);
	case VCPUOP_down:
		return down(v);
	case VCPUOP_get_runstate_info:
		return get_runstate(v, arg);
	case VCPUOP_register_runstate_memory_area:
		return guest_read_u64(&va, arg) ? -EFAULT : sched_register_runstate(v, va);
	ARG(VCPUOP_set_periodic_timer, set_periodic, struct vcpu_set_periodic_timer)
	case VCPUOP_stop_periodic_timer:
		set_period(v, 0);
		return 0;
	ARG(VCPUOP_register_vcpu_info, register_vcpu_info, struct vcpu_register_vcpu_info)
	case VCPUOP_send_nmi:
		return send_nmi(v, arg);
	case VCPUOP_get_physid:
		return get_physid(v, arg);
	case VCPUOP_register_vcpu_time_memory_area:
		return guest_read_u64(&va, arg) ? -EFAULT : sched_register_time(v, va);
	}
	return -ENOSYS;
}

long hc_vcpu_op(struct vcpu *self, struct hcall *c)
{
	struct vcpu *v = domain_vcpu(self->domain, (uint32_t)c->arg[1]);

	return v ? command(self, v, c) : -ENOENT;
}
