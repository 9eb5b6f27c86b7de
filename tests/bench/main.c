/* SPDX-License-Identifier: MIT */
/* main.c - counts the instructions of each operation, in the guest.
 *
 * Needs `--icount`: then the TSC counts executed instructions. An operation is
 * run in several batches and the cheapest counts, so what happens by the clock
 * (ticks, calibration) is in none of the figures. What the guest's own loop and
 * handlers cost is in all of them.
 */
#include <xen/memory.h>

#include "bench.h"
#include "own.h"

#define BATCHES		5

const char suite_name[] = "bench";
uint64_t own_count;

static const struct op *const tables[] = {
	call_ops, trap_ops, event_ops, entry_ops, tree_ops, grant_ops,
	memory_ops,
};

static void cost(const char *name, uint64_t value)
{
	print("COST ");
	print(name);
	print(": ");
	print_signed((long)value);
	print("\n");
}

static long ask_locks(uint32_t index, uint32_t reset)
{
	own_question(PARAVANE_OP_locks);
	own->u.locks.index = index;
	own->u.locks.reset = reset;
	return call(sysctl, &question);
}

/* The locks that the operation took, where the hypervisor counts that: how
 * often and how long in hundredths of an operation, and the longest at once. */
static void locks_of(const struct op *op)
{
	const struct paravane_locks *l = &own->u.locks;

	if (ask_locks(0, 0) || ask_locks(0, 1))
		return;
	op->run(op->rounds);
	for (uint32_t i = 0; !ask_locks(i, 0); i++) {
		if (l->taken * 2 < op->rounds)
			continue;
		print("LOCK ");
		print(op->name);
		print("; ");
		print(l->name);
		print(": ");
		print_signed((long)(l->taken * 100 / op->rounds));
		print(" ");
		print_signed((long)(l->held_ticks * 100 / op->rounds));
		print(" ");
		print_signed((long)l->longest_ticks);
		print("\n");
	}
}

static void count(const struct op *op)
{
	uint64_t best = ~0ul;

	rule(op->name);
	if (op->setup)
		op->setup();
	sure(op->run(1) == 1);
	for (unsigned int i = 0; i < BATCHES; i++) {
		uint64_t start = rdtsc(), spent;
		unsigned long seen;

		own_count = 0;
		seen = op->run(op->rounds);
		spent = own_count ? own_count : rdtsc() - start;
		want(seen, op->rounds);
		if (spent < best)
			best = spent;
	}
	locks_of(op);
	if (op->undo)
		op->undo();
	cost(op->name, best / op->rounds);
}

/* The kernel's argument, if it has one: how the names begin of the operations
 * to count. */
static bool chosen(const char *name)
{
	const char *only = (const char *)start_info->cmd_line;

	while (*only && *only == *name) {
		only++;
		name++;
	}
	return !*only;
}

/* What the machine has, less what is free and what is ours: what the
 * hypervisor keeps. */
static void kept(void)
{
	static struct { uint64_t start, size; uint32_t type; }
		__attribute__((packed)) ranges[64];
	struct xen_memory_map map = { .nr_entries = 64, .buffer.p = ranges };
	struct xen_memory_domain self = { DOMID_SELF };
	struct xen_sysctl ctl = {
		.cmd = XEN_SYSCTL_physinfo,
		.interface_version = XEN_SYSCTL_INTERFACE_VERSION,
	};
	uint64_t pages = 0;

	rule("pages kept");
	want(call(memory_op, XENMEM_machine_memory_map, &map), 0);
	want(call(sysctl, &ctl), 0);
	for (unsigned int i = 0; i < map.nr_entries; i++)
		if (ranges[i].type == 1)
			pages += ranges[i].size >> 12;
	cost("pages kept", pages - ctl.u.physinfo.free_pages -
	     (uint64_t)call(memory_op, XENMEM_current_reservation, &self));
}

void suite_main(void)
{
	uint64_t boot = rdtsc();

	cost("instructions before the first domain", boot);
	kept();
	for (unsigned int i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct op *op = tables[i]; op->name; op++)
			if (chosen(op->name))
				count(op);
}
