/* SPDX-License-Identifier: MIT */
/* exit.c - pending bits into actions, on the way out.
 *
 * Guards: the only place where a fact found by a low room (timer due, domain
 * died, console has text) becomes a call into a higher one, and the only
 * place where a CPU changes its vCPU.
 * Invariant: returns with nothing pending that could be served now, or with an
 * interrupt on its way for what is left. The assembly looks again once, after it
 * has delivered an event.
 */
#include "traps/traps.h"

#include <public/sched.h>

#include "console/console.h"
#include "control/lifecycle.h"
#include "control/trace.h"
#include "cpu/cpus.h"
#include "cpu/stretch.h"
#include "evtchn/evtchn.h"
#include "sched/sched.h"
#include "time/time.h"

/* tour 06: timers that are due, each for its owner. */
static void serve_timers(void)
{
	struct timer *t;

	while ((t = time_take_due())) {
		switch (t->kind) {
		case TIMER_SINGLESHOT:
			evtchn_virq_vcpu(container_of(t, struct vcpu, time.singleshot),
					 VIRQ_TIMER);
			break;
		case TIMER_PERIODIC:
			time_periodic_rearm(container_of(t, struct vcpu, time.periodic));
			evtchn_virq_vcpu(container_of(t, struct vcpu, time.periodic),
					 VIRQ_TIMER);
			break;
		case TIMER_POLL:
			sched_wake(container_of(t, struct vcpu, time.poll));
			break;
		case TIMER_SLICE:
			cpu_pend(this_cpu(), CPU_RESCHED);
			break;
		case TIMER_WATCHDOG:
			domain_shutdown(sched_watchdog_owner(t), SHUTDOWN_watchdog);
			break;
		case TIMER_TRACE:
			trace_overdue(container_of(t, struct domain, time.trace));
			break;
		case TIMER_NONE:
		case TIMER_CLOCK:	/* served inside time */
			BUG();
		}
	}
}

static void serve_cpu(struct cpu *c, uint32_t bits)
{
	if (bits & CPU_TIMER) {
		serve_timers();
		if (!c->id)
			console_poll_input();
	}
	if (bits & CPU_DOM_EXC)
		lifecycle_domain_stopped();
	if ((bits & CPU_CONSOLE) && control_domain)
		evtchn_virq_global(control_domain, VIRQ_CONSOLE);
	if (bits & CPU_REAP)
		lifecycle_reap();
	if (bits & CPU_NMI)
		log_guest("NMI: reason unknown, ignored");
	/* Last: whoever waits for these may be sure of all of the above. */
	if (bits & CPU_HOLD)
		cpu_stand_still();
	if (bits & CPU_QUIESCE)
		lifecycle_quiesced();
}

/* Until somebody may run: nothing else in the hypervisor sleeps. */
static struct vcpu *idle(struct cpu *c)
{
	for (;;) {
		uint32_t bits;

		while (!(bits = __atomic_exchange_n(&c->pending, 0, __ATOMIC_ACQUIRE))) {
			stretch_end();
			__atomic_store_n(&c->resting, true, __ATOMIC_RELEASE);
			/* STI takes effect after the next instruction, so an
			 * interrupt cannot slip in between check and HLT. */
			__asm__ volatile("sti; hlt; cli" ::: "memory");
			__atomic_exchange_n(&c->resting, false, __ATOMIC_SEQ_CST);
			stretch_begin_idle();
		}
		serve_cpu(c, bits);
		c->budget = BUDGET_PER_ENTRY;
		if (bits & CPU_RESCHED) {
			struct vcpu *next = sched_pick(c);

			if (next != c->idle)
				return next;
		}
	}
}

/* From the moment of sched_switched() on prev may run on another CPU, or end. */
static void switch_to(struct cpu *c, struct vcpu *prev, struct vcpu *next)
{
	if (prev != c->idle)
		sched_leaving(prev);
	context_switch(prev, next);	/* to idle too: prev's tables may go meanwhile */
	sched_switched(prev);
	if (next != c->idle)
		sched_entering(next);
}

static struct vcpu *reschedule(struct cpu *c, struct vcpu *v)
{
	struct vcpu *next = sched_pick(c);

	if (next == v)
		return v;
	switch_to(c, v, next);
	if (next == c->idle) {
		next = idle(c);
		switch_to(c, c->idle, next);
	}
	return next;
}

NORETURN void idle_enter(void)
{
	struct cpu *c = this_cpu();
	struct vcpu *next = idle(c);

	switch_to(c, c->idle, next);
	enter_guest(next, next->cpu_stack);
}

static void serve_vcpu(struct vcpu *v)
{
	uint32_t bits = __atomic_exchange_n(&v->pending, 0, __ATOMIC_ACQUIRE);

	if (bits & VCPU_PERIOD)
		time_restart_period(v);
	if (bits & VCPU_AREAS)
		sched_write_areas(v);
	if (bits & VCPU_TIMER)
		evtchn_virq_vcpu(v, VIRQ_TIMER);
	if ((bits & VCPU_NMI) && v->traps.nmi_masked)
		v->traps.nmi_again = true;
	else if ((bits & VCPU_NMI) && v->traps.gates[TRAP_NMI].address)
		bounce_nmi(v);
}

/* Another CPU's vCPU may give this one work as fast as it is done. After so many
 * rounds we leave all the same, unless v's domain has stopped, and an interrupt
 * follows at once; the clock's, if it is due, comes first. */
#define ROUNDS	8

struct vcpu *exit_work(struct vcpu *v)
{
	struct cpu *c = this_cpu();

	for (unsigned round = 0; round < ROUNDS || domain_stopped(v->domain); round++) {
		uint32_t bits = __atomic_exchange_n(&c->pending, 0, __ATOMIC_ACQUIRE);

		serve_cpu(c, bits);
		c->budget = BUDGET_PER_ENTRY;	/* what was freed here is not the next vCPU's */
		if (unlikely(READ_ONCE(c->requests)))
			cpu_serve_requests();	/* others may keep us here for a while */
		if ((bits | __atomic_load_n(&c->pending, __ATOMIC_RELAXED)) & CPU_RESCHED) {
			__atomic_fetch_and(&c->pending, ~(uint32_t)CPU_RESCHED, __ATOMIC_RELAXED);
			v = reschedule(c, v);
		}
		if (READ_ONCE(v->pending))
			serve_vcpu(v);
		if (!READ_ONCE(c->pending) && !READ_ONCE(v->pending))
			return v;
	}
	apic_send_ipi(c, IPI_VECTOR);
	return v;
}

/* v has got an event. Whoever runs in its place gets its own by interrupt: two
 * vCPUs could take turns without end while others raise events for them. */
struct vcpu *exit_work_again(struct vcpu *v)
{
	struct vcpu *next = exit_work(v);

	if (next != v)
		apic_send_ipi(this_cpu(), IPI_VECTOR);
	return next;
}
