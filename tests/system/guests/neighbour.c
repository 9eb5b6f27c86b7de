/* SPDX-License-Identifier: MIT */
/* neighbour.c - one of two guests that share frames, or only a processor.
 *
 * grant     grants frames to the domain with the next number, waits for what
 *           that one writes into them, then for the end of their use
 * map       maps and copies what the domain with the number before grants
 * registers fills the extended registers and finds them as they were, however
 *           often others run in between
 * sum       fills its memory and registers with secret words, and sums them up
 *           again and again: what others do must not change the sum
 */
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/sched.h>

#include "guest.h"
#include "secret.h"

#define FIRST	8u
#define FRAMES	8u
#define GREETING 0x6765746e6967ul
#define ANSWER	0x7265777361ul
#define ALIGNED	__attribute__((aligned(4096)))

static uint64_t page[FRAMES][512] ALIGNED, window[FRAMES][512] ALIGNED;
static volatile struct grant_entry_v1 table[512] ALIGNED;

static void yield(void)
{
	call2(sched_op, SCHEDOP_yield, 0);
}

static void map_table(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	uint64_t frame = 0;

	set_xen_guest_handle(setup.frame_list, &frame);
	call3(grant_table_op, GNTTABOP_setup_table, &setup, 1);
	call4(update_va_mapping, table, frame << 12 | 0x67, UVMF_INVLPG, 0);
}

static unsigned int in_use(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < FRAMES; i++)
		n += !!(table[FIRST + i].flags & (GTF_reading | GTF_writing));
	return n;
}

static void grant_frames(void)
{
	domid_t to = (domid_t)(own_number() + 1);

	map_table();
	for (unsigned int i = 0; i < FRAMES; i++) {
		page[i][0] = GREETING + i;
		table[FIRST + i].domid = to;
		table[FIRST + i].frame = (uint32_t)(machine_of(page[i]) >> 12);
		__sync_synchronize();
		table[FIRST + i].flags = GTF_permit_access | (i & 1 ? GTF_readonly : 0);
	}
	print("neighbour: granted\n");
	for (unsigned int i = 0; i < FRAMES; i += 2)
		while (*(volatile uint64_t *)&page[i][1] != ANSWER + i)
			yield();
	/* the last of them is for reading, and has no answer */
	while (in_use() != FRAMES)
		yield();
	print("neighbour: answered, all in use\n");
	while (in_use())
		yield();
	print("neighbour: free again\n");
	for (;;)
		yield();
}

static int map_one(domid_t from, unsigned int i, unsigned int flags)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = (uint64_t)window[i], .flags = GNTMAP_host_map | flags,
		.ref = FIRST + i, .dom = from,
	};

	call3(grant_table_op, GNTTABOP_map_grant_ref, &m, 1);
	return m.status;
}

/* Neither is the mapping made writable, nor another one made of it. */
static bool make_writable(unsigned int i)
{
	uint64_t at = pte_machine(window[i]);
	uint64_t entry = *(const uint64_t *)((uint64_t)va_of_mfn(at >> 12) | (at & 4095));

	return call4(update_va_mapping, window[i], entry | 2, UVMF_INVLPG, 0) &&
	       call4(update_va_mapping, page[0], entry, UVMF_INVLPG, 0);
}

/* Through a copy the granter's frame is the same as through the mapping. */
static int copy_from(domid_t from, unsigned int i, uint64_t *to)
{
	struct gnttab_copy c = { .len = 8, .flags = GNTCOPY_source_gref };

	c.source.domid = from;
	c.source.u.ref = FIRST + i;
	c.dest.domid = DOMID_SELF;
	c.dest.u.gmfn = machine_of(to) >> 12;
	c.dest.offset = (uint64_t)to & 4095;
	call3(grant_table_op, GNTTABOP_copy, &c, 1);
	return c.status;
}

static void map_frames(void)
{
	domid_t from = (domid_t)(own_number() - 1);
	unsigned long wrong = 0;
	uint64_t seen = 0;

	for (unsigned int i = 0; i < FRAMES; i++) {
		while (map_one(from, i, i & 1 ? GNTMAP_readonly : 0))
			yield();
		wrong += *(volatile uint64_t *)window[i] != GREETING + i;
		wrong += copy_from(from, i, &seen) || seen != GREETING + i;
		/* A read-only grant is not mapped, nor copied to, for writing. */
		if (i & 1)
			wrong += map_one(from, i, 0) != GNTST_general_error ||
				 !make_writable(i);
		else
			*(volatile uint64_t *)&window[i][1] = ANSWER + i;
	}
	print("neighbour: mapped, %lu wrong\n", wrong);
	/* As long as it lives it sees them, whatever became of the granter. */
	for (;;) {
		for (unsigned int i = 0; i < FRAMES; i++)
			if (*(volatile uint64_t *)window[i] != GREETING + i)
				print("neighbour: frame %lu changed\n", (unsigned long)i);
		yield();
	}
}

#define EACH(one) one(0) one(1) one(2) one(3) one(4) one(5) one(6) one(7)	\
	one(8) one(9) one(10) one(11) one(12) one(13) one(14) one(15)
#define FILL(n)	asm volatile("movdqu %0, %%xmm" #n : : "m"(want[n]));
#define KEEP(n)	asm volatile("movdqu %%xmm" #n ", %0" : "=m"(have[n]));

static void keep_registers(void)
{
	struct pair { uint64_t low, high; } want[16], have[16];
	uint64_t seed = rdtsc() | 1, start = rdtsc();
	unsigned long rounds = 0, wrong = 0;
	uint16_t control = 0x37f ^ (seed >> 8 & 3) << 10, control_now;
	uint32_t mxcsr = 0x1f80 | (seed >> 10 & 3) << 13, mxcsr_now;

	for (unsigned int i = 0; i < 16; i++)
		want[i] = (struct pair){ seed * (2 * i + 1), seed + i };
	asm volatile("fldcw %0; ldmxcsr %1" : : "m"(control), "m"(mxcsr));
	EACH(FILL)
	while (rounds < 1000 || rdtsc() - start < 4000000000ul) {
		yield();
		EACH(KEEP)
		asm volatile("fnstcw %0; stmxcsr %1" : "=m"(control_now), "=m"(mxcsr_now));
		for (unsigned int i = 0; i < 16; i++)
			wrong += have[i].low != want[i].low || have[i].high != want[i].high;
		wrong += control_now != control || mxcsr_now != mxcsr;
		rounds++;
	}
	print("neighbour: %lu rounds, %lu wrong\n", rounds, wrong);
}

#define SECRETS	(512u * 1024)
#define OWN(n)	asm volatile("movdqu %0, %%xmm" #n : : "m"(words[2 * n]));
#define SEE(n)	asm volatile("movdqu %%xmm" #n ", %0" : "=m"(seen[2 * n]));

/* A line each second or so, for as long as it lives. */
static void sum_up(void)
{
	static volatile uint64_t words[SECRETS];
	static uint64_t seen[32];
	unsigned long rounds = 0, wrong = 0;
	uint64_t last = rdtsc();

	for (uint32_t i = 0; i < SECRETS; i++)
		words[i] = SECRET << 32 | i * 2654435761u;
	EACH(OWN)
	for (;;) {
		for (uint32_t i = 0; i < SECRETS; i++) {
			wrong += words[i] != (SECRET << 32 | (uint32_t)(i * 2654435761u));
			if (i % 4096 == 0)
				yield();
		}
		EACH(SEE)
		for (unsigned int i = 0; i < 32; i++)
			wrong += seen[i] != words[i];
		rounds++;
		if (rdtsc() - last < 500000000ul)
			continue;
		last = rdtsc();
		print("neighbour: %lu rounds, %lu wrong\n", rounds, wrong);
	}
}

void guest_main(const char *arguments)
{
	if (has_word(arguments, "sum"))
		sum_up();
	if (has_word(arguments, "grant"))
		grant_frames();
	if (has_word(arguments, "map"))
		map_frames();
	if (has_word(arguments, "registers"))
		keep_registers();
	shut_down(SHUTDOWN_poweroff);
}
