/* SPDX-License-Identifier: MIT */
/* test_time_clock.c - the published scale, at every speed a CPU may have. */
/* link: hypervisor/time/guest_tsc.c */
#include "time/time.h"

#include "cpu/cpus.h"
#include "cpu/features.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

struct cpu_features cpu_features;
static struct domain native;

static uint64_t tsc;
static uint64_t behind[FAKE_CPUS];	/* by which a CPU's counter lags */

uint64_t rdtsc(void)
{
	return tsc - behind[fake_cpu];
}

/* What a guest computes, word for word as the ABI says. */
static uint64_t guest_ns(const struct vcpu_time_info *t)
{
	uint64_t delta = tsc - t->tsc_timestamp;

	delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
	return t->system_time + (uint64_t)((unsigned __int128)delta *
					   t->tsc_to_system_mul >> 32);
}

/* Rule: guest and hypervisor agree to the nanosecond, whatever stamp the guest
 * has, and all are right within four parts in a thousand million. */
static void scale(void **state)
{
	static const uint64_t hz[] = { 100000000, 999999999, 1000000000, 1000000001,
				       1999999999, 2000000000, 2000000001, 2445397000,
				       3999999999, 4000000000, 5700000000 };
	struct vcpu_time_info t, fresh;

	for (unsigned i = 0; i < ARRAY_SIZE(hz); i++) {
		tsc = 0x123456789abcdef;
		clock_init(hz[i], tsc);
		assert_int_equal(time_now(), 0);
		time_describe(&native, &t);
		assert_true(t.tsc_to_system_mul >= (1u << 31) - 4);
		for (uint64_t s = 1; s <= 3600; s += 37) {
			uint64_t want = s * NS_PER_SECOND;

			tsc = 0x123456789abcdef + s * hz[i];
			time_describe(&native, &fresh);
			tsc += s * 12345;
			assert_true(guest_ns(&t) == time_now());
			assert_true(guest_ns(&fresh) == time_now());
			assert_true(tsc - fresh.tsc_timestamp < hz[i] * 12 / 10);
			tsc -= s * 12345;
			assert_in_range(time_now(), want - want / 250000000 - 1,
					want + want / 250000000 + 1);
		}
	}
}

/* Rule: the version is even when it is done, and moves only for a change. */
static void publishing(void **state)
{
	static struct vcpu_info info;
	static struct vcpu v = { .info = &info, .domain = &native };
	struct vcpu_time_info t;

	tsc = 5000;
	clock_init(2000000000, 3000);
	time_describe(&native, &t);
	time_publish(&v);
	assert_int_equal(info.time.version, 2);
	assert_int_equal(info.time.tsc_to_system_mul, t.tsc_to_system_mul);
	assert_int_equal(info.time.tsc_shift, t.tsc_shift);
	assert_int_equal(info.time.tsc_timestamp, 5000);
	assert_int_equal(info.time.system_time, 1000);
	assert_int_equal(info.time.flags, 0);
	assert_int_equal(time_now(), 1000);
	time_publish(&v);
	assert_int_equal(info.time.version, 2);
	/* About once a second there is a fresh stamp. */
	tsc += 300000000;
	time_publish(&v);
	assert_int_equal(info.time.version, 2);
	tsc += 2000000000;
	time_publish(&v);
	assert_int_equal(info.time.version, 4);
	assert_int_equal(info.time.tsc_timestamp, 5000 + 2 * (1ul << 30));
	assert_true(guest_ns((struct vcpu_time_info *)&info.time) == time_now());
	tsc = 5000;
	/* A kernel that cleared its page gets it again. */
	info = (struct vcpu_info){ 0 };
	cpu_features.invariant_tsc = true;
	time_publish(&v);
	assert_int_equal(info.time.version, 2);
	assert_int_equal(info.time.tsc_timestamp, 5000);
	assert_int_equal(info.time.flags, XEN_PVCLOCK_TSC_STABLE_BIT);
}

static void check_on(unsigned cpu)
{
	fake_cpu = cpu;
	clock_check();
	fake_cpu = 0;
}

/* Rule: counters that agree, or nearly, are left alone. */
static void steady(void **state)
{
	tsc = 1000000;
	clock_init(1000000000, tsc);
	for (unsigned i = 0; i < 100; i++) {
		tsc += 250000000;
		behind[1] = i % 50 * 1000;	/* 49 us at most */
		check_on(i % 4);
	}
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(cpu_of(i)->tsc_offset, 0);
	behind[1] = 0;
}

/* Rule: a counter that fell behind is corrected at the CPU's next tick; from
 * then on no CPU gives less than another gave before, what a guest computes on
 * that CPU is the common time, and guests are not told to compare counters. */
static void unstable(void **state)
{
	struct vcpu_time_info t;
	uint64_t last = 0;

	cpu_features.invariant_tsc = true;
	tsc = 1000000;
	clock_init(2000000000, tsc);
	tsc += 200000000000;			/* later than any tick so far */
	check_on(0);
	time_describe(&native, &t);
	assert_int_equal(t.flags, XEN_PVCLOCK_TSC_STABLE_BIT);
	behind[2] = 700000000;			/* 350 ms: it was stopped */
	tsc += 1000;
	check_on(2);
	assert_in_range(cpu_of(2)->tsc_offset, 700000000 - 110000, 700000000);
	for (unsigned i = 0; i < 10000; i++) {
		uint64_t now;

		tsc += i % 7;
		fake_cpu = i % 3;
		now = time_now();
		assert_true(now >= last);
		last = now;
	}
	fake_cpu = 2;
	tsc += 1000000;
	time_describe(&native, &t);
	assert_int_equal(t.flags, 0);
	assert_in_range(t.system_time + (uint64_t)((unsigned __int128)
			((rdtsc() - t.tsc_timestamp) << t.tsc_shift) *
			t.tsc_to_system_mul >> 32), time_now() - 60000, time_now());
	fake_cpu = 0;
	assert_true(time_now() - last < 600000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scale),
		cmocka_unit_test(publishing),
		cmocka_unit_test(steady),
		cmocka_unit_test(unstable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
