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

void cpu_serve_requests(void)
{
	uint32_t bits = __atomic_exchange_n(&this_cpu()->requests, 0, __ATOMIC_SEQ_CST);

	if (bits & REQUEST_FLUSH)
		tlb_flush_local();
}
