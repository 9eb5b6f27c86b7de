/* SPDX-License-Identifier: MIT */
/* test_sched_sched.c - blocking and waking lose nothing; pausing stops. */
/* link: hypervisor/sched/runqueue.c hypervisor/sched/pick.c hypervisor/sched/place.c hypervisor/sched/ask.c hypervisor/sched/cap.c hypervisor/sched/null.c hypervisor/base/pheap.c hypervisor/sync/spinlock.c */
#include "sched/sched.h"

#include "base/errno.h"
#include "sched/runqueue.h"
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t now;
static struct vcpu_info info[4];
static struct domain dom[2];
static struct vcpu vcpu[4], idle;
static struct cpu *cpu;

uint64_t time_now(void)
{
	return now;
}

/* A queue of one: which timer, and when. */
static uint64_t slice_at, poll_at;

void timer_set(struct timer *t, uint64_t deadline)
{
	t->queue = (struct timer_queue *)1;
	*(t->kind == TIMER_SLICE ? &slice_at : &poll_at) = deadline;
}

void timer_stop(struct timer *t)
{
	t->queue = NULL;
	*(t->kind == TIMER_SLICE ? &slice_at : &poll_at) = 0;
}

/* What the exit path does, without registers. */
static struct vcpu *resched(void)
{
	struct vcpu *prev = cpu->current;

	cpu->pending = 0;
	cpu->current = sched_pick(cpu);
	if (cpu->current != prev)
		sched_switched(prev);
	return cpu->current;
}

static void run_for(uint64_t ns)
{
	now += ns;
}

static int setup(void **state)
{
	cpu = this_cpu();
	cpu->idle = &idle;
	cpu->current = &idle;
	now += 1000000000;
	for (unsigned i = 0; i < 2; i++) {
		dom[i] = (struct domain){ .id = (domid_t)i, .max_vcpus = 2 };
		spin_init(&dom[i].lock, RANK_DOMAIN);
		sched_domain_init(&dom[i]);
	}
	for (unsigned i = 0; i < 4; i++) {
		info[i] = (struct vcpu_info){ .evtchn_upcall_mask = 1 };
		vcpu[i] = (struct vcpu){ .domain = &dom[i / 2], .id = i % 2,
					 .info = &info[i], .time.poll.kind = TIMER_POLL };
		dom[i / 2].vcpu[i % 2] = &vcpu[i];
		sched_vcpu_init(&vcpu[i]);
	}
	sched_init(false);
	sched_vcpu_up(&vcpu[0]);
	assert_int_equal(cpu->pending, CPU_RESCHED);
	assert_ptr_equal(resched(), &vcpu[0]);
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < 2; i++) {
		dom[i].life = DOMAIN_DYING;
		sched_domain_update(&dom[i]);
	}
	assert_ptr_equal(resched(), &idle);
	for (int i = 0; i < 2; i++)
		assert_int_equal(sched_domain_stop(&dom[i]), 0);
	assert_int_equal(cpu->locks_held, 0);
	return 0;
}

/* Rule: block unmasks events and returns at once when one is pending. */
static void block_with_event_pending(void **state)
{
	info[0].evtchn_upcall_pending = 1;
	sched_block(&vcpu[0]);
	assert_int_equal(info[0].evtchn_upcall_mask, 0);
	assert_int_equal(cpu->pending, 0);
	assert_ptr_equal(resched(), &vcpu[0]);
}

static void block_and_wake(void **state)
{
	sched_block(&vcpu[0]);
	assert_int_equal(cpu->pending, CPU_RESCHED);
	assert_true(sched_vcpu_blocked(&vcpu[0]));
	assert_ptr_equal(resched(), &idle);
	run_for(5000);
	assert_int_equal(cpu->pending, 0);
	sched_wake(&vcpu[0]);
	assert_int_equal(cpu->pending, CPU_RESCHED);
	assert_ptr_equal(resched(), &vcpu[0]);
	sched_wake(&vcpu[0]);		/* awake: nothing */
	assert_int_equal(cpu->pending, 0);
}

/* Rule: a wake-up between block and the switch is not lost. */
static void wake_before_the_switch(void **state)
{
	sched_block(&vcpu[0]);
	sched_wake(&vcpu[0]);
	assert_ptr_equal(resched(), &vcpu[0]);
}

/* Rule: while another waits, the timer ends every turn, and then it is the
 * other's. */
static void turns(void **state)
{
	assert_int_equal(slice_at, 0);	/* alone: no interrupts for nothing */
	sched_vcpu_up(&vcpu[2]);
	assert_true(slice_at || cpu->pending);
	if (cpu->pending)
		resched();
	for (int i = 0; i < 10; i++) {
		struct vcpu *was = cpu->current;

		assert_in_range(slice_at - now, TURN, TURN + SLACK);
		now = slice_at;
		assert_ptr_not_equal(resched(), was);
	}
}

/* Rule: the four times add up to the time since creation. */
static void runstates_add_up(void **state)
{
	uint64_t start = now;
	struct vcpu_runstate_info i;

	run_for(1000);
	sched_vcpu_up(&vcpu[2]);
	run_for(700);
	sched_yield(&vcpu[0]);
	resched();
	run_for(50);
	resched();
	run_for(3000);
	sched_domain_pause(&dom[1]);
	resched();
	run_for(17);
	if (cpu->current == &vcpu[0])
		sched_block(&vcpu[0]);
	resched();
	run_for(40);
	for (int n = 0; n < 4; n += 2) {
		uint64_t sum = 0;

		sched_runstate(&vcpu[n], &i);
		for (int s = 0; s < 4; s++)
			sum += i.time[s];
		assert_true(sum == now - start);
	}
	sched_runstate(&vcpu[2], &i);
	assert_int_equal(i.state, RUNSTATE_offline);
	assert_int_equal(i.time[RUNSTATE_offline], 1000 + 17 + 40);
	sched_runstate(&vcpu[0], &i);
	assert_int_equal(i.state, RUNSTATE_blocked);
	assert_int_equal(i.time[RUNSTATE_blocked], 40);
}

/* Rule: pauses count; a paused domain's vCPUs do not run, whatever wakes
 * them, and run again when the last pause is undone. */
static void pausing(void **state)
{
	assert_int_equal(sched_domain_unpause(&dom[0]), -EINVAL);
	sched_domain_pause(&dom[0]);
	assert_int_equal(cpu->pending, CPU_RESCHED);
	sched_domain_pause(&dom[0]);
	assert_ptr_equal(resched(), &idle);
	sched_vcpu_up(&vcpu[1]);
	assert_int_equal(cpu->pending, 0);
	assert_int_equal(sched_domain_unpause(&dom[0]), 0);
	assert_ptr_equal(resched(), &idle);
	assert_int_equal(sched_domain_unpause(&dom[0]), 0);
	assert_ptr_not_equal(resched(), &idle);
}

/* Rule: a domain that was shut down from below is passed over. */
static void shut_down_in_the_queue(void **state)
{
	struct vcpu_runstate_info i;

	sched_vcpu_up(&vcpu[2]);
	dom[1].shutdown = true;
	run_for(10000000);
	assert_ptr_equal(resched(), &vcpu[0]);
	sched_runstate(&vcpu[2], &i);
	assert_int_equal(i.state, RUNSTATE_offline);
	dom[1].shutdown = false;
	sched_domain_update(&dom[1]);
	run_for(10000000);
	assert_ptr_equal(resched(), &vcpu[2]);
}

/* Rule: a poll ends with its port, with any event, or with its time. */
static void polling(void **state)
{
	sched_poll_begin(&vcpu[0]);
	sched_poll_sleep(&vcpu[0], 5, now + 100);
	assert_int_equal(poll_at, now + 100);
	assert_ptr_equal(resched(), &idle);
	sched_wake_pollers(&dom[0], 6);
	sched_wake_pollers(&dom[1], 5);
	assert_ptr_equal(resched(), &idle);
	sched_wake_pollers(&dom[0], 5);
	assert_int_equal(poll_at, 0);
	assert_int_equal(dom[0].sched.pollers, 0);
	assert_ptr_equal(resched(), &vcpu[0]);

	sched_poll_begin(&vcpu[0]);
	sched_poll_sleep(&vcpu[0], POLL_ANY, 0);
	assert_ptr_equal(resched(), &idle);
	sched_wake_pollers(&dom[0], 77);
	assert_ptr_equal(resched(), &vcpu[0]);

	sched_poll_begin(&vcpu[0]);
	sched_wake_pollers(&dom[0], 9);	/* between begin and sleep */
	sched_poll_sleep(&vcpu[0], 5, 0);
	assert_ptr_equal(resched(), &vcpu[0]);

	sched_poll_begin(&vcpu[0]);
	sched_poll_cancel(&vcpu[0]);
	assert_int_equal(dom[0].sched.pollers, 0);
	assert_int_equal(cpu->pending, 0);
}

/* Rule: down stops a vCPU, and up lets it go on as it was. */
static void down_and_up(void **state)
{
	sched_block(&vcpu[0]);
	resched();
	sched_vcpu_down(&vcpu[0]);
	sched_vcpu_up(&vcpu[0]);
	assert_true(sched_vcpu_blocked(&vcpu[0]));
	assert_ptr_equal(resched(), &idle);
	sched_vcpu_down(&vcpu[0]);
	sched_wake(&vcpu[0]);
	assert_ptr_equal(resched(), &idle);
	sched_vcpu_up(&vcpu[0]);
	assert_ptr_equal(resched(), &vcpu[0]);
}

/* Rule: after a yield everybody who waits has run before the yielder. */
static void yielding(void **state)
{
	sched_vcpu_up(&vcpu[1]);
	sched_vcpu_up(&vcpu[2]);
	resched();
	for (int i = 0; i < 6; i++) {
		struct vcpu *was = cpu->current;

		run_for(100);
		sched_yield(was);
		assert_int_equal(cpu->pending & CPU_RESCHED, CPU_RESCHED);
		assert_ptr_not_equal(resched(), was);
	}
	/* Even who had less than the others. */
	sched_vcpu_down(&vcpu[0]);
	sched_vcpu_down(&vcpu[1]);
	resched();
	run_for(5000000);
	sched_vcpu_up(&vcpu[0]);
	cpu->pending = 0;
	while (cpu->current != &vcpu[0])
		resched();
	sched_yield(&vcpu[0]);
	assert_ptr_equal(resched(), &vcpu[2]);
}

/* Rule: who yields is charged only for the time that it had. */
static void yielding_for_long(void **state)
{
	struct vcpu *last;
	uint64_t start;

	sched_vcpu_up(&vcpu[2]);
	resched();
	start = MAX(vcpu[0].sched.node.key, vcpu[2].sched.node.key);
	for (int i = 0; i < 1000; i++) {
		run_for(100);
		last = cpu->current;
		sched_yield(last);
		assert_ptr_not_equal(resched(), last);
	}
	assert_true(cpu->current->sched.node.key <= start + 1000 * 100);
	sched_block(cpu->current);
	assert_ptr_equal(resched(), last);
	assert_true(last->sched.node.key <= start + 1000 * 100);
}

/* Rule: of two idle CPUs a waker takes the one it prefers, not the one it ran on
 * last; if that one is busy, the other. */
static void soft_affinity(void **state)
{
	struct vcpu other = { 0 };
	struct cpu *second = cpu_of(1);

	second->id = 1;
	second->idle = second->current = &other;
	cpus_online = 3;
	place_set_busy(0, true);
	place_set_busy(1, false);
	assert_int_equal(sched_set_soft_affinity(&vcpu[0], 2), 0);
	sched_block(&vcpu[0]);
	assert_ptr_equal(resched(), &idle);
	sched_wake(&vcpu[0]);
	assert_int_equal(cpu->pending, 0);
	assert_int_equal(second->pending, CPU_RESCHED);
	assert_int_equal(vcpu[0].sched.cpu, 1);
	second->pending = 0;

	sched_vcpu_down(&vcpu[0]);
	place_set_busy(1, true);	/* with somebody else */
	sched_vcpu_up(&vcpu[0]);
	assert_int_equal(cpu->pending, CPU_RESCHED);
	assert_int_equal(second->pending, 0);
	assert_ptr_equal(resched(), &vcpu[0]);
	cpus_online = 1;
}

/* Rule: one to one, a CPU serves its owner alone, who keeps it while he sleeps;
 * the next one has it when he is down. */
static void one_to_one(void **state)
{
	sched_vcpu_down(&vcpu[0]);
	assert_ptr_equal(resched(), &idle);
	sched_init(true);
	sched_vcpu_up(&vcpu[0]);
	assert_ptr_equal(resched(), &vcpu[0]);
	sched_vcpu_up(&vcpu[2]);
	sched_vcpu_up(&vcpu[3]);
	assert_int_equal(cpu->pending, 0);
	sched_block(&vcpu[0]);
	assert_ptr_equal(resched(), &idle);
	sched_wake(&vcpu[0]);
	assert_ptr_equal(resched(), &vcpu[0]);
	run_for(5000);
	sched_vcpu_down(&vcpu[0]);
	assert_ptr_equal(resched(), &idle);	/* before its registers are saved */
	assert_ptr_equal(resched(), &vcpu[2]);
	sched_domain_pause(&dom[1]);
	assert_ptr_equal(resched(), &idle);
	sched_vcpu_up(&vcpu[0]);
	assert_int_equal(sched_domain_unpause(&dom[1]), 0);
	assert_ptr_equal(resched(), &vcpu[2]);
	dom[1].life = DOMAIN_DYING;
	sched_domain_update(&dom[1]);
	assert_ptr_equal(resched(), &idle);
	assert_ptr_equal(resched(), &vcpu[0]);
	sched_vcpu_down(&vcpu[0]);
	assert_ptr_equal(resched(), &idle);
	sched_init(false);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(block_with_event_pending), TEST(block_and_wake),
		TEST(wake_before_the_switch), TEST(turns), TEST(runstates_add_up),
		TEST(pausing), TEST(shut_down_in_the_queue), TEST(polling),
		TEST(down_and_up), TEST(yielding), TEST(one_to_one),
		TEST(yielding_for_long), TEST(soft_affinity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
