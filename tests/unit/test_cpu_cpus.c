/* SPDX-License-Identifier: MIT */
/* test_cpu_cpus.c - requests reach other CPUs, which are threads here; held
 * CPUs stand still.
 */
#include "cpu/cpus.h"

#include "cpu/apic.h"
#include "cpu/tlb.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define OTHERS	2
#define ROUNDS	25

static unsigned sent[OTHERS + 1], served[OTHERS + 1];
static unsigned long turns[OTHERS + 1];
static bool over;

void apic_send_ipi(const struct cpu *c, unsigned vector)
{
	assert_int_equal(vector, IPI_VECTOR);
	__atomic_fetch_add(&sent[c->id], 1, __ATOMIC_RELAXED);
}

void tlb_serve(void)
{
	__atomic_fetch_add(&served[this_cpu()->id], 1, __ATOMIC_RELAXED);
}

static int setup(void **state)
{
	for (unsigned i = 0; i <= OTHERS; i++) {
		struct cpu *c = cpu_of(i);

		c->id = i;
		c->pending = c->requests = 0;
		sent[i] = served[i] = 0;
		turns[i] = 0;
	}
	cpus_online = (2u << OTHERS) - 1;
	fake_cpu = 0;
	over = false;
	return 0;
}

/* Rule: one interrupt for what is not yet seen, none to oneself. */
static void kicks(void **state)
{
	cpu_kick(cpu_of(1), CPU_RESCHED);
	cpu_kick(cpu_of(1), CPU_RESCHED);
	assert_int_equal(sent[1], 1);
	cpu_kick(cpu_of(1), CPU_RESCHED | CPU_HOLD);
	assert_int_equal(sent[1], 2);
	assert_int_equal(cpu_of(1)->pending, CPU_RESCHED | CPU_HOLD);
	cpu_kick(cpu_of(0), CPU_RESCHED);
	assert_int_equal(sent[0], 0);
	assert_int_equal(cpu_of(0)->pending, CPU_RESCHED);
	assert_int_equal(sent[2] + cpu_of(2)->pending, 0);
}

/* Rule: a request is served once, by the CPU it was made to, while it waits. */
static void requests(void **state)
{
	cpu_request(cpu_of(2), REQUEST_FLUSH);
	cpu_request(cpu_of(2), REQUEST_FLUSH);
	assert_int_equal(sent[2], 1);
	cpu_relax();
	assert_int_equal(served[0] + served[2], 0);
	fake_cpu = 2;
	cpu_relax();
	cpu_relax();
	fake_cpu = 0;
	assert_int_equal(served[2], 1);
	cpu_request(cpu_of(2), REQUEST_FLUSH);
	assert_int_equal(sent[2], 2);
}

/* A CPU that works, and passes its exit after each turn. */
static void *run(void *id)
{
	fake_cpu = (unsigned)(unsigned long)id;
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		struct cpu *c = this_cpu();

		__atomic_fetch_add(&turns[c->id], 1, __ATOMIC_RELAXED);
		if (__atomic_exchange_n(&c->pending, 0, __ATOMIC_ACQUIRE) & CPU_HOLD)
			cpu_stand_still();
		sched_yield();
	}
	return NULL;
}

/* Rule: while they are held no CPU does a turn, but each serves requests; and
 * afterwards all go on. */
static void held_cpus_stand_still(void **state)
{
	pthread_t thread[OTHERS + 1];

	for (unsigned long i = 1; i <= OTHERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, run, (void *)i), 0);
	for (int n = 1; n <= ROUNDS; n++) {
		unsigned long before[OTHERS + 1];

		cpus_hold();
		for (unsigned i = 1; i <= OTHERS; i++)
			before[i] = __atomic_load_n(&turns[i], __ATOMIC_RELAXED);
		for (unsigned i = 1; i <= OTHERS; i++) {
			cpu_request(cpu_of(i), REQUEST_FLUSH);
			while (__atomic_load_n(&served[i], __ATOMIC_RELAXED) < (unsigned)n)
				sched_yield();
		}
		for (unsigned i = 1; i <= OTHERS; i++)
			assert_int_equal(__atomic_load_n(&turns[i], __ATOMIC_RELAXED), before[i]);
		cpus_release();
		for (unsigned i = 1; i <= OTHERS; i++)
			while (__atomic_load_n(&turns[i], __ATOMIC_RELAXED) == before[i])
				sched_yield();
	}
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	for (unsigned i = 1; i <= OTHERS; i++)
		pthread_join(thread[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(kicks, setup),
		cmocka_unit_test_setup(requests, setup),
		cmocka_unit_test_setup(held_cpus_stand_still, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
