/* SPDX-License-Identifier: MIT */
/* tlb.h - forgetting translations, on this processor and on others.
 *
 * Guards: when a function here returns, no CPU that it names uses a
 * translation made from what page tables said before the call.
 * A clock that all CPUs share counts the flushes of everything, globals
 * included; each CPU notes the time of its last one (cpu.tlb_flushed) and
 * whose tables it may remember (cpu.tlb_owner). Whoever takes an entry out of
 * a table reads the clock after that; who then needs to know that nobody
 * remembers the entry asks the CPUs whose last flush is not later.
 *   entry cleared; a locked instruction; the clock read (T)
 *   a flush: the clock advanced to N, then everything forgotten
 * With N > T the clock was read before it was advanced, so the entry was gone
 * for everybody before the flush began: what is remembered after it is new.
 * mm/page_type.h has the stamps that are made of this.
 */
#ifndef PARAVANE_CPU_TLB_H
#define PARAVANE_CPU_TLB_H

#include "base/compiler.h"
#include "base/types.h"

/* Flushes of everything so far, on all CPUs; and a time at or after which
 * each CPU has flushed, or was idle. */
extern uint64_t tlb_clock, tlb_everywhere;

/* cpu.tlb_owner: an owner's number (mm/frame.h), and above it the vCPU's. */
#define TLB_NOBODY	0U		/* the hypervisor's own tables: idle */
#define TLB_ANYBODY	(~0U)		/* on the way from one to another */
#define TLB_OWNER(owner, vcpu)	((uint32_t)(owner) | (uint32_t)(vcpu) << 16)
#define TLB_ALL_VCPUS	(~0UL)

/* Everything this CPU remembers, globals included. */
void tlb_flush_local(void);
/* This CPU loads the root `cr3`, whose tables are TLB_OWNER's. */
void tlb_switch(uint64_t cr3, uint32_t tlb_owner);
void tlb_flush_since_slow(uint64_t since, uint16_t owner);
/* What CPUs remembered of `owner`'s tables (of anybody's, for 0) when the low
 * bits of the clock said `stamp`: forgotten now. A stamp that is older than
 * it looks costs a flush too many, never one too few. */
static inline void tlb_flush_since(uint16_t stamp, uint16_t owner)
{
	uint64_t now = __atomic_load_n(&tlb_clock, __ATOMIC_ACQUIRE);
	uint64_t since = now - (uint16_t)(now - stamp);

	if (unlikely(since >= READ_ONCE(tlb_everywhere)))
		tlb_flush_since_slow(since, owner);
}
/* Every CPU, the idle ones too: our own mappings changed. */
void tlb_flush_all(void);
/* CPUs that run these vCPUs of `owner`, a bit each, forget everything. */
void tlb_flush_vcpus(uint16_t owner, uint64_t vcpus);
/* Every CPU's caches into memory. */
void cpus_empty_caches(void);

/* For cpu_serve_requests(): another CPU asked, and has advanced the clock. */
void tlb_serve(void);

#endif
