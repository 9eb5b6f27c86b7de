/* SPDX-License-Identifier: MIT */
/* percpu.h - what one processor keeps for itself.
 *
 * GS belongs to the guest, so a CPU finds itself by masking RSP: its stacks
 * and its data share one aligned block. Block layout (pages): 0 SYSCALL
 * stub (RX), 1 data (RW), then guarded IST stacks and the main stack; see
 * docs/memory-map.md. Fields are touched by their own CPU, interrupts off,
 * unless said otherwise.
 */
#ifndef PARAVANE_CPU_PERCPU_H
#define PARAVANE_CPU_PERCPU_H

#include "base/log.h"
#include "base/types.h"
#include "cpu/insn.h"

/* Our own selectors: in every GDT's page 14, which is the CPU's own. */
#define HYPERVISOR_CS	0xe008
#define HYPERVISOR_DS	0xe010

#define CPU_BLOCK_SIZE	0x10000UL
#define CPU_DATA_OFFSET	0x1000UL
#define CPU_NMI_PAGE	3		/* each stack has an unmapped page below it */
#define CPU_MC_PAGE	5
#define CPU_DF_PAGE	7
#define CPU_DB_PAGE	9
#define CPU_STACK_PAGE	11
#define CPU_STACK_PAGES	3
#define CPU_GDT_PAGE	14
#define CPU_STACK_END	((CPU_STACK_PAGE + CPU_STACK_PAGES) * 0x1000UL)
/* Five words for IRETQ live at the very top, the stack proper below. */
#define CPU_STACK_TOP	(CPU_STACK_END - 48)
#define MAX_CPUS	64		/* a set of CPUs is one word */

struct vcpu;

/* Bits of cpu.pending: facts found by low rooms, turned into actions by the
 * exit path (traps/exit.c), which alone may call upwards. */
enum cpu_pending {
	CPU_RESCHED	= 1u << 0,	/* pick another vCPU */
	CPU_TIMER	= 1u << 1,	/* the timer interrupt came */
	CPU_DOM_EXC	= 1u << 2,	/* a domain shut down or died */
	CPU_CONSOLE	= 1u << 3,	/* console input waits */
	CPU_REAP	= 1u << 4,	/* a dying domain may be freed */
	CPU_NMI		= 1u << 5,	/* an NMI wants reporting */
	CPU_HOLD	= 1u << 6,	/* another CPU wants all others to stand still */
	CPU_QUIESCE	= 1u << 7,	/* another CPU waits until this one was here */
	CPU_EVENT	= 1u << 8,	/* the vCPU here has something new to look at */
};

/* Bits of cpu.requests: what a CPU does for another at once, even while it
 * spins for a lock (cpu/cpus.h). */
enum cpu_request {
	REQUEST_FLUSH	= 1u << 0,	/* forget all translations */
	REQUEST_CACHES	= 1u << 1,	/* empty the caches into memory */
};

struct tss {
	uint32_t reserved0;
	uint64_t rsp0, rsp1, rsp2;
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, iomap;
} PACKED;

struct cpu {
	/* touched by entry/ at fixed offsets (entry/offsets.c) */
	uint64_t scratch_rsp;		/* SYSCALL: the guest's RSP for a moment */
	uint64_t frame_end;		/* == tss.rsp0: end of current's frame */
	struct vcpu *current;
	uint32_t pending;		/* enum cpu_pending; set by any CPU, atomically */
	uint32_t id;
	/* an IRETQ to the guest that faulted: what the CPU said */
	uint32_t iret_fault_vector, iret_fault_error;

	bool resting;			/* halted: refers to nothing; atomic */
	uint32_t requests;		/* enum cpu_request; set by any CPU, atomically */
	uint32_t apic_id;
	uint32_t tlb_owner;		/* whose tables it may remember (cpu/tlb.h) */
	uint64_t tlb_flushed;		/* tlb_clock at its last flush; others read both */
	int32_t budget;			/* units of work left for this entry */
	struct vcpu *idle;		/* runs when nobody else can */
	uint32_t locks_held;		/* debug: depth of `lock_ranks` */
	uint8_t lock_ranks[16];
	/* debug: by the TSC less `excused`, what the counting itself took */
	uint64_t excused, lock_since[16], entered;
	uint32_t entry_kind, entry_number, entry_command; /* cpu/stretch.h */
	bool serving;			/* a request of another CPU's: no lock may be taken */
	int64_t tsc_offset;		/* ticks to add for what CPU 0's counter says */
	uint64_t tick_seen;		/* system time of its last clock tick; others read it */
	bool stall_told;		/* that it is late was reported; others set it */
	uint64_t *gdt;			/* this CPU's own descriptor page, 512 entries */
	mfn_t gdt_frame;

	struct tss tss ALIGNED(16);
};

static inline struct cpu *this_cpu(void)
{
	return (struct cpu *)((read_rsp() & ~(CPU_BLOCK_SIZE - 1)) + CPU_DATA_OFFSET);
}

/* The vCPU whose entry this is. */
static inline struct vcpu *current(void)
{
	return this_cpu()->current;
}

static inline void cpu_pend(struct cpu *c, uint32_t bits)
{
	__atomic_fetch_or(&c->pending, bits, __ATOMIC_RELEASE);
}

/* Debug builds count how long things take; what has been counted since `start`
 * is nobody's work. The constant: the call around it. */
static inline void work_excuse(struct cpu *c, uint64_t start)
{
	c->excused += rdtsc() - start + 10;
}

/* A call whose command is in memory says what it is. */
static inline void entry_command(uint32_t command)
{
	if (CONFIG_DEBUG)
		this_cpu()->entry_command = command;
}

/* One unit: about 25 instructions, so that no entry takes more than 30,000
 * (`make check-stretch`), the way out included: up to 4,000 when timers are due
 * and another domain is next, unless other CPUs find more for it. The budget is set anew at each entry; false means:
 * leave by -ERESTART. Something is done at each entry, because the check comes
 * after the work. */
#define BUDGET_PER_ENTRY	800

static inline bool budget_left(int units)
{
	struct cpu *c = this_cpu();

	c->budget -= units;
	return c->budget > 0;
}

/* Is there as much left, for something that is not done by halves? */
static inline bool budget_has(int units)
{
	return this_cpu()->budget >= units;
}

#endif
