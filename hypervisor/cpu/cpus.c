/* SPDX-License-Identifier: MIT */
/* cpus.c - asking another processor for something.
 *
 * Guards: a request is seen: its bit is set before the interrupt is sent, and
 * the bits are taken by one exchange before they are served.
 * Not here: bringing processors up (boot/smp.c), the interrupt itself (apic.c).
 */
#include "cpu/cpus.h"

#include "cpu/apic.h"
#include "cpu/tlb.h"

uint64_t cpus_online = 1;

void cpu_kick(struct cpu *c, uint32_t bits)
{
	uint32_t old = __atomic_fetch_or(&c->pending, bits, __ATOMIC_SEQ_CST);

	if (c != this_cpu() && (old & bits) != bits)
		apic_send_ipi(c, IPI_VECTOR);
}

void cpu_request(struct cpu *c, uint32_t bits)
{
	if (!(__atomic_fetch_or(&c->requests, bits, __ATOMIC_SEQ_CST) & bits))
		apic_send_ipi(c, IPI_VECTOR);
}

/* Whether CPUs are held, and which of them have seen it. One CPU at a time
 * writes `held`: the holder of the lifecycle lock. */
static bool held;
static uint64_t standing;

void cpus_hold(void)
{
	uint64_t others = cpus_online & ~(1UL << this_cpu()->id);
	struct cpu *c;

	WRITE_ONCE(held, true);
	for_each_cpu(c)
		if (c != this_cpu())
			cpu_kick(c, CPU_HOLD);
	while (__atomic_load_n(&standing, __ATOMIC_ACQUIRE) != others)
		cpu_relax();
}

/* Returns when all have gone on, so that none of them is taken for standing
 * still the next time. */
void cpus_release(void)
{
	__atomic_store_n(&held, false, __ATOMIC_RELEASE);
	while (__atomic_load_n(&standing, __ATOMIC_ACQUIRE))
		cpu_relax();
}

void cpu_stand_still(void)
{
	uint64_t bit = 1UL << this_cpu()->id;

	__atomic_fetch_or(&standing, bit, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&held, __ATOMIC_ACQUIRE))
		cpu_relax();
	__atomic_fetch_and(&standing, ~bit, __ATOMIC_SEQ_CST);
}

void cpu_serve_requests(void)
{
	struct cpu *c = this_cpu();
	uint32_t bits = __atomic_exchange_n(&c->requests, 0, __ATOMIC_SEQ_CST);

	c->serving = true;
	if (bits & REQUEST_CACHES)
		wbinvd();
	if (bits & REQUEST_FLUSH)
		tlb_serve();
	c->serving = false;
}
