/* SPDX-License-Identifier: MIT */
/* sched.h - the door of the scheduler: who runs where.
 *
 * Each CPU has a run queue, ordered by weighted CPU time: who had least, in
 * this queue or clearly less in another, runs next, for at most a turn while
 * others wait. Nothing here switches registers: the exit path asks
 * sched_pick() and does it. docs/scheduler.md explains it.
 */
#ifndef PARAVANE_SCHED_SCHED_H
#define PARAVANE_SCHED_SCHED_H

#include "domain/domain.h"

/* `null`: a CPU serves one vCPU only (option sched=null). */
void sched_init(bool null);

/* --- a vCPU's own wishes (v is current) ------------------------------------ */
static inline bool sched_event_due(const struct vcpu *v)
{
	return (v->info->evtchn_upcall_pending && !v->info->evtchn_upcall_mask) ||
	       READ_ONCE(v->pending);
}

/* Sleep until an event is due. */
void sched_sleep(struct vcpu *v);
/* Unmask events and sleep until one is pending. */
static inline void sched_block(struct vcpu *v)
{
	v->info->evtchn_upcall_mask = 0;
	if (!sched_event_due(v))
		sched_sleep(v);
}

/* Let every other runnable vCPU go first, once. */
void sched_yield(struct vcpu *v);
/* From begin on an event on any port wakes v; look at the ports in between,
 * then sleep (for one port or POLL_ANY, until `timeout` unless 0), or
 * cancel. */
#define POLL_ANY	(~0u)
void sched_poll_begin(struct vcpu *v);
void sched_poll_sleep(struct vcpu *v, uint32_t port, uint64_t timeout);
void sched_poll_cancel(struct vcpu *v);

/* --- what others do to it --------------------------------------------------- */
/* v has something to look at: a block or a poll of it ends; if it runs on
 * another CPU, that CPU is interrupted. */
void sched_wake(struct vcpu *v);
/* The second half of that only. */
void sched_kick_running(struct vcpu *v);
/* `port` of d became pending: wake who polls for it. */
void sched_wake_pollers(struct domain *d, uint32_t port);

void sched_vcpu_up(struct vcpu *v);
void sched_vcpu_down(struct vcpu *v);
/* Counted; 0, or -EINVAL when it was not paused. The caller does not hold
 * d's lock. */
void sched_domain_pause(struct domain *d);
MUST_CHECK int sched_domain_unpause(struct domain *d);
/* d's life, shutdown flag or pause count changed: queue who may run now,
 * take the others off. */
void sched_domain_update(struct domain *d);
/* For destruction: 0 when no vCPU of d runs or is queued, else -ERESTART. */
int sched_domain_stop(struct domain *d);
/* From the one to the other v runs nowhere, and its registers are saved. By the
 * holder of the lifecycle lock, with no other lock. */
void sched_vcpu_hold(struct vcpu *v);
void sched_vcpu_release(struct vcpu *v);
/* A weight of 0 leaves it as it is. */
void sched_set_weight(struct domain *d, uint32_t weight, uint32_t cap);

void sched_domain_init(struct domain *d);
/* Down, and runnable once it is up. */
void sched_vcpu_init(struct vcpu *v);

/* --- what the tools ask ----------------------------------------------------- */
bool sched_vcpu_is_up(const struct vcpu *v);
bool sched_vcpu_blocked(const struct vcpu *v);
bool sched_vcpu_running(const struct vcpu *v);
/* Where it runs, or ran last. */
uint32_t sched_vcpu_cpu(const struct vcpu *v);
/* ns on a CPU so far. */
uint64_t sched_runtime(struct vcpu *v);
/* ns that nobody ran on a CPU. */
uint64_t sched_idle_time(uint32_t cpu);
/* The system time at which that was so: the times add up to it, counted from
 * v's creation. */
uint64_t sched_runstate(struct vcpu *v, struct vcpu_runstate_info *out);

bool sched_one_to_one(void);

/* --- affinity: bit per CPU ---------------------------------------------------- */
/* Where v may run, where it would rather run; CPUs that are not there do not
 * count. 0, -EINVAL when hard affinity leaves none, -EBUSY while a pin overrides
 * it. */
MUST_CHECK int sched_set_hard_affinity(struct vcpu *v, uint64_t cpus);
MUST_CHECK int sched_set_soft_affinity(struct vcpu *v, uint64_t cpus);
uint64_t sched_hard_affinity(const struct vcpu *v);
uint64_t sched_soft_affinity(const struct vcpu *v);
/* SCHEDOP_pin_override: `hard` is that CPU alone until cpu is -1. 0, -EINVAL, -EBUSY. */
MUST_CHECK int sched_pin_override(struct vcpu *v, int cpu);
/* The only CPU it may run on; -1 if there are more. */
int sched_pinned_cpu(const struct vcpu *v);

/* --- the exit path ------------------------------------------------------------ */
/* Who runs next on c (maybe the same; c->idle if nobody can). */
struct vcpu *sched_pick(struct cpu *c);
/* Around the switch of registers and page tables: the guests' own copies of
 * their run state are brought up to date (ops_areas.c). Not for idle vCPUs. */
void sched_leaving(struct vcpu *prev);
void sched_entering(struct vcpu *next);
/* v's areas may be new places: written anew (v is current). */
void sched_write_areas(struct vcpu *v);
/* The switch is done: prev's registers are saved, others may have it. */
void sched_switched(struct vcpu *prev);
/* Whose watchdog that timer is. */
struct domain *sched_watchdog_owner(struct timer *t);

/* --- the vCPU's registered areas (ops_areas.c; v's root may be loaded) ------- */
/* 0 unregisters. -EFAULT for an address that is not the guest's. */
MUST_CHECK int sched_register_runstate(struct vcpu *v, uint64_t va);
MUST_CHECK int sched_register_time(struct vcpu *v, uint64_t va);

#endif
