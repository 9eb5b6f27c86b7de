/* SPDX-License-Identifier: MIT */
/* test_time_skew.c - two threads whose counters are a known way apart.
 */
/* link: hypervisor/time/guest_tsc.c hypervisor/time/clock.c */
#include "time/time.h"

#include "cpu/cpus.h"
#include "cpu/features.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

struct cpu_features cpu_features;

/* What each CPU's counter says beyond the true time. */
static int64_t ahead[FAKE_CPUS];
static bool deaf;

uint64_t rdtsc(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SECOND + (uint64_t)t.tv_nsec +
	       (uint64_t)ahead[fake_cpu];
}

static void *other(void *arg)
{
	fake_cpu = 1;
	skew_answer();
	return NULL;
}

static bool measure(void)
{
	pthread_t t;
	bool ok;

	cpu_of(1)->tsc_offset = 0;
	clock_init(NS_PER_SECOND, rdtsc());
	skew_begin();
	if (!deaf)
		assert_int_equal(pthread_create(&t, NULL, other, NULL), 0);
	ok = skew_measure(cpu_of(1));
	if (!deaf)
		pthread_join(t, NULL);
	return ok;
}

/* Rule: counters that agree are left alone, and time_now() stays cheap. */
static void equal(void **state)
{
	for (int i = 0; i < 5; i++) {
		assert_true(measure());
		assert_int_equal(cpu_of(1)->tsc_offset, 0);
	}
}

/* Rule: a difference is found to the precision that the log states: the other
 * CPU's time is that of the first, both ways, and neither goes backwards. */
static void apart(void **state)
{
	static const int64_t cases[] = { 3000000000, -3000000000, 700000000000 };

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t here, there, last = 0;

		ahead[1] = cases[i];
		assert_true(measure());
		assert_in_range(cpu_of(1)->tsc_offset + cases[i] + 50000000, 0, 100000000);
		for (int n = 0; n < 1000; n++) {
			here = time_now();
			fake_cpu = 1;
			there = time_now();
			fake_cpu = 0;
			assert_true(here >= last && there >= here);
			last = there;
		}
	}
	ahead[1] = 0;
}

/* Rule: a CPU that never answers costs a bounded wait. */
static void nobody_there(void **state)
{
	deaf = true;
	assert_false(measure());
	deaf = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal),
		cmocka_unit_test(apart),
		cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
