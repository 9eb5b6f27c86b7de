/* SPDX-License-Identifier: MIT */
/* test_cpu_tlb.c - who is asked to flush, and that nobody remembers what he
 * must not; at first with processors that stand still, then with threads.
 */
/* link: hypervisor/cpu/cpus.c */
#include "cpu/apic.h"
#include "cpu/cpus.h"
#include "cpu/tlb.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define CPUS	4u
#define MINE	7		/* an owner's number */
#define OTHERS	8

/* What each CPU remembers: a page-table entry that was present. */
static bool remembered[CPUS];
static unsigned flushes[CPUS];
static unsigned asked;		/* CPUs interrupted, a bit each */
static bool threads;

uint64_t read_cr4(void)
{
	return 1u << 7;		/* global pages */
}

void write_cr4(uint64_t v)
{
	if (v)
		return;
	remembered[fake_cpu] = false;
	flushes[fake_cpu]++;
}

void apic_send_ipi(const struct cpu *c, unsigned vector)
{
	unsigned self = fake_cpu;

	if (threads)
		return;
	asked |= 1u << c->id;
	fake_cpu = c->id;
	cpu_serve_requests();
	fake_cpu = self;
}

static int setup(void **state)
{
	cpus_online = (1u << CPUS) - 1;
	fake_cpu = 0;
	tlb_clock = 0x123456;
	tlb_everywhere = tlb_clock - 101;
	for (unsigned i = 0; i < CPUS; i++) {
		*cpu_of(i) = (struct cpu){ .id = (uint8_t)i };
		cpu_of(i)->tlb_flushed = tlb_clock - 100 + i;
		cpu_of(i)->tlb_owner = TLB_OWNER(MINE, i);
		flushes[i] = 0;
	}
	asked = 0;
	threads = false;
	return 0;
}

/* Stamped when the clock said so; what it was asked for. */
static unsigned flush_since(uint64_t when, uint16_t owner)
{
	asked = 0;
	for (unsigned i = 0; i < CPUS; i++)
		flushes[i] = 0;
	tlb_flush_since((uint16_t)when, owner);
	for (unsigned i = 0; i < CPUS; i++)
		assert_true(flushes[i] == (i ? asked >> i & 1 : flushes[0]));
	return asked | !!flushes[0];
}

/* Rule: a CPU flushes if its last flush is not later than the stamp. */
static void who_has_flushed_since_is_left_alone(void **state)
{
	const uint64_t begin = tlb_clock;

	assert_int_equal(flush_since(begin - 98, MINE), 7);	/* CPU 3: at begin - 97 */
	for (unsigned i = 0; i < CPUS; i++)
		assert_true(cpu_of(i)->tlb_flushed > begin - 98);
	assert_int_equal(flush_since(begin - 98, MINE), 0);
	assert_int_equal(flush_since(tlb_clock, MINE), 15);
	assert_int_equal(flush_since(tlb_clock - 1, MINE), 0);
}

/* Rule: only whoever may remember the owner's tables; an idle CPU never, one
 * between two vCPUs always, and all that are not idle for anybody's. */
static void only_those_are_asked_whom_it_concerns(void **state)
{
	cpu_of(1)->tlb_owner = TLB_OWNER(OTHERS, 0);
	cpu_of(2)->tlb_owner = TLB_NOBODY;
	cpu_of(3)->tlb_owner = TLB_ANYBODY;
	assert_int_equal(flush_since(tlb_clock, MINE), 1 | 8);
	assert_int_equal(flush_since(tlb_clock, OTHERS), 2 | 8);
	assert_int_equal(flush_since(tlb_clock, 0), 1 | 2 | 8);
	assert_int_equal(flush_since(tlb_clock, OTHERS + 1), 8);
}

/* Rule: a stamp is taken for the latest time that it can be of. */
static void an_old_stamp_costs_a_flush_too_many(void **state)
{
	assert_int_equal(flush_since(tlb_clock - 0x10000, MINE), 15);
	assert_int_equal(flush_since(tlb_clock - 0xffff, MINE), 0);
	tlb_clock = 0x10001;		/* as after boot, and a stamp of 0 */
	assert_int_equal(flush_since(0, MINE), 0);
}

/* Rule: that all have flushed is noted only as far as it is so. */
static void progress_is_not_overstated(void **state)
{
	const uint64_t begin = tlb_clock;

	cpu_of(1)->tlb_owner = TLB_OWNER(OTHERS, 0);
	cpu_of(1)->tlb_flushed = begin - 1000;
	cpu_of(2)->tlb_owner = TLB_NOBODY;
	cpu_of(2)->tlb_flushed = 0;
	assert_int_equal(flush_since(begin, MINE), 1 | 8);
	assert_true(tlb_everywhere <= begin - 1000);
	assert_int_equal(flush_since(begin - 1000, 0), 2);
	assert_true(tlb_everywhere > begin - 1000);
}

/* Rule: what a guest asks for reaches the CPUs of these vCPUs. */
static void vcpus_are_flushed_where_they_run(void **state)
{
	cpu_of(3)->tlb_owner = TLB_OWNER(OTHERS, 1);
	cpu_of(1)->tlb_owner = TLB_OWNER(MINE, 63);
	tlb_flush_vcpus(MINE, 1UL << 63 | 1u << 3);
	assert_int_equal(asked, 2);
	assert_int_equal(flushes[0], 0);
	asked = 0;
	tlb_flush_vcpus(MINE, TLB_ALL_VCPUS);
	assert_int_equal(asked, 2 | 4);
	assert_int_equal(flushes[0], 1);
	asked = 0;
	cpu_of(2)->tlb_owner = TLB_NOBODY;
	tlb_flush_all();
	assert_int_equal(asked, 2 | 4 | 8);
}

/* Rule: the clock never comes so far ahead of a CPU that a stamp could be
 * mistaken; but idle CPUs hold nobody up. */
static void the_clock_waits_for_the_slowest(void **state)
{
	cpu_of(2)->tlb_owner = TLB_NOBODY;
	cpu_of(2)->tlb_flushed = 0;
	for (unsigned i = 0; i < 0x20000; i++) {
		tlb_flush_local();
		for (unsigned c = 0; c < CPUS; c++)
			assert_true(c == 2 || tlb_clock - cpu_of(c)->tlb_flushed < 0x8000);
	}
	assert_int_equal(flushes[2], 0);
	assert_in_range(flushes[1], 2, 20);
}

/* Rule: while a CPU loads another's root, it may remember either's tables. */
static uint32_t owner_at_load;

void write_cr3(uint64_t v)
{
	owner_at_load = this_cpu()->tlb_owner;
}

static void a_switch_belongs_to_both(void **state)
{
	tlb_switch(0x1000, TLB_OWNER(OTHERS, 5));
	assert_int_equal(owner_at_load, TLB_ANYBODY);
	assert_int_equal(flushes[0], 1);
	assert_int_equal(cpu_of(0)->tlb_owner, TLB_OWNER(OTHERS, 5));
	assert_int_equal(cpu_of(0)->tlb_flushed, tlb_clock);
}

/* --- the same among threads ------------------------------------------------ */

#define ROUNDS	300u

static uint64_t entry;			/* present: a page may be written */
static bool is_table;			/* it must not */
static unsigned over, wrong, uses;

/* A guest: walks, remembers, uses what it remembers; interrupts come between. */
static void *run_guest(void *id)
{
	struct cpu *c;
	unsigned n = 0;

	fake_cpu = (unsigned)(unsigned long)id;
	c = this_cpu();
	while (!READ_ONCE(over)) {
		if (!remembered[c->id] && (READ_ONCE(entry) & 1))
			remembered[c->id] = true;
		if (remembered[c->id] && __atomic_load_n(&is_table, __ATOMIC_SEQ_CST))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&uses, remembered[c->id], __ATOMIC_RELAXED);
		if (READ_ONCE(c->requests))
			cpu_serve_requests();
		if (n % 16 == 0)
			sched_yield();
		/* now and then somebody else runs there */
		if (++n % 64 == 0) {
			tlb_switch(0, n % 128 ? TLB_NOBODY : TLB_OWNER(OTHERS, 0));
			for (unsigned i = 0; i < 20; i++)
				cpu_relax();
			tlb_switch(0, TLB_OWNER(MINE, c->id));
		}
	}
	return NULL;
}

static void nobody_uses_what_he_must_not(void **state)
{
	pthread_t guests[CPUS];
	uint16_t stamp;

	threads = true;
	over = 0;
	for (unsigned long i = 1; i < CPUS; i++)
		assert_int_equal(pthread_create(&guests[i], NULL, run_guest, (void *)i), 0);
	__atomic_exchange_n(&entry, 1, __ATOMIC_SEQ_CST);
	while (!READ_ONCE(uses))
		sched_yield();
	for (unsigned i = 0; i < ROUNDS; i++) {
		__atomic_exchange_n(&entry, 1, __ATOMIC_SEQ_CST);
		for (unsigned k = 0; k < i % 50; k++)
			cpu_relax();
		__atomic_exchange_n(&entry, 0, __ATOMIC_SEQ_CST);
		stamp = (uint16_t)READ_ONCE(tlb_clock);
		tlb_flush_since(stamp, MINE);
		__atomic_store_n(&is_table, true, __ATOMIC_SEQ_CST);
		for (unsigned k = 0; k < i % 20; k++)
			cpu_relax();
		__atomic_store_n(&is_table, false, __ATOMIC_SEQ_CST);
	}
	WRITE_ONCE(over, 1);
	for (unsigned i = 1; i < CPUS; i++)
		pthread_join(guests[i], NULL);
	assert_int_equal(wrong, 0);
	assert_true(uses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(who_has_flushed_since_is_left_alone, setup),
		cmocka_unit_test_setup(only_those_are_asked_whom_it_concerns, setup),
		cmocka_unit_test_setup(an_old_stamp_costs_a_flush_too_many, setup),
		cmocka_unit_test_setup(progress_is_not_overstated, setup),
		cmocka_unit_test_setup(vcpus_are_flushed_where_they_run, setup),
		cmocka_unit_test_setup(the_clock_waits_for_the_slowest, setup),
		cmocka_unit_test_setup(a_switch_belongs_to_both, setup),
		cmocka_unit_test_setup(nobody_uses_what_he_must_not, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
