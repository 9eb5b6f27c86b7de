/* SPDX-License-Identifier: MIT */
/* stretch.c - the longest stretch of each kind of entry, in debug builds.
 *
 * Invariant: a row of the table, once it has a key, keeps it until all are
 * forgotten; any CPU may raise any row. When no row is free, a stretch counts
 * for the last one, so that the longest of all is never lost.
 */
#include "cpu/stretch.h"

#include <public/paravane.h>

#include "base/string.h"

#if CONFIG_DEBUG
#define ROWS		1024
/* Instructions of the stubs before the beginning and after the end. */
#define STUBS		60
/* memory_op keeps its progress above the command. */
#define MEMORY_COMMAND	0x3f

enum {
#define HYPERCALL(nr, name, front, args, caller, purpose)	NR_##name = nr,
#include <abi/hypercalls.def>
};

static struct row {
	uint64_t key;			/* 0: free; set once, atomically */
	uint64_t longest, count;
} rows[ROWS];

#define KEY_USED	(1UL << 63)

static uint64_t key_make(uint32_t kind, uint32_t number, uint32_t command)
{
	return KEY_USED | (uint64_t)kind << 48 | (uint64_t)(number & 0xffff) << 32 | command;
}

/* Of a call whose command is its first argument; others say it themselves. */
static uint32_t command_of(uint64_t number, uint64_t first)
{
	switch (number) {
	case NR_memory_op:
		return (uint32_t)first & MEMORY_COMMAND;
	case NR_xen_version:
	case NR_console_io:
	case NR_grant_table_op:
	case NR_vcpu_op:
	case NR_nmi_op:
	case NR_sched_op:
	case NR_callback_op:
	case NR_event_channel_op:
	case NR_physdev_op:
	case NR_hvm_op:
		return (uint32_t)first;
	}
	return 0;
}

static void begin(struct cpu *c, uint64_t now, uint32_t kind, uint64_t number,
		  uint32_t command)
{
	c->entered = now - c->excused;
	c->entry_kind = kind;
	c->entry_number = (uint32_t)number;
	c->entry_command = command;
	work_excuse(c, now);
}

void stretch_begin(const struct cpu_frame *f, bool kernel_mode)
{
	uint64_t now = rdtsc();

	if (f->vector == ENTRY_SYSCALL && kernel_mode)
		begin(this_cpu(), now, PARAVANE_STRETCH_CALL, f->rax,
		      command_of(f->rax, f->rdi));
	else
		begin(this_cpu(), now, PARAVANE_STRETCH_TRAP, f->vector, 0);
}

void stretch_begin_idle(void)
{
	begin(this_cpu(), rdtsc(), PARAVANE_STRETCH_IDLE, 0, 0);
}

static struct row *find(uint64_t key)
{
	unsigned at = (unsigned)(key * 0x9e3779b97f4a7c15UL >> 54);

	for (unsigned i = 0; i < ROWS; i++) {
		struct row *r = &rows[(at + i) % ROWS];
		uint64_t none = 0;

		if (r->key == key ||
		    __atomic_compare_exchange_n(&r->key, &none, key, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED) ||
		    none == key)
			return r;
	}
	return &rows[ROWS - 1];
}

void stretch_end(void)
{
	struct cpu *c = this_cpu();
	uint64_t now = rdtsc(), took, longest;
	struct row *r;

	if (!c->entered)
		return;		/* the first domain's very first instruction */
	took = now - c->excused - c->entered + STUBS;
	r = find(key_make(c->entry_kind, c->entry_number, c->entry_command));
	longest = READ_ONCE(r->longest);
	while (took > longest &&
	       !__atomic_compare_exchange_n(&r->longest, &longest, took, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	__atomic_fetch_add(&r->count, 1, __ATOMIC_RELAXED);
}

bool stretch_read(unsigned index, struct stretch *out)
{
	for (unsigned i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		if (!r->key || index--)
			continue;
		*out = (struct stretch){
			.kind = (uint32_t)(r->key >> 48) & 0x7fff,
			.number = (uint32_t)(r->key >> 32) & 0xffff,
			.command = (uint32_t)r->key,
			.longest = r->longest, .count = r->count,
		};
		return true;
	}
	return false;
}

void stretch_reset(void)
{
	memset(rows, 0, sizeof(rows));
}
#else
bool stretch_read(unsigned index, struct stretch *out)
{
	(void)index;
	(void)out;
	return false;
}

void stretch_reset(void)
{
}
#endif
