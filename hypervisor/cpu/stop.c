/* SPDX-License-Identifier: MIT */
/* stop.c - halting all other processors, whatever they are doing.
 *
 * Guards: once one CPU reports the end of the machine or resets it, no other
 * runs a guest, writes to the console or resets it too.
 * Invariant: `stopper` is set once. The interrupt is an NMI, because the
 * others may be anywhere, with a lock held or spinning for one.
 */
#include "cpu/stop.h"

#include "cpu/apic.h"
#include "cpu/cpus.h"

/* Turns of waiting for the others. */
#define PATIENCE	(1u << 20)

static uint32_t stopper;	/* id + 1 of the CPU that goes on */
static uint64_t stopped;

NORETURN static void stop_here(void)
{
	__atomic_fetch_or(&stopped, 1UL << this_cpu()->id, __ATOMIC_RELEASE);
	for (;;)
		cpu_halt();
}

void cpus_stop_others(void)
{
	uint32_t nobody = 0, me = this_cpu()->id + 1;
	struct cpu *c;

	if (!__atomic_compare_exchange_n(&stopper, &nobody, me, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST)) {
		if (nobody != me)
			stop_here();
		return;
	}
	for_each_cpu(c)
		if (c->id + 1 != me)
			apic_send_nmi(c);
	for (unsigned i = 0; i < PATIENCE && cpus_not_stopped(); i++)
		cpu_pause();
}

uint64_t cpus_not_stopped(void)
{
	uint64_t others = cpus_online & ~(1UL << this_cpu()->id);

	return others & ~__atomic_load_n(&stopped, __ATOMIC_ACQUIRE);
}

void cpu_stop_if_asked(void)
{
	uint32_t who = READ_ONCE(stopper);

	if (who && who != this_cpu()->id + 1)
		stop_here();
}
