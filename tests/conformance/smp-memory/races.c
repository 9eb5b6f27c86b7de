/* SPDX-License-Identifier: MIT */
/* races.c - all vCPUs ask for the same frame or entry at once: whoever loses
 * is told so, and nothing is counted twice. Many times, or as many as there is
 * time for on a busy host.
 */
#include <xen/sched.h>

#include "smp-memory.h"

#define ROUNDS	300
#define FEW	10
#define LONG	(1500 * MS)

static struct meeting start;
static uint64_t deadline;

static bool race(job *fn, void *arg)
{
	deadline = now() + LONG;
	return together(fn, arg);
}

static bool goes_on(unsigned int i)
{
	return i < ROUNDS &&
	       (i < FEW || clock_of(&info_of(whoami())->time) < deadline);
}

static volatile unsigned int good_pins[CREW], good_unpins[CREW];
static volatile long other_error;

static void note(long rc, volatile unsigned int *good, long wanted)
{
	if (!rc)
		++*good;
	else if (rc != wanted)
		other_error = rc;
}

static void pin_and_unpin(void *page)
{
	unsigned int id = whoami();

	meet(&start, CREW);
	for (unsigned int i = 0; goes_on(i); i++) {
		note(ext(MMUEXT_PIN_L1_TABLE, frame_of(page), 0),
		     &good_pins[id], -XEN_EINVAL);
		note(ext(MMUEXT_UNPIN_TABLE, frame_of(page), 0),
		     &good_unpins[id], -XEN_EINVAL);
	}
}

static void pinning(void)
{
	unsigned int pins = 0, unpins = 0;
	void *page = pages[3];

	rule("pins and unpins of one frame by all: EINVAL to whoever comes second");
	memset(page, 0, 4096);
	other_error = 0;
	want(map_as(page, 0, 0, UVMF_INVLPG | UVMF_ALL), 0);
	want_true(race(pin_and_unpin, page));
	want(other_error, 0);
	for (unsigned int id = 0; id < CREW; id++) {
		pins += good_pins[id];
		unpins += good_unpins[id];
	}
	rule("pins and unpins of one frame by all: as many of each in the end");
	want_true(pins > 0);
	want(pins, unpins);
	want(ext(MMUEXT_UNPIN_TABLE, frame_of(page), 0), -XEN_EINVAL);
	want(map_as(page, frame_of(page), RW, UVMF_INVLPG), 0);
}

/* Two pin a frame, two map it writable: never both. While one side has the frame
 * the other is refused, and may be so in all its rounds. So each goes on until it
 * has had the frame some times: at the latest when it is left alone with it.
 */
static volatile unsigned int pinned, mapped, both;
static volatile unsigned int had[CREW];
static volatile long map_error, pin_error;

static bool still_wants(unsigned int id)
{
	return had[id] < FEW &&
	       clock_of(&info_of(id)->time) < deadline + PATIENCE;
}

static void pin_it(void *page)
{
	if (ext(MMUEXT_PIN_L1_TABLE, frame_of(page), 0))
		return;
	had[whoami()]++;
	__sync_fetch_and_add(&pinned, 1);
	if (mapped)
		both++;
	__sync_fetch_and_sub(&pinned, 1);
	pin_error |= ext(MMUEXT_UNPIN_TABLE, frame_of(page), 0);
}

static void map_it(void *page)
{
	void *place = pages[whoami() + 4];

	if (map_as(place, frame_of(page), RW, UVMF_INVLPG))
		return;
	had[whoami()]++;
	__sync_fetch_and_add(&mapped, 1);
	if (pinned)
		both++;
	__sync_fetch_and_sub(&mapped, 1);
	map_error |= map_as(place, 0, 0, UVMF_INVLPG);
}

static void pin_or_map(void *page)
{
	unsigned int id = whoami();

	meet(&start, CREW);
	for (unsigned int i = 0; goes_on(i) || still_wants(id); i++) {
		if (id % 2)
			pin_it(page);
		else
			map_it(page);
		if (i % 4 == 0)
			call(sched_op, SCHEDOP_yield, 0);
	}
}

static void pin_against_map(void)
{
	void *page = pages[3];

	rule("a frame that some pin and some map writable is never both");
	for (unsigned int id = 0; id < CREW; id++)
		want(map_as(pages[id + 4], 0, 0, UVMF_INVLPG | UVMF_ALL), 0);
	want(map_as(page, 0, 0, UVMF_INVLPG | UVMF_ALL), 0);
	want_true(race(pin_or_map, page));
	want(both, 0);
	for (unsigned int id = 0; id < CREW; id++)
		want_true(had[id] >= FEW);
	rule("a frame that some pin and some map: what was got can be given back");
	want(pin_error, 0);
	want(map_error, 0);
	for (unsigned int id = 0; id < CREW; id++)
		want(map_as(pages[id + 4], frame_of(pages[id + 4]), RW,
			    UVMF_INVLPG), 0);
	want(map_as(page, frame_of(page), RW, UVMF_INVLPG), 0);
}

static volatile long failed;

static void same_entry(void *place)
{
	unsigned int id = whoami();
	uint64_t at = l1_entry_at(place);

	meet(&start, CREW);
	for (unsigned int i = 0; goes_on(i); i++)
		failed |= set_entry(at, i % 3 ? frame_of(pages[4 + id]) << 12 | RW : 0);
}

static void entries(void)
{
	void *place = pages[0];

	rule("one entry that all write at once holds what one of them wrote");
	want_true(race(same_entry, place));
	want(failed, 0);
	want(set_entry(l1_entry_at(place), frame_of(place) << 12 | RW), 0);
	want(ext(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
	rule("one entry that all wrote: the pages it held are only pages again");
	for (unsigned int id = 0; id < CREW; id++) {
		memset(pages[4 + id], 0, 4096);
		want(map_as(pages[4 + id], frame_of(pages[4 + id]), RO,
			    UVMF_INVLPG | UVMF_ALL), 0);
		want(ext(MMUEXT_PIN_L1_TABLE, frame_of(pages[4 + id]), 0), 0);
		want(ext(MMUEXT_UNPIN_TABLE, frame_of(pages[4 + id]), 0), 0);
		want(map_as(pages[4 + id], frame_of(pages[4 + id]), RW,
			    UVMF_INVLPG), 0);
	}
}

static unsigned long counted;

/* Counts in an entry that is not present, by stores that are emulated. */
static void count_up(void *entry)
{
	volatile uint64_t *p = entry;

	meet(&start, CREW);
	for (unsigned int i = 0; goes_on(i); i++) {
		uint64_t old;

		do
			old = *p;
		while (!__sync_bool_compare_and_swap(p, old, old + 2));
		__sync_fetch_and_add(&counted, 1);
	}
}

static void emulated(void)
{
	void *page = pages[3];

	rule("cmpxchg to a table's entry by all at once: none is lost");
	memset(page, 0, 4096);
	want(call(vm_assist, VMASST_CMD_enable,
		  VMASST_TYPE_writable_pagetables), 0);
	want(map_as(page, frame_of(page), RO, UVMF_INVLPG | UVMF_ALL), 0);
	want(ext(MMUEXT_PIN_L1_TABLE, frame_of(page), 0), 0);
	want_true(race(count_up, page));
	want(*(uint64_t *)page, 2 * counted);
	want(ext(MMUEXT_UNPIN_TABLE, frame_of(page), 0), 0);
	want(map_as(page, frame_of(page), RW, UVMF_INVLPG), 0);
	want(call(vm_assist, VMASST_CMD_disable,
		  VMASST_TYPE_writable_pagetables), 0);
}

void races(void)
{
	pinning();
	pin_against_map();
	entries();
	emulated();
}
