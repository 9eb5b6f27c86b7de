/* SPDX-License-Identifier: MIT */
/* entries.c - one level-1 entry changed, by each of the ways there are.
 *
 * The page shows two frames in turn. What flushes is checked by reading the
 * page, the rest by reading the entry.
 */
#include "bench.h"

#define BATCH	32

static long page[BATCH][512] PAGE;
static uint64_t show[2];
static volatile uint64_t *pte;
static struct mmu_update updates[2][BATCH];

/* Frames 0 and 1 hold these numbers. */
static void two_frames(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		show[i] = pool_frame(i) << 12 | RW;
		want(call(update_va_mapping, page, show[i], UVMF_INVLPG), 0);
		page[0][0] = i + 1;
	}
	pte = pte_of(page);
	for (unsigned int i = 0; i < BATCH; i++) {
		uint64_t at = machine_of(pte_of(page[i]));

		updates[0][i] = (struct mmu_update){ at, pool_frame(i) << 12 | RO };
		updates[1][i] = (struct mmu_update){ at, pool_frame(BATCH + i) << 12 | RO };
	}
}

static unsigned long va_flush(unsigned long n, unsigned long flags)
{
	unsigned long seen = 0;

	for (unsigned long i = 0; i < n; i++) {
		call(update_va_mapping, page, show[i & 1], flags);
		seen += (unsigned long)*(volatile long *)page;
	}
	return seen == n / 2 * 3 + (n & 1) ? n : 0;
}

static unsigned long va_none(unsigned long n)
{
	unsigned long good = 0;

	call(update_va_mapping, page, 0, UVMF_INVLPG);
	for (unsigned long i = 0; i < n; i++) {
		call(update_va_mapping, page, show[i & 1], UVMF_NONE);
		good += !((*pte ^ show[i & 1]) & FRAME_BITS);
	}
	return good;
}

static unsigned long va_flush_local(unsigned long n)
{
	return va_flush(n, UVMF_TLB_FLUSH | UVMF_LOCAL);
}

static unsigned long va_flush_all(unsigned long n)
{
	return va_flush(n, UVMF_TLB_FLUSH | UVMF_ALL);
}

static unsigned long va_page_local(unsigned long n)
{
	return va_flush(n, UVMF_INVLPG | UVMF_LOCAL);
}

static unsigned long va_page_all(unsigned long n)
{
	return va_flush(n, UVMF_INVLPG | UVMF_ALL);
}

static unsigned long update_one(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		call(mmu_update, updates[i & 1], 1, 0, DOMID_SELF);
		good += !((*pte ^ updates[i & 1][0].val) & FRAME_BITS);
	}
	return good;
}

static unsigned long update_many(unsigned long n)
{
	volatile uint64_t *last = pte_of(page[BATCH - 1]);
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		call(mmu_update, updates[i & 1], BATCH, 0, DOMID_SELF);
		good += !((*pte ^ updates[i & 1][0].val) & FRAME_BITS) &&
			!((*last ^ updates[i & 1][BATCH - 1].val) & FRAME_BITS);
	}
	return good;
}

static void assist(void)
{
	want(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
}

static unsigned long store(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		*pte = show[i & 1];
		good += !((*pte ^ show[i & 1]) & FRAME_BITS);
	}
	return good;
}

static void own_frames(void)
{
	for (unsigned int i = 0; i < BATCH; i++)
		map_as(page[i], RW);
}

const struct op entry_ops[] = {
	{ "update_va_mapping, no flush", ROUNDS, two_frames, va_none, NULL },
	{ "update_va_mapping, TLB flush, local", ROUNDS, two_frames,
	  va_flush_local, NULL },
	{ "update_va_mapping, TLB flush, all", ROUNDS, two_frames, va_flush_all,
	  NULL },
	{ "update_va_mapping, INVLPG, local", ROUNDS, two_frames, va_page_local,
	  NULL },
	{ "update_va_mapping, INVLPG, all", ROUNDS, two_frames, va_page_all,
	  NULL },
	{ "mmu_update of 1", ROUNDS, two_frames, update_one, NULL },
	{ "mmu_update of 32", ROUNDS, two_frames, update_many, own_frames },
	{ "store to a page table, trapped", ROUNDS, assist, store, own_frames },
	{ 0 },
};
