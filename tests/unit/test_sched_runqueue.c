/* SPDX-License-Identifier: MIT */
/* test_sched_runqueue.c - fairness, by simulating a CPU that follows the queue. */
/* link: hypervisor/base/pheap.c */
#include "sched/runqueue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define N	4
#define SLICE	10000000UL

static struct runqueue q;
static struct domain dom[N];
static struct vcpu v[N];
static uint64_t got[N];

static int setup(void **state)
{
	q = (struct runqueue){ 0 };
	for (int i = 0; i < N; i++) {
		dom[i] = (struct domain){ .sched.weight = 256 };
		v[i] = (struct vcpu){ .domain = &dom[i], .id = (uint32_t)i };
		got[i] = 0;
	}
	return 0;
}

/* One turn: the first runs for up to `ns` and queues again if it `stays`. */
static int turn(uint64_t ns, bool stays)
{
	struct vcpu *r = runqueue_first(&q);

	runqueue_take(&q, r);
	got[r->id] += ns;
	runqueue_charge(r, ns);
	if (stays)
		runqueue_insert(&q, r);
	return (int)r->id;
}

/* Rule: equals get equal time, and none waits longer than a round. */
static void equals_share(void **state)
{
	int since[N] = { 0 };

	for (int i = 0; i < N; i++)
		runqueue_insert(&q, &v[i]);
	for (int t = 0; t < 400; t++) {
		int r = turn(SLICE, true);

		for (int i = 0; i < N; i++)
			since[i] = i == r ? 0 : since[i] + 1;
		for (int i = 0; i < N; i++)
			assert_true(since[i] < 2 * N);
	}
	for (int i = 0; i < N; i++)
		assert_true(got[i] == 100 * SLICE);
}

/* Rule: time is shared by weight. */
static void weights(void **state)
{
	dom[0].sched.weight = 512;
	dom[1].sched.weight = 128;
	for (int i = 0; i < 3; i++)
		runqueue_insert(&q, &v[i]);
	for (int t = 0; t < 7000; t++)
		turn(SLICE, true);
	assert_in_range(got[0] / SLICE, 3980, 4020);	/* 4/7 */
	assert_in_range(got[1] / SLICE, 980, 1020);	/* 1/7 */
	assert_in_range(got[2] / SLICE, 1980, 2020);	/* 2/7 */
}

/* Rule: who slept for an hour runs at once, but has saved nothing up: the
 * other gets its half from then on. */
static void sleeper_does_not_starve(void **state)
{
	runqueue_insert(&q, &v[0]);
	for (int t = 0; t < 360000; t++)
		turn(SLICE, true);
	got[0] = 0;
	runqueue_insert(&q, &v[1]);
	assert_int_equal(turn(SLICE, true), 1);
	for (int t = 0; t < 19; t++)
		turn(SLICE, true);
	assert_in_range(got[1] / SLICE, 9, 12);
	assert_in_range(got[0] / SLICE, 8, 11);
}

/* Rule: short sleepers gain nothing: a vCPU that runs 1 ms and sleeps until
 * the other had its slice gets its turn every time, no more. */
static void waker_preempts(void **state)
{
	runqueue_insert(&q, &v[0]);
	for (int t = 0; t < 100; t++)
		turn(SLICE, true);
	runqueue_insert(&q, &v[1]);
	runqueue_take(&q, &v[0]);
	assert_true(runqueue_preempts(&v[1], &v[0], 0));
	/* Having had the same, it waits. */
	v[1].sched.node.key = v[0].sched.node.key;
	assert_false(runqueue_preempts(&v[1], &v[0], 500000));
	assert_true(runqueue_preempts(&v[1], &v[0], SLICE));
}

/* Rule: after a yield whoever waits goes first. */
static void yield(void **state)
{
	v[0].sched.node.key = 100;
	v[1].sched.node.key = 5000;
	runqueue_insert(&q, &v[1]);
	runqueue_step_back(&q, &v[0]);
	runqueue_insert(&q, &v[0]);
	assert_ptr_equal(runqueue_first(&q), &v[1]);
	runqueue_remove(&q, &v[1]);
	assert_ptr_equal(runqueue_first(&q), &v[0]);
	runqueue_remove(&q, &v[0]);
	assert_null(runqueue_first(&q));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(equals_share, setup),
		cmocka_unit_test_setup(weights, setup),
		cmocka_unit_test_setup(sleeper_does_not_starve, setup),
		cmocka_unit_test_setup(waker_preempts, setup),
		cmocka_unit_test_setup(yield, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
