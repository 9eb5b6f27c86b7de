/* SPDX-License-Identifier: MIT */
/* test_time_guest_tsc.c - a counter made of the system time, and what it is by
 * the clock that its domain is told.
 */
/* link: hypervisor/time/clock.c */
#include "time/time.h"

#include "cpu/cpus.h"
#include "cpu/features.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define HZ	2445397123UL

struct cpu_features cpu_features;

static uint64_t tsc;

uint64_t rdtsc(void)
{
	return tsc;
}

static int begin(void **state)
{
	tsc = 0x123456789abcdef;
	clock_init(HZ, tsc);
	return 0;
}

/* What a guest computes of a counter, word for word as the ABI says. */
static uint64_t guest_ns(const struct vcpu_time_info *t, uint64_t counter)
{
	uint64_t delta = counter - t->tsc_timestamp;

	delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
	return t->system_time + (uint64_t)((unsigned __int128)delta *
					   t->tsc_to_system_mul >> 32);
}

/* Rule: by default and if told so it is the machine's, at no cost. */
static void machines(void **state)
{
	struct domain d = { 0 };

	for (unsigned mode = 0; mode < NR_TSC_MODES; mode++) {
		guest_tsc_set(&d, mode, 0, 0);
		assert_int_equal(d.time.tsc.emulated, mode == TSC_MODE_ALWAYS);
	}
	assert_int_equal(guest_tsc_read(&d), tsc);
}

/* Rule: the default emulates a rate that is not the machine's; "never" does not,
 * and neither does the first domain's. */
static void other_rate(void **state)
{
	struct domain d = { 0 };

	guest_tsc_set(&d, TSC_MODE_DEFAULT, 1000000, 0);
	assert_true(d.time.tsc.emulated);
	guest_tsc_set(&d, TSC_MODE_DEFAULT, HZ / 1000, 0);
	assert_false(d.time.tsc.emulated);
	guest_tsc_set(&d, TSC_MODE_NEVER, 1000000, 0);
	assert_false(d.time.tsc.emulated);
	d.control = true;
	guest_tsc_set(&d, TSC_MODE_DEFAULT, 1000000, 0);
	assert_false(d.time.tsc.emulated);
}

/* Rule: at any rate that CPUs have the guest's clock is ours to a few ns, and does
 * not go back; no stamp is of the future, or of before its counter's zero. */
static void agrees(void **state)
{
	static const uint32_t khz[] = { 400000, 999999, 1000000, 1000001, 2000000, HZ / 1000,
					4000000, 5700000, 4294967295u };
	struct vcpu_time_info t;
	struct domain d;

	for (unsigned i = 0; i < ARRAY_SIZE(khz); i++) {
		uint64_t last = 0;

		tsc += 3000000000;
		d = (struct domain){ 0 };
		guest_tsc_set(&d, TSC_MODE_ALWAYS, khz[i], 0);
		tsc += 10000;
		time_describe(&d, &t);
		for (unsigned n = 0; n < 3000; n++) {
			uint64_t counter = guest_tsc_read(&d), ns = guest_ns(&t, counter);

			assert_in_range(ns, time_now() - 6, time_now() + 3);
			assert_true(ns >= last);
			assert_true(t.tsc_timestamp && t.tsc_timestamp < counter);
			last = ns;
			tsc += 3000001;
			if (n % 16 == 0)
				time_describe(&d, &t);
		}
	}
}

/* Rule: it counts at its rate from the zero it was given. */
static void rate(void **state)
{
	struct domain d = { 0 };

	guest_tsc_set(&d, TSC_MODE_ALWAYS, 3000000, 5 * NS_PER_SECOND);
	assert_in_range(guest_tsc_read(&d), 15000000000 - 100, 15000000000 + 100);
	tsc += HZ;
	assert_in_range(guest_tsc_read(&d), 18000000000 - 100, 18000000000 + 100);
	guest_tsc_set(&d, TSC_MODE_ALWAYS, 0, 0);
	tsc += HZ;
	assert_in_range(guest_tsc_read(&d), HZ - HZ / 200000, HZ + HZ / 200000);
}

/* Rule: no value is told twice, however fast it is asked for. */
static void strictly_up(void **state)
{
	struct domain d = { 0 };
	uint64_t last = 0;

	guest_tsc_set(&d, TSC_MODE_ALWAYS, 0, 1);
	for (unsigned n = 0; n < 1000; n++) {
		uint64_t now = guest_tsc_read(&d);

		assert_true(now > last);
		last = now;
	}
	tsc += 10000;
	assert_true(guest_tsc_read(&d) > last + 5000);
}

/* Rule: once two CPUs' counters differ new domains are spared that by default. */
static void differing(void **state)
{
	struct domain d = { 0 };

	clock_correct(cpu_of(1), 1000);
	guest_tsc_set(&d, TSC_MODE_DEFAULT, 0, 0);
	assert_true(d.time.tsc.emulated);
	guest_tsc_set(&d, TSC_MODE_NEVER, 0, 0);
	assert_false(d.time.tsc.emulated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(machines, begin),
		cmocka_unit_test_setup(other_rate, begin),
		cmocka_unit_test_setup(agrees, begin),
		cmocka_unit_test_setup(rate, begin),
		cmocka_unit_test_setup(strictly_up, begin),
		cmocka_unit_test_setup(differing, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
