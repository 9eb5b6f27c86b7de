/* SPDX-License-Identifier: MIT */
/* bench.h - what an operation is, and what the files of the bench share.
 *
 * Invariant: an operation's run(n) does it n times and says how often it saw
 * it happen; any other answer than n fails the bench.
 */
#ifndef BENCH_H
#define BENCH_H

#include "lib.h"

struct op {
	const char *name;
	unsigned int rounds;		/* each time it is counted */
	void (*setup)(void);		/* or NULL */
	unsigned long (*run)(unsigned long n);
	void (*undo)(void);		/* or NULL */
};

/* Each ends with a row without a name. */
extern const struct op call_ops[], trap_ops[], event_ops[], entry_ops[],
	tree_ops[], grant_ops[], memory_ops[];

/* What one operation cost is counted around run(), unless it counts by
 * itself: then it leaves the sum over its n here. */
extern uint64_t own_count;
/* Something that is not an operation was not as it should be. */
void sure_at(bool ok, const char *what);
#define sure(condition)	sure_at(condition, #condition)

#define ROUNDS		200
#define FRAME_BITS	0x000ffffffffff000ul
#define RW		(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define RO		(PTE_PRESENT | PTE_USER)
#define PAGES		512		/* of the pool, for tables to map */

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

uint64_t entry_for(const volatile void *va, unsigned long flags);
/* The level-1 entry of a page of ours: where we read it, and its machine
 * address. */
volatile uint64_t *pte_of(const volatile void *va);
uint64_t machine_of(const volatile void *va);
void map_as(const volatile void *va, unsigned long flags);
/* The frame of page i of the pool: ours, and mapped nowhere. */
unsigned long pool_frame(unsigned int i);

/* ---- entry.S ---- */

/* Counted by the handlers below, which change nothing else. */
extern volatile uint64_t handled;
void handle(void), handle_error(void), handle_event(void), handle_syscall(void);
/* Do the instruction that the name says n times; the handler goes on behind
 * it. */
void loop_int3(unsigned long n), loop_ud(unsigned long n);
void loop_read(unsigned long n, void *at), loop_write(unsigned long n, void *at);
void loop_store(unsigned long n, void *at, uint64_t one, uint64_t other);
void loop_fpu(unsigned long n);
void loop_iret(unsigned long n);
/* In user mode, n times; then back here. */
void user_syscalls(unsigned long n), user_int80(unsigned long n);

#endif
