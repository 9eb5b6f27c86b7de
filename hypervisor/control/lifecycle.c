/* SPDX-License-Identifier: MIT */
/* lifecycle.c - creation and teardown, as two readings of one list.
 *
 * Guards: what a domain was given at creation is given back at its end, in
 * the opposite order, whether it lived or its creation failed half way:
 * the count of free frames returns to what it was.
 * Invariant: d->teardown_step counts the steps that stand. Destruction takes
 * the last of them away and then counts down; a step that ran out of budget
 * is entered again, and must know how far it was.
 * Not here: what each room does in its step.
 */
#include "control/lifecycle.h"

#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "control/poweroff.h"
#include "control/trace.h"
#include "cpu/cpus.h"
#include "emul/emul.h"
#include "evtchn/evtchn.h"
#include "grant/grant.h"
#include "mm/mm.h"
#include "mm/owner.h"
#include "sched/sched.h"
#include "time/time.h"

#include <public/sched.h>

static struct spinlock lifecycle = SPINLOCK_INIT(LIFECYCLE);

bool lifecycle_trylock(void)
{
	return spin_trylock(&lifecycle);
}

void lifecycle_unlock(void)
{
	spin_unlock(&lifecycle);
}

/* In order of creation. The frames a guest owns go (FRAMES) after everything
 * that refers to them and before what they may refer to. */
enum step {
	STEP_MM,		/* an owner number, the per-domain slot */
	STEP_SHARED_INFO,
	STEP_GRANT_TABLE,
	STEP_FRAMES,
	STEP_GRANT_MAPS,
	STEP_EVENTS,
	STEP_TIME,
	STEP_VCPUS,		/* the pages only a running vCPU needs */
	STEP_SCHED,
	NR_STEPS,
};

static int shared_info_make(struct domain *d)
{
	struct shared_info *s = page_alloc();

	if (!s)
		return -ENOMEM;
	d->shared = s;
	d->shared_mfn = virt_to_mfn(s);
	for (unsigned i = 0; i < ARRAY_SIZE(s->vcpu_info); i++)
		s->vcpu_info[i].evtchn_upcall_mask = 1;
	frame_lend(s, d, true);
	return 0;
}

static int step_make(struct domain *d, enum step s, const struct domain_plan *plan)
{
	switch (s) {
	case STEP_MM:
		return mm_domain_init(d);
	case STEP_SHARED_INFO:
		return shared_info_make(d);
	case STEP_GRANT_TABLE:
		return grant_domain_init(d, plan->max_grant_frames,
					 plan->max_maptrack_frames);
	case STEP_EVENTS:
		return evtchn_domain_init(d, plan->max_evtchn_port);
	case STEP_TIME:
		time_domain_init(d);
		wallclock_publish(d);
		return 0;
	case STEP_SCHED:
		sched_domain_init(d);
		return 0;
	case STEP_FRAMES:
	case STEP_GRANT_MAPS:
	case STEP_VCPUS:
	case NR_STEPS:
		break;
	}
	return 0;
}

static int step_undo(struct domain *d, enum step s)
{
	switch (s) {
	case STEP_SCHED:
		trace_end(d);
		return sched_domain_stop(d);
	case STEP_VCPUS:
		return domain_free_vcpu_pages(d);
	case STEP_TIME:
		time_domain_stop(d);
		return 0;
	case STEP_EVENTS:
		return evtchn_domain_destroy(d);
	case STEP_GRANT_MAPS:
		return grant_domain_release(d);
	case STEP_FRAMES:
		return mm_domain_teardown(d);
	case STEP_GRANT_TABLE:
		return grant_domain_free(d);
	case STEP_SHARED_INFO:
		spin_lock(&d->lock);
		frame_unlend(d->shared);
		d->shared = NULL;	/* who still finds d may ask for its clock */
		spin_unlock(&d->lock);
		return 0;
	case STEP_MM:		/* waits until nobody maps a frame of it: reap */
	case NR_STEPS:
		break;
	}
	return 0;
}

/* DYING to DEAD, within the budget. */
static int tear_down(struct domain *d)
{
	while (d->teardown_step) {
		int rc = step_undo(d, (enum step)(d->teardown_step - 1));

		if (rc)
			return rc;
		d->teardown_step--;
		if (d->teardown_step && !budget_left(1))
			return -ERESTART;
	}
	WRITE_ONCE(d->life, DOMAIN_DEAD);
	/* whoever maps its frames is told now, to let go of them; and again
	 * when it is freed */
	cpu_pend(this_cpu(), CPU_REAP | CPU_DOM_EXC);
	return 0;
}

/* A domain that never had frames or vCPUs: nothing in it takes long. */
static void undo_creation(struct domain *d)
{
	bool had_mm = d->teardown_step;

	d->life = DOMAIN_DYING;
	while (d->teardown_step) {
		BUG_ON(step_undo(d, (enum step)(d->teardown_step - 1)));
		d->teardown_step--;
	}
	if (had_mm)
		mm_domain_free(d);
	domain_free(d);
}

/* tour 21: a domain comes to be, step by step, each with its undoing. */
int lifecycle_create(const struct domain_plan *plan, struct domain **out)
{
	struct domain *d;
	int rc = domain_alloc(plan->id, plan->max_vcpus, &d);

	if (rc)
		return rc;
	d->control = plan->control;
	d->ssidref = plan->ssidref;
	memcpy(d->handle, plan->handle, sizeof(d->handle));
	d->pause_count = 1;
	while (d->teardown_step < NR_STEPS) {
		rc = step_make(d, (enum step)d->teardown_step, plan);
		if (rc)
			goto fail;
		d->teardown_step++;
	}
	domain_hold(d);
	rc = -EEXIST;
	if (!domain_publish(d))
		goto fail;
	*out = d;
	return 0;
fail:
	undo_creation(d);
	return rc;
}

/* Budget units of making one: three pages are cleared. */
#define MAKE_VCPU_UNITS	140

static int make_vcpu(struct domain *d, uint32_t id)
{
	struct vcpu *v;
	int rc = vcpu_alloc(d, id, &v);

	if (rc)
		return rc;
	emul_vcpu_init(v);
	evtchn_vcpu_init(v);
	time_vcpu_init(v);
	sched_vcpu_init(v);
	vcpu_publish(v);
	return 0;
}

int lifecycle_make_vcpus(struct domain *d)
{
	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		int rc;

		if (d->vcpu[i])		/* made before a restart, and paid then */
			continue;
		rc = make_vcpu(d, i);
		if (rc)
			return rc;
		if (!budget_left(MAKE_VCPU_UNITS))
			return -ERESTART;
	}
	return 0;
}

/* tour 22: and ends the same way, an entry at a time. */
int lifecycle_destroy(struct domain *d)
{
	spin_lock(&d->lock);
	if (d->life == DOMAIN_ALIVE)
		WRITE_ONCE(d->life, DOMAIN_DYING);
	spin_unlock(&d->lock);
	return d->life == DOMAIN_DEAD ? 0 : tear_down(d);
}

/* --- freeing --------------------------------------------------------------------
 *
 * A dead domain's memory is freed when nobody refers to it and, since it died,
 * every CPU has been at its exit: until then one may still be on its way with a
 * timer or a vCPU that it found without taking a reference. */

static struct spinlock reaper = SPINLOCK_INIT(LIFECYCLE);
/* CPUs that the round under way still waits for; atomic */
static uint64_t awaited;

void lifecycle_quiesced(void)
{
	uint64_t bit = 1UL << this_cpu()->id;

	if (!__atomic_and_fetch(&awaited, ~bit, __ATOMIC_ACQ_REL))
		cpu_pend(this_cpu(), CPU_REAP);
}

static void start_round(uint64_t others)
{
	__atomic_store_n(&awaited, others, __ATOMIC_RELEASE);
	for (; others; others &= others - 1)
		cpu_kick(cpu_of((unsigned)__builtin_ctzl(others)), CPU_QUIESCE);
}

static void free_if_last(struct domain *d)
{
	if (!domain_unlink(d))
		return;
	mm_domain_free(d);
	domain_free(d);
	cpu_pend(this_cpu(), CPU_DOM_EXC);
}

/* The other CPUs that may be on their way with something. One that rests, and
 * is woken after this look, finds nothing of who was dead before it. */
static uint64_t busy_others(void)
{
	uint64_t busy = cpus_online & ~(1UL << this_cpu()->id);

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint64_t left = busy; left; left &= left - 1) {
		unsigned id = (unsigned)__builtin_ctzl(left);

		if (__atomic_load_n(&cpu_of(id)->resting, __ATOMIC_ACQUIRE))
			busy &= ~(1UL << id);
	}
	return busy;
}

void lifecycle_reap(void)
{
	uint64_t ask = 0;
	struct domain *d;
	bool round_over;
	domid_t id = 0;

	spin_lock(&reaper);	/* nobody else frees: d stays when it is put */
	round_over = !__atomic_load_n(&awaited, __ATOMIC_ACQUIRE);
	while ((d = domain_get_next_ended(id))) {
		id = (domid_t)(d->id + 1);
		domain_put_quietly(d);	/* or the look would ask for another, for ever */
		if (d->life != DOMAIN_DEAD)
			continue;
		if (round_over && d->quiet != QUIET) {
			uint64_t busy = d->quiet == QUIET_UNASKED ? busy_others() : 0;

			d->quiet = busy ? QUIET_AWAITED : QUIET;
			ask |= busy;
		}
		if (d->quiet == QUIET)
			free_if_last(d);
	}
	if (ask)
		start_round(ask);
	spin_unlock(&reaper);
}

/* Who set the flag stands below the scheduler and could not tell it. */
static void take_stopped_off_the_queue(void)
{
	struct domain *d;

	for (domid_t id = 0; (d = domain_get_next_ended(id)); domain_put(d)) {
		id = (domid_t)(d->id + 1);
		if (__atomic_exchange_n(&d->stop_unseen, false, __ATOMIC_ACQ_REL))
			sched_domain_update(d);
	}
}

void lifecycle_domain_stopped(void)
{
	if (!control_domain)
		return;
	if (control_domain->shutdown)
		machine_end(control_domain);
	take_stopped_off_the_queue();
	evtchn_virq_global(control_domain, VIRQ_DOM_EXC);
}
