/* SPDX-License-Identifier: MIT */
/* test_time_skew.c - two threads whose counters are a known way apart.
 *
 * Time passes by looking at it. While the host keeps one thread waiting the other
 * looks often, so that a measurement is coarse; but it says how coarse it is.
 */
/* link: hypervisor/time/guest_tsc.c hypervisor/time/clock.c */
#include "time/time.h"

#include "cpu/cpus.h"
#include "cpu/features.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct cpu_features cpu_features;

/* What each CPU's counter says beyond the true time. */
static int64_t ahead[FAKE_CPUS];
static bool deaf;
static uint64_t true_time;		/* ns */

uint64_t rdtsc(void)
{
	uint64_t step = deaf ? NS_PER_MS : 2;

	return __atomic_add_fetch(&true_time, step, __ATOMIC_SEQ_CST) + (uint64_t)ahead[fake_cpu];
}

/* What the log said last: how far apart, and how well that is known. */
static uint64_t known_to;

void log(const char *fmt, ...)
{
	char line[200];
	const char *known;
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	known = strstr(line, "known to ");
	known_to = known ? strtoul(known + strlen("known to "), NULL, 10) : 0;
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

/* Between two threads that run at once; ns. */
#define GOOD	(50 * NS_PER_MS)
#define TRIES	20

/* Rule: a difference is found to the precision that the log states, which is good
 * unless the host disturbs it: the other CPU's time is that of the first, both
 * ways, and neither goes backwards. */
static void apart(void **state)
{
	static const int64_t cases[] = { 3000000000, -3000000000, 700000000000 };

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t here, there, last = 0;

		ahead[1] = cases[i];
		for (int n = 0; n < TRIES && (n == 0 || known_to > GOOD); n++) {
			assert_true(measure());
			assert_true(known_to);
			assert_true((uint64_t)labs(cpu_of(1)->tsc_offset + cases[i]) <= known_to);
		}
		assert_true(known_to <= GOOD);
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
