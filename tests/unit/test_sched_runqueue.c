/* SPDX-License-Identifier: MIT */
/* test_sched_runqueue.c - fairness, by simulating a CPU that follows the queue. */
/* link: hypervisor/sched/cap.c hypervisor/base/pheap.c hypervisor/sync/spinlock.c */
#include "sched/runqueue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define N	4
#define SLICE	3000000UL

static struct runqueue q;
static struct domain dom[N];
static struct vcpu v[N];
static const struct others none = { .first = NO_KEY, .least = NO_KEY };
static uint64_t got[N], now;

static int setup(void **state)
{
	q = (struct runqueue){ .head_key = NO_KEY };
	for (int i = 0; i < N; i++) {
		dom[i] = (struct domain){ .sched.rate = runqueue_rate(256) };
		v[i] = (struct vcpu){ .domain = &dom[i], .id = (uint32_t)i };
		got[i] = 0;
	}
	return 0;
}

/* One turn: the first runs for `ns` and queues again. */
static int turn(uint64_t ns)
{
	struct vcpu *r = runqueue_first(&q);

	runqueue_remove(&q, r);
	r->sched.charged = now;
	if (q.waiting)
		runqueue_limit_lag(r, q.head_key, q.head_rate);
	runqueue_raise(&q, r->sched.node.key);
	runqueue_runs(&q, r, now);
	now += ns;
	got[r->id] += ns;
	runqueue_charge(r, true, now);
	runqueue_bound(&q, r, &none);
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
		int r = turn(SLICE);

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
	dom[0].sched.rate = runqueue_rate(512);
	dom[1].sched.rate = runqueue_rate(128);
	for (int i = 0; i < 3; i++)
		runqueue_insert(&q, &v[i]);
	for (int t = 0; t < 7000; t++)
		turn(SLICE);
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
		turn(SLICE);
	got[0] = 0;
	runqueue_bound_waker(&q, &v[1], &none);
	runqueue_insert(&q, &v[1]);
	assert_int_equal(turn(SLICE), 1);
	for (int t = 0; t < 19; t++)
		turn(SLICE);
	assert_in_range(got[1] / SLICE, 9, 12);
	assert_in_range(got[0] / SLICE, 8, 11);
}

/* Rule: the weight is the domain's: its vCPUs share it. */
static void weight_is_shared(void **state)
{
	struct domain two = { .sched.rate = runqueue_rate(256), .sched.active = 2 };

	v[0].domain = v[1].domain = &two;
	for (int i = 0; i < 3; i++)
		runqueue_insert(&q, &v[i]);
	for (int t = 0; t < 4000; t++)
		turn(SLICE);
	assert_in_range(got[0] / SLICE, 980, 1020);
	assert_in_range(got[1] / SLICE, 980, 1020);
	assert_in_range(got[2] / SLICE, 1980, 2020);
}

/* Rule: who runs gives way once he is ahead by more than what was asked, in his
 * own time, whatever his weight. */
static void giving_way(void **state)
{
	dom[0].sched.rate = runqueue_rate(512);
	assert_true(runqueue_gives_way(&q, 0, MARGIN, now) == NO_KEY);	/* idle */
	v[0].sched.node.key = 1000;
	runqueue_runs(&q, &v[0], now);
	assert_true(runqueue_gives_way(&q, 1000, MARGIN, now + MARGIN - 10) == 0);
	assert_true(runqueue_gives_way(&q, 1000, MARGIN, now + MARGIN + 10) > 0);
	assert_true(runqueue_gives_way(&q, 1000, MARGIN, now - 10) == 0);
	assert_true(runqueue_gives_way(&q, 1000 + MARGIN / 2, MARGIN, now + MARGIN + 10) == 0);
}

/* Rule: who had nobody beside him is not paid back for it for long: when he has
 * to compete, he is behind the first who waits by his own SLACK and the other's
 * LAG at most. */
static void lag_is_limited(void **state)
{
	uint64_t key = 1000 * SLACK;

	dom[0].sched.rate = runqueue_rate(65535);
	v[1].sched.node.key = key;
	runqueue_insert(&q, &v[1]);
	runqueue_limit_lag(&v[0], q.head_key, q.head_rate);
	assert_true(v[0].sched.node.key == key - LAG - runqueue_weighted(&v[0], SLACK));
	runqueue_runs(&q, &v[0], now);
	assert_true(runqueue_turn(&q) == TURN + SLACK);
}

/* Rule: nor does he pay for it for long. */
static void lead_is_limited(void **state)
{
	v[1].sched.node.key = 5;
	runqueue_insert(&q, &v[1]);
	v[0].sched.node.key = 1000 * LEAD;
	runqueue_bound(&q, &v[0], &none);
	assert_true(v[0].sched.node.key == LEAD + 5);
	v[0].sched.node.key = 1000 * LEAD;
	runqueue_bound(&q, &v[0], &(struct others){ .first = 3 });
	assert_true(v[0].sched.node.key == LEAD + 3);
}

/* Rule: vCPUs of one domain that sleep in turn share one credit. */
static void sleeping_in_turn(void **state)
{
	struct domain two = { .max_vcpus = 2, .sched.rate = runqueue_rate(256) };

	v[0].domain = v[1].domain = &two;
	q.floor = 100 * SLACK;
	runqueue_bound_waker(&q, &v[0], &none);
	assert_true(v[0].sched.node.key == 99 * SLACK);
	v[0].sched.charged = now;
	runqueue_charge(&v[0], true, now += 3 * SLACK);
	runqueue_bound_waker(&q, &v[1], &none);
	assert_true(v[1].sched.node.key == 102 * SLACK);
}

/* Rule: the first for a CPU is the least of those that may run there, wherever
 * it is in the queue. */
static void first_for_a_cpu(void **state)
{
	static struct vcpu w[20];

	for (int i = 0; i < 20; i++) {
		w[i] = (struct vcpu){ .domain = &dom[0], .sched.hard = i % 5 ? 1 : 2,
				      .sched.node.key = (uint64_t)(i * 7919 % 20) };
		runqueue_insert(&q, &w[i]);
	}
	assert_int_equal(runqueue_first(&q)->sched.node.key, 0);
	for (int left = 4; left; left--) {
		struct vcpu *best = runqueue_first_for(&q, 1);

		for (int i = 0; i < 20; i += 5)
			assert_true(!w[i].sched.queued ||
				    w[i].sched.node.key >= best->sched.node.key);
		assert_int_equal(best->sched.hard, 2);
		runqueue_remove(&q, best);
	}
	assert_null(runqueue_first_for(&q, 1));
	assert_null(runqueue_first_for(&q, 2));
	assert_int_equal(q.waiting, 16);
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
	assert_true(q.head_key == NO_KEY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(equals_share, setup),
		cmocka_unit_test_setup(weights, setup),
		cmocka_unit_test_setup(sleeper_does_not_starve, setup),
		cmocka_unit_test_setup(weight_is_shared, setup),
		cmocka_unit_test_setup(giving_way, setup),
		cmocka_unit_test_setup(lag_is_limited, setup),
		cmocka_unit_test_setup(lead_is_limited, setup),
		cmocka_unit_test_setup(sleeping_in_turn, setup),
		cmocka_unit_test_setup(first_for_a_cpu, setup),
		cmocka_unit_test_setup(yield, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
