/* SPDX-License-Identifier: MIT */
/* race.h - what the storms share: vCPUs, accesses that may fault, calls.
 *
 * A storm is one race: every vCPU takes steps of it, over and over, for as long
 * as the command line says. What must hold meanwhile is looked at by the vCPUs
 * themselves, and told by wrong(); that the hypervisor and its books are well
 * is for the test to see from outside. A vCPU's step keeps what it needs in
 * its struct cpu: nothing here knows which vCPU runs but by that.
 */
#ifndef TESTS_SYSTEM_RACE_H
#define TESTS_SYSTEM_RACE_H

#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/hvm/hvm_op.h>
#include <public/memory.h>
#include <public/sched.h>
#include <public/vcpu.h>
#include <public/version.h>

#include "../guests/guest.h"

#define CPUS		4
#define PAGE		__attribute__((aligned(4096)))
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define barrier()	asm volatile("" : : : "memory")
#define pause()		asm volatile("pause" : : : "memory")
#define MS		1000000ul
#define FRAME_BITS	0x000ffffffffff000ul
#define READ_ONLY	0x65ul
#define WRITABLE	0x67ul
#define HANDLE(h, p)	set_xen_guest_handle(h, p)
/* A wake-up that takes so long was lost, however busy the host is. */
#define LOST_NS		(30000 * MS)

typedef uint64_t table[512];

struct cpu {
	unsigned int id;
	uint64_t random;
	uint64_t steps;
	uint64_t word;			/* a storm's own use */
	volatile uint64_t upcalls;
};

struct storm {
	const char *name;
	void (*open)(void);		/* by vCPU 0, alone; may be missing */
	void (*step)(struct cpu *c);
	void (*leave)(struct cpu *c);	/* by each vCPU after its last step; by
					   vCPU 0 until all have left */
	void (*close)(void);		/* by vCPU 0, alone again */
};
extern const struct storm
	stale_types, stale_tables, stale_grants, stale_frames, stale_asked,
	pins, trees, bases, entries, descriptors, frames, exchanges, grants,
	peers, events, resets, wakes, timers, lives, multicalls, clocks,
	registers, masks, tools;

extern struct cpu cpus[CPUS];
extern volatile bool stopping;
extern volatile uint64_t rounds, hits;	/* told at the end: what was done */
extern unsigned int vcpus;		/* of this domain, at most CPUS */
extern domid_t own_id, peer_id;

/* entry.S: 0, or 1 if that faulted; try_exchange: 2 if it was not `old`. */
int try_load(uint64_t at, uint64_t *value);
int try_store(uint64_t at, uint64_t value);
int try_exchange(uint64_t at, uint64_t old, uint64_t value);
int try_limit(unsigned int selector);
void hold_vectors(const void *from, void *to, unsigned int spins);
uint64_t deep_calls(uint64_t top, unsigned int calls);
extern char event_entries[], deep_event[], fault_gate[], fault_gate_code[];

/* main.c */
void no_upcall(unsigned int id);	/* takes back what is pending, but not the ports */
void wrong(struct cpu *c, const char *what, uint64_t value);
void start_vcpu(unsigned int id);
void open_console(evtchn_port_t port);

/* kit.c */
static inline uint64_t chance(struct cpu *c)
{
	return next_random(&c->random);
}
#define one_in(c, n)	(chance(c) % (n) == 0)
#define pick(c, array)	((array)[chance(c) % COUNT(array)])
#define add(counter)	__sync_fetch_and_add(&(counter), 1)
#define mfn_of(va)	(machine_of((const void *)(va)) >> 12)
void yield(void);
long map(const volatile void *va, uint64_t mfn, uint64_t flags);
long map_flush(const volatile void *va, uint64_t entry, uint64_t flags);
#define map_as(va, flags)	map(va, mfn_of(va), flags)
long update(uint64_t ptr, uint64_t value);
long extended(unsigned int cmd, uint64_t arg1, uint64_t arg2);
/* Makes an L1 or L2 that no table names any more an ordinary page. */
void unmake(const table t);
long reservation(unsigned int cmd, unsigned long *list, unsigned long n);
long send(evtchn_port_t port);
evtchn_port_t ipi_port(unsigned int vcpu);
long close_port(evtchn_port_t port);
grant_entry_v1_t *grant_table(void);
void give(grant_ref_t ref, domid_t to, uint64_t mfn, unsigned int flags);
void must(long rc, const char *what);	/* 0, or the storm cannot begin */

/* A slot of the top table of this domain's own, with an L3, L2 and L1. */
struct tree {
	table l3, l2, l1;
	uint64_t va;		/* what l1[0] maps */
	uint64_t top;		/* the top table's entry, by machine address */
} PAGE;
void tree_open(struct tree *t, unsigned int slot);
void tree_link(struct tree *t);
/* Unlinks the table of that level from the one above; no flush is asked for. */
void tree_cut(struct tree *t, unsigned int level);
#define tree_leaf(t)	machine_of((t)->l1)

#endif
