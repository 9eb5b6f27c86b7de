/* SPDX-License-Identifier: MIT */
/* tlb.c - forgetting translations, on this processor and on others.
 *
 * Guards: see tlb.h. Nobody waits here for more than other CPUs' interrupts:
 * a flush is a request (cpu/cpus.h), served also while a CPU spins, so that
 * locks may be held.
 * Invariant: a CPU that remembers entries of a domain's tables says so in
 * tlb_owner before it can have walked them, and until it has forgotten them.
 */
#include "cpu/tlb.h"

#include "base/compiler.h"
#include "cpu/bits.h"
#include "cpu/cpus.h"
#include "cpu/insn.h"

/* The clock waits when it is so far ahead of a CPU's last flush, until that
 * one has flushed, too: so it comes by the same 16 bits twice only after
 * every CPU was outside of what it does between two flushes. */
#define ROUND	0x4000

/* So that no stamp is of before the beginning; 0 is that of unused frames. */
uint64_t tlb_clock = 0x10001, tlb_everywhere = 0x10001;

static uint64_t advance(void)
{
	return __atomic_add_fetch(&tlb_clock, 1, __ATOMIC_SEQ_CST);
}

static void forget(struct cpu *c, uint64_t now)
{
	uint64_t cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
	__atomic_store_n(&c->tlb_flushed, now, __ATOMIC_RELEASE);
}

void tlb_serve(void)
{
	/* The request was seen, so the clock is seen as it was then, or later. */
	forget(this_cpu(), __atomic_load_n(&tlb_clock, __ATOMIC_ACQUIRE));
}

/* May a CPU with this tlb_owner remember entries of tables of `owner`, or of
 * anybody for 0? */
static bool concerns(uint32_t tlb_owner, uint16_t owner, uint64_t vcpus)
{
	if (tlb_owner == TLB_ANYBODY || !owner)
		return true;
	return (uint16_t)tlb_owner == owner && (vcpus >> (tlb_owner >> 16) & 1);
}

/* These CPUs flush, so that each has done so after `since`. */
static void make_flush(uint64_t cpus, uint64_t since)
{
	struct cpu *self = this_cpu(), *c;
	uint64_t others = cpus & ~(1UL << self->id), now = advance();

	/* First: whoever is served while we wait finds a time that is later. */
	if (cpus != others)
		forget(self, now);
	for (uint64_t left = others; left; left &= left - 1)
		cpu_request(cpu_of((unsigned)__builtin_ctzl(left)), REQUEST_FLUSH);
	for (; others; others &= others - 1) {
		c = cpu_of((unsigned)__builtin_ctzl(others));
		while (__atomic_load_n(&c->tlb_flushed, __ATOMIC_ACQUIRE) <= since)
			cpu_relax();
	}
}

/* Every CPU that may remember something, and has not flushed after `since`.
 * A CPU writes its tlb_owner by a locked instruction before its first walk:
 * where we do not see that, the walk sees the change of an entry that led us
 * here. An idle one flushes before it walks, at a time later than ours. */
static void ask(uint64_t since, uint16_t owner, uint64_t vcpus)
{
	uint64_t cpus = 0, oldest = __atomic_load_n(&tlb_clock, __ATOMIC_ACQUIRE);
	struct cpu *c;

	for_each_cpu(c) {
		uint32_t whose = __atomic_load_n(&c->tlb_owner, __ATOMIC_ACQUIRE);
		uint64_t flushed = __atomic_load_n(&c->tlb_flushed, __ATOMIC_RELAXED);

		if (whose == TLB_NOBODY)
			continue;
		if (flushed <= since && concerns(whose, owner, vcpus))
			cpus |= 1UL << c->id;
		else
			oldest = MIN(oldest, flushed);
	}
	if (cpus) {
		make_flush(cpus, since);
		oldest = MIN(oldest, since + 1);
	}
	WRITE_ONCE(tlb_everywhere, oldest);
}

static RARE_CALL void wait_for_all(uint64_t now)
{
	ask(now - 1, 0, TLB_ALL_VCPUS);
}

/* After the clock was advanced to `now`. */
static inline void keep_together(uint64_t now)
{
	if (unlikely(now - READ_ONCE(tlb_everywhere) >= ROUND))
		wait_for_all(now);
}

static inline void flush_counted(struct cpu *c)
{
	uint64_t now = advance();

	forget(c, now);
	keep_together(now);
}

void tlb_flush_local(void)
{
	flush_counted(this_cpu());
}

void tlb_switch(uint64_t cr3, uint32_t tlb_owner)
{
	struct cpu *c = this_cpu();

	__atomic_exchange_n(&c->tlb_owner, TLB_ANYBODY, __ATOMIC_SEQ_CST);
	write_cr3(cr3);
	flush_counted(c);
	__atomic_store_n(&c->tlb_owner, tlb_owner, __ATOMIC_RELEASE);
}

void tlb_flush_since_slow(uint64_t since, uint16_t owner)
{
	ask(since, owner, TLB_ALL_VCPUS);
	keep_together(READ_ONCE(tlb_clock));
}

void tlb_flush_vcpus(uint16_t owner, uint64_t vcpus)
{
	uint64_t now = __atomic_load_n(&tlb_clock, __ATOMIC_ACQUIRE);

	ask(now, owner, vcpus);
	keep_together(now);
}

void tlb_flush_all(void)
{
	make_flush(READ_ONCE(cpus_online), __atomic_load_n(&tlb_clock, __ATOMIC_ACQUIRE));
}

void cpus_empty_caches(void)
{
	uint64_t others = READ_ONCE(cpus_online) & ~(1UL << this_cpu()->id);
	struct cpu *c;

	for_each_cpu(c)
		if (others >> c->id & 1)
			cpu_request(c, REQUEST_CACHES);
	wbinvd();
	for_each_cpu(c)
		while (READ_ONCE(c->requests) & REQUEST_CACHES)
			cpu_relax();
	/* Taken up is not done; but it is when the next request is done. */
	if (others)
		make_flush(others, READ_ONCE(tlb_clock));
}
