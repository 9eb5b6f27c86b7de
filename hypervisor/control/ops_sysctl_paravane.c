/* SPDX-License-Identifier: MIT */
/* ops_sysctl_paravane.c - sysctl: what Xen's interface has no place for.
 *
 * Guards: nothing a guest needs is here, so a tool that knows only Xen
 * misses nothing.
 */
#include "control/about.h"
#include "control/sysctl.h"
#include "control/trace.h"

#include "base/errno.h"
#include "base/string.h"
#include "cpu/cpus.h"
#include "cpu/stretch.h"
#include "hypercall/hypercall.h"
#include "mm/audit.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "sync/spinlock.h"
#include "time/time.h"

uint64_t boot_ram_frames;
bool boot_speculation_warned;

/* Frames of all domains together, and how many domains there are. */
static uint64_t count_owned(uint32_t *domains)
{
	uint64_t frames = 0;
	struct domain *d;

	*domains = 0;
	for_each_domain(d) {
		frames += d->mm.frames;
		(*domains)++;
	}
	return frames;
}

static void info(struct paravane_info *i)
{
	uint64_t owned;

	memset(i, 0, sizeof(*i));
	owned = count_owned(&i->nr_domains);
	i->flags = (boot_speculation_warned ? PARAVANE_INFO_SPECULATION : 0) |
		   (CONFIG_DEBUG ? PARAVANE_INFO_DEBUG : 0);
	i->own_frames = boot_ram_frames - heap_free_frames() - owned;
	i->uptime_ns = time_now();
	i->refusals = domain_refusals;
}

static long locks(struct paravane_locks *l)
{
	struct lock_counts counts;

	if (l->reset) {
		lock_counts_reset();
		return 0;
	}
	if (!lock_counts_read(l->index, &counts))
		return -ENOENT;
	*l = (struct paravane_locks){
		.index = l->index,
		.rank = counts.rank,
		.taken = counts.taken,
		.found_held = counts.found_held,
		.held_ticks = counts.held_ticks,
		.longest_ticks = counts.longest_ticks,
	};
	strlcpy(l->name, counts.name, sizeof(l->name));
	return 0;
}

static long longest(struct paravane_stretch *l)
{
	struct stretch s;

	if (l->reset) {
		stretch_reset();
		return 0;
	}
	if (!stretch_read(l->index, &s))
		return -ENOENT;
	*l = (struct paravane_stretch){
		.index = l->index,
		.kind = s.kind,
		.number = s.number,
		.command = s.command,
		.longest_ticks = s.longest,
		.count = s.count,
	};
	return 0;
}

static long vcpu_times(struct paravane_vcpu_times *t)
{
	struct domain *d = domain_get_by_id(t->domain);
	struct vcpu *v = d ? domain_vcpu(d, t->vcpu) : NULL;
	struct vcpu_runstate_info info;

	if (v) {
		t->now_ns = sched_runstate(v, &info);
		t->made_ns = v->sched.made;
		t->state = (uint32_t)info.state;
		memcpy(t->time_ns, info.time, sizeof(t->time_ns));
	}
	if (d)
		domain_put(d);
	return v ? 0 : -ESRCH;
}

static long refusal(struct paravane_refusal *r)
{
	struct domain *d = domain_get_by_id(r->domain);
	struct vcpu *v = d ? domain_vcpu(d, r->vcpu) : NULL;
	struct refusal kept;
	long rc = v ? refusal_read(v, &r->number, &kept) : -ESRCH;

	if (!rc) {
		r->when_ns = kept.when;
		r->now_ns = time_now();
		r->rip = kept.rip;
		memcpy(r->arg, kept.arg, sizeof(r->arg));
		memcpy(r->item, kept.item, sizeof(r->item));
		r->call = kept.call;
		r->error = kept.error;
		r->rule = kept.rule;
	}
	/* The end of the list is not a refusal, lest asking makes it longer. */
	if (rc == -ENOENT)
		rc = r->error = 0;
	if (d)
		domain_put(d);
	return rc;
}

static long stuck(const struct paravane_stuck *s)
{
	uint64_t end = time_now() + s->seconds * NS_PER_SECOND;

	if (!CONFIG_DEBUG)
		return -ENOSYS;
	BUG_ON(s->bug);
	/* QEMU takes its one big lock at each PAUSE: its clocks starve on a busy
	 * host if that is all we do. */
	for (uint32_t n = 0; time_now() < end; n++)
		if (!(n & 0xfff))
			cpu_relax();
	return 0;
}

long sysctl_paravane(struct sysctl *k)
{
	struct paravane_sysctl arg;
	long rc = 0;

	_Static_assert(sizeof(arg) <= sizeof(k->op.u), "it travels inside the block");
	memcpy(&arg, &k->op.u, sizeof(arg));
	if (arg.version != PARAVANE_SYSCTL_VERSION)
		return -EACCES;
	switch (arg.op) {
	case PARAVANE_OP_info:
		info(&arg.u.info);
		break;
	case PARAVANE_OP_audit:
		/* Restarted from the block: it goes back with the progress. */
		rc = mm_audit(&arg.u.audit);
		k->reply = rc == -ERESTART;
		break;
	case PARAVANE_OP_locks:
		rc = locks(&arg.u.locks);
		break;
	case PARAVANE_OP_stretch:
		rc = longest(&arg.u.stretch);
		break;
	case PARAVANE_OP_vcpu_times:
		rc = vcpu_times(&arg.u.times);
		break;
	case PARAVANE_OP_refusal:
		rc = refusal(&arg.u.refusal);
		break;
	case PARAVANE_OP_trace_start:
	case PARAVANE_OP_trace_read:
	case PARAVANE_OP_trace_stop:
		rc = trace_control(arg.op, &arg.u.trace);
		break;
	case PARAVANE_OP_stuck:
		rc = stuck(&arg.u.stuck);
		break;
	default:
		return -ENOSYS;
	}
	memcpy(&k->op.u, &arg, sizeof(arg));
	return rc;
}

static void log_domain(struct domain *d)
{
	unsigned up = 0, blocked = 0;
	uint64_t ns = 0;

	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		struct vcpu *v = d->vcpu[i];

		if (!v)
			continue;
		up += sched_vcpu_is_up(v);
		blocked += sched_vcpu_is_up(v) && sched_vcpu_blocked(v);
		ns += sched_runtime(v);
	}
	log("domain %u: %u of %u frames, %u references%s%s%s; %u of %u vCPUs up, "
	    "%u blocked, ran %lu ms", d->id, d->mm.frames, d->mm.max_frames, d->refs - 1,
	    d->pause_count ? ", paused" : "", d->shutdown ? ", shut down" : "",
	    d->life != DOMAIN_ALIVE ? ", dying" : "", up, d->max_vcpus, blocked,
	    ns / NS_PER_MS);
}

long log_domains(domid_t *next)
{
	struct domain *d;

	while ((d = domain_get_next(*next))) {
		log_domain(d);
		*next = (domid_t)(d->id + 1);
		domain_put(d);
		if (!budget_left(2 * LOG_LINE_UNITS))
			return -ERESTART;
	}
	return 0;
}
