/* SPDX-License-Identifier: MIT */
/* translations.c - a page that goes away while the other vCPUs use it.
 *
 * The others touch the page without a pause and note whether they could. When
 * the call that takes it away has returned, none of them can any more. Time is
 * parted in eras: the page is there, goes, is gone, comes back. An attempt
 * counts if the page was there, or gone, all the time.
 */
#include <xen/sched.h>

#include "smp-memory.h"

#define ROUNDS	200
#define FEW	10
#define LONG	(700 * MS)

enum { THERE, GOES, GONE, COMES_BACK, ERAS };
static volatile unsigned int era;	/* modulo ERAS */
static volatile bool stop;
static struct {
	volatile unsigned int era;	/* of the last attempt that counted */
	volatile unsigned int stale, missed;
} tries[CREW];

static void touch(void *arg)
{
	/* Valid as an entry of a table, present or not: not present. */
	*(volatile uint64_t *)arg += 2;
}

static void keep_touching(void *page)
{
	unsigned int id = whoami();

	while (!stop) {
		unsigned int now_era = era;
		bool trapped_here;

		__sync_synchronize();
		trapped_here = traps(touch, page);
		__sync_synchronize();
		if (era == now_era && now_era % ERAS == GONE)
			tries[id].stale += !trapped_here;
		else if (era == now_era && now_era % ERAS == THERE)
			tries[id].missed += trapped_here;
		tries[id].era = now_era;
		if (cpus() < CREW)
			call(sched_op, SCHEDOP_yield, 0);
	}
}

static bool all_tried(void)
{
	for (unsigned int id = 1; id < CREW; id++)
		if (tries[id].era != era)
			return false;
	return true;
}

/* The ways to take a page away; each returns the first error. */
static unsigned long mask = OTHERS;

static long by_va_all(void *page)
{
	return map_as(page, 0, 0, UVMF_INVLPG | UVMF_ALL);
}

static long by_va_flush_all(void *page)
{
	return map_as(page, 0, 0, UVMF_TLB_FLUSH | UVMF_ALL);
}

static long by_va_some(void *page)
{
	return map_as(page, 0, 0, UVMF_INVLPG | (unsigned long)&mask);
}

static long by_va_flush_some(void *page)
{
	return map_as(page, 0, 0, UVMF_TLB_FLUSH | (unsigned long)&mask);
}

static long entry_then(void *page, unsigned int cmd, uint64_t a, uint64_t b)
{
	long rc = set_entry(l1_entry_at(page), 0);

	return rc ? rc : ext(cmd, a, b);
}

static long by_flush_all(void *page)
{
	return entry_then(page, MMUEXT_TLB_FLUSH_ALL, 0, 0);
}

static long by_flush_multi(void *page)
{
	return entry_then(page, MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&mask);
}

static long by_invlpg_all(void *page)
{
	return entry_then(page, MMUEXT_INVLPG_ALL, (uint64_t)page, 0);
}

static long by_invlpg_multi(void *page)
{
	return entry_then(page, MMUEXT_INVLPG_MULTI, (uint64_t)page,
			  (uint64_t)&mask);
}

/* No flush is asked for: what the frame is used for next has to be safe. */
static long by_pinning(void *page)
{
	long rc = map_as(page, 0, 0, UVMF_NONE);

	return rc ? rc : ext(MMUEXT_PIN_L1_TABLE, frame_of(page), 0);
}

static long back_as_it_was(void *page)
{
	return map_as(page, frame_of(page), RW, UVMF_NONE);
}

static long after_pinning(void *page)
{
	long rc = ext(MMUEXT_UNPIN_TABLE, frame_of(page), 0);

	return rc ? rc : back_as_it_was(page);
}

static void one_way(const char *sentence, long (*away)(void *page),
		    long (*back)(void *page))
{
	uint64_t end = now() + LONG;
	unsigned int rounds;
	void *page = pages[0];

	rule(sentence);
	stop = false;
	era = 0;
	memset(tries, 0, sizeof(tries));
	for (unsigned int id = 1; id < CREW; id++)
		begin(id, keep_touching, page);
	for (rounds = 0; rounds < ROUNDS && (rounds < FEW || now() < end);
	     rounds++) {
		want_true(comes(all_tried()));
		era++;
		want(away(page), 0);
		era++;
		want_true(comes(all_tried()));
		era++;
		want(back(page), 0);
		era++;
	}
	stop = true;
	for (unsigned int id = 1; id < CREW; id++) {
		want_true(ended(id));
		want(tries[id].stale, 0);
		want(tries[id].missed, 0);
	}
}

static void masks(void)
{
	static PAGE uint8_t far_mask[8192];
	unsigned long nobody = 0, high = ~0xful;

	rule("masks: nobody, or vCPUs that are not there, are no error");
	want(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&nobody), 0);
	want(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&high), 0);
	want(ext(MMUEXT_INVLPG_MULTI, (uint64_t)pages, (uint64_t)&nobody), 0);
	want(ext(MMUEXT_INVLPG_MULTI, (uint64_t)pages, (uint64_t)&high), 0);
	rule("masks: one that cannot be read is EINVAL");
	want(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)BAD_POINTER), -XEN_EINVAL);
	want(ext(MMUEXT_INVLPG_MULTI, (uint64_t)pages, 0x1000), -XEN_EINVAL);
	rule("masks: eight bytes are read, however few vCPUs there are");
	want(map_as(far_mask + 4096, 0, 0, UVMF_INVLPG), 0);
	want(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)(far_mask + 4096 - 8)), 0);
	want(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)(far_mask + 4096 - 7)),
	     -XEN_EINVAL);
	want(ext(MMUEXT_INVLPG_MULTI, (uint64_t)pages,
		 (uint64_t)(far_mask + 4095)), -XEN_EINVAL);
	want(map_as(far_mask + 4096, virt_to_mfn(far_mask + 4096), RW,
		    UVMF_INVLPG), 0);
}

void translations(void)
{
	masks();
	one_way("update_va_mapping, UVMF_INVLPG and all: no vCPU sees the page after it",
		by_va_all, back_as_it_was);
	one_way("update_va_mapping, UVMF_TLB_FLUSH and all: no vCPU sees the page after it",
		by_va_flush_all, back_as_it_was);
	one_way("update_va_mapping, UVMF_INVLPG and a mask: none of the mask sees it",
		by_va_some, back_as_it_was);
	one_way("update_va_mapping, UVMF_TLB_FLUSH and a mask: none of the mask sees it",
		by_va_flush_some, back_as_it_was);
	one_way("MMUEXT_TLB_FLUSH_ALL: no vCPU uses what was changed before it",
		by_flush_all, back_as_it_was);
	one_way("MMUEXT_TLB_FLUSH_MULTI: none of the mask uses what was changed",
		by_flush_multi, back_as_it_was);
	one_way("MMUEXT_INVLPG_ALL: no vCPU uses the page that was changed",
		by_invlpg_all, back_as_it_was);
	one_way("MMUEXT_INVLPG_MULTI: none of the mask uses the page",
		by_invlpg_multi, back_as_it_was);
	one_way("a page that becomes a table can be written by no vCPU, flushed or not",
		by_pinning, after_pinning);
}
