/* SPDX-License-Identifier: MIT */
/* test_time_timer.c - timers come due in order, and the hardware is armed. */
/* link: hypervisor/base/pheap.c hypervisor/sync/spinlock.c */
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define SLOP	50000UL

static uint64_t now, armed_for;
static unsigned times_armed;

uint64_t time_now(void)
{
	return now;
}

void apic_timer_arm(uint64_t ns)
{
	armed_for = now + ns;
	times_armed++;
}

static struct vcpu *published;

void clock_check(void) { }
void watchdog_tick(void) { }

void guest_tsc_set(struct domain *d, unsigned mode, uint32_t khz, uint64_t elapsed) { }

void time_publish(struct vcpu *v)
{
	published = v;
}

static struct timer a = { .kind = TIMER_SINGLESHOT }, b = { .kind = TIMER_POLL },
		    c = { .kind = TIMER_SLICE };

static int setup(void **state)
{
	timer_stop(&a);
	timer_stop(&b);
	timer_stop(&c);
	timer_init();
	now = 1000000000;
	times_armed = 0;
	armed_for = 0;
	this_cpu()->pending = 0;
	return 0;
}

/* Rule: what is due is handed out once, earliest first. */
static void due_in_order(void **state)
{
	timer_set(&a, now + 300000);
	timer_set(&b, now + 100000);
	timer_set(&c, now + 200000);
	assert_null(time_take_due());
	now += 250000;
	assert_ptr_equal(time_take_due(), &b);
	assert_ptr_equal(time_take_due(), &c);
	assert_null(time_take_due());
	assert_int_equal(armed_for, now + 50000);
	now += 50000;
	assert_ptr_equal(time_take_due(), &a);
	assert_null(time_take_due());
}

/* Rule: the interrupt is never later than the earliest timer, but for the
 * slop, and not moved when it comes earlier than needed. */
static void armed_for_the_earliest(void **state)
{
	timer_set(&a, now + 900000);
	assert_int_equal(armed_for, now + 900000);
	timer_set(&b, now + 400000);
	assert_int_equal(armed_for, now + 400000);
	timer_set(&c, now + 500000);
	timer_stop(&b);
	assert_int_equal(times_armed, 2);
	now += 400000;			/* the spare interrupt */
	assert_null(time_take_due());
	assert_int_equal(times_armed, 3);
	assert_int_equal(armed_for, now + 100000);
}

/* Rule: near deadlines share one interrupt, past ones need none. */
static void near_and_past(void **state)
{
	timer_set(&a, now + 10);
	assert_int_equal(armed_for, now + SLOP);
	timer_set(&b, now + 20);
	assert_int_equal(times_armed, 1);
	assert_int_equal(this_cpu()->pending, 0);
	timer_set(&c, now - 1);
	assert_int_equal(this_cpu()->pending, CPU_TIMER);
	assert_ptr_equal(time_take_due(), &c);
	assert_null(time_take_due());
	assert_int_equal(armed_for, now + SLOP);
}

/* Rule: setting a queued timer moves it. */
static void moving(void **state)
{
	timer_set(&a, now + 100000);
	timer_set(&a, now + 300000);
	now += 200000;
	assert_null(time_take_due());
	now += 100000;
	assert_ptr_equal(time_take_due(), &a);
	timer_stop(&a);			/* not queued: no harm */
	assert_null(time_take_due());
}

/* Rule: the periodic timer ticks while its vCPU runs; a tick missed while it
 * did not is raised once when it runs again. */
static void periodic(void **state)
{
	static struct vcpu v;

	time_vcpu_init(&v);
	this_cpu()->current = &v;
	time_set_period(&v, 2000000);
	time_switch_out(&v);
	now += 10000000;
	assert_null(time_take_due());
	assert_int_equal(v.pending, 0);
	time_switch_in(&v);
	assert_int_equal(v.pending, VCPU_TIMER);
	now += 2000000;
	assert_ptr_equal(time_take_due(), &v.time.periodic);
	time_periodic_rearm(&v);
	assert_null(time_take_due());
	time_set_period(&v, 0);
	now += 10000000;
	assert_null(time_take_due());
}

/* Rule: a period set by another vCPU changes no timer before its own CPU sees it. */
static void period_of_another(void **state)
{
	static struct vcpu v, self;

	time_vcpu_init(&v);
	this_cpu()->current = &self;
	time_set_period(&v, 5000000);
	assert_int_equal(v.pending, VCPU_PERIOD);
	assert_null(v.time.periodic.queue);
	this_cpu()->current = &v;
	time_restart_period(&v);
	now += 4999999;
	assert_null(time_take_due());
	now++;
	assert_ptr_equal(time_take_due(), &v.time.periodic);
}

/* Rule: each CPU has its own queue; a timer that is set again elsewhere moves
 * there, and is stopped from anywhere. */
static void two_cpus(void **state)
{
	timer_set(&a, now + 100);
	timer_set(&b, now + 100);
	this_cpu()->id = 1;
	now += 100;
	assert_null(time_take_due());
	timer_set(&a, now + 100000);
	timer_stop(&b);
	this_cpu()->id = 0;
	assert_null(time_take_due());
	this_cpu()->id = 1;
	now += 100000;
	assert_ptr_equal(time_take_due(), &a);
	assert_null(time_take_due());
	this_cpu()->id = 0;
}

/* Rule: a clock that runs for long is renewed, and nobody is told. */
static void clock_tick(void **state)
{
	static struct vcpu v, nobody;

	this_cpu()->idle = &nobody;
	this_cpu()->current = &v;
	published = NULL;
	timer_start_clock();
	timer_set(&a, now + 1500000000);
	now += 1000000000;
	assert_null(time_take_due());
	assert_ptr_equal(published, &v);
	assert_int_equal(armed_for, now + 500000000);
	this_cpu()->current = &nobody;
	published = NULL;
	now += 1000000000;
	assert_ptr_equal(time_take_due(), &a);
	assert_null(time_take_due());
	assert_null(published);
	assert_int_equal(armed_for, now + 1000000000);
}

static void stopping_a_domain(void **state)
{
	static struct vcpu v;
	static struct domain d = { .max_vcpus = 1, .vcpu = { &v } };

	time_domain_init(&d);
	time_vcpu_init(&v);
	timer_set(&d.time.watchdog[1], now + 1);
	timer_set(&v.time.singleshot, now + 2);
	timer_set(&v.time.poll, now + 3);
	time_domain_stop(&d);
	now += 100;
	assert_null(time_take_due());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(due_in_order, setup),
		cmocka_unit_test_setup(armed_for_the_earliest, setup),
		cmocka_unit_test_setup(near_and_past, setup),
		cmocka_unit_test_setup(moving, setup),
		cmocka_unit_test_setup(periodic, setup),
		cmocka_unit_test_setup(period_of_another, setup),
		cmocka_unit_test_setup(two_cpus, setup),
		cmocka_unit_test_setup(stopping_a_domain, setup),
		cmocka_unit_test_setup(clock_tick, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
