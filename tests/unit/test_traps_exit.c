/* SPDX-License-Identifier: MIT */
/* test_traps_exit.c - the way out ends, whatever other CPUs find for it to do.
 */
#include "traps/traps.h"

#include "console/console.h"
#include "control/lifecycle.h"
#include "control/trace.h"
#include "cpu/cpus.h"
#include "cpu/stretch.h"
#include "evtchn/evtchn.h"
#include "sched/sched.h"
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* More than anybody could call an end. */
#define ENDLESS	1000

static struct domain domain;
static struct vcpu vcpu, other, idle;
static struct trap_gate gates[256];
static unsigned written, again, interrupts;
static bool crash;

struct domain *control_domain;

/* The last thing of a round: then the others are quicker, so often. */
void sched_write_areas(struct vcpu *v)
{
	assert_true(written++ < ENDLESS);
	if (!again)
		return;
	again--;
	vcpu_pend(v, VCPU_AREAS);
	cpu_pend(this_cpu(), CPU_EVENT);
	if (crash && !again) {
		domain.shutdown = true;
		cpu_pend(this_cpu(), CPU_RESCHED);
	}
}

void apic_send_ipi(const struct cpu *c, unsigned vector)
{
	assert_ptr_equal(c, this_cpu());
	assert_int_equal(vector, IPI_VECTOR);
	interrupts++;
}

struct vcpu *sched_pick(struct cpu *c) { return domain.shutdown ? &other : &vcpu; }
void sched_leaving(struct vcpu *v) { }
void sched_entering(struct vcpu *v) { }
void sched_switched(struct vcpu *v) { }
void sched_wake(struct vcpu *v) { }
struct domain *sched_watchdog_owner(struct timer *t) { return NULL; }
void context_switch(struct vcpu *prev, struct vcpu *next) { }
void enter_guest(struct vcpu *v, uint64_t stack) { abort(); }
struct timer *time_take_due(void) { return NULL; }
void time_restart_period(struct vcpu *v) { }
void time_periodic_rearm(struct vcpu *v) { }
void evtchn_virq_vcpu(struct vcpu *v, unsigned virq) { }
void evtchn_virq_global(struct domain *d, unsigned virq) { }
void trace_overdue(struct domain *d) { }
void domain_shutdown(struct domain *d, uint8_t reason) { }
void bounce_nmi(struct vcpu *v) { }
void console_poll_input(void) { }
void lifecycle_domain_stopped(void) { }
void lifecycle_reap(void) { }
void lifecycle_quiesced(void) { }
void cpu_stand_still(void) { }
void stretch_end(void) { }
void stretch_begin_idle(void) { }

static int setup(void **state)
{
	static struct domain others;

	domain = (struct domain){ 0 };
	vcpu = (struct vcpu){ .domain = &domain, .traps.gates = gates };
	other = (struct vcpu){ .domain = &others, .traps.gates = gates };
	this_cpu()->current = &vcpu;
	this_cpu()->idle = &idle;
	this_cpu()->pending = 0;
	written = interrupts = again = 0;
	crash = false;
	vcpu_pend(&vcpu, VCPU_AREAS);
	return 0;
}

/* Rule: what comes while it works is done as well. */
static void all_is_done(void **state)
{
	again = 2;
	assert_ptr_equal(exit_work(&vcpu), &vcpu);
	assert_int_equal(written, 3);
	assert_int_equal(vcpu.pending | this_cpu()->pending, 0);
	assert_int_equal(interrupts, 0);
}

/* Rule: but not for ever; then an interrupt follows for the rest. */
static void not_for_ever(void **state)
{
	again = ENDLESS;
	assert_ptr_equal(exit_work(&vcpu), &vcpu);
	assert_true(written < 20);
	assert_int_equal(interrupts, 1);
	assert_int_equal(vcpu.pending, VCPU_AREAS);
}

/* Rule: a vCPU whose domain crashed in one of the rounds is not run. */
static void not_into_a_crash(void **state)
{
	for (unsigned round = 1; round < 20; round++) {
		setup(state);
		again = round;
		crash = true;
		assert_false(domain_stopped(exit_work(&vcpu)->domain));
	}
}

/* Rule: after an event, who comes next instead has its own by interrupt. */
static void one_event_a_way_out(void **state)
{
	assert_ptr_equal(exit_work_again(&vcpu), &vcpu);
	assert_int_equal(interrupts, 0);
	domain.shutdown = true;
	cpu_pend(this_cpu(), CPU_RESCHED);
	assert_ptr_equal(exit_work_again(&vcpu), &other);
	assert_int_equal(interrupts, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_is_done, setup),
		cmocka_unit_test_setup(not_for_ever, setup),
		cmocka_unit_test_setup(not_into_a_crash, setup),
		cmocka_unit_test_setup(one_event_a_way_out, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
