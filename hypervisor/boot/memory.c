/* SPDX-License-Identifier: MIT */
/* memory.c - RAM before there is a heap.
 *
 * Guards: no frame is used twice: what the image, the modules and earlier
 * takers use is cut out of the list of free ranges first.
 * Not here: frame records (mm/frame_alloc.c) and mappings (paging.c).
 */
#include "base/log.h"
#include "base/string.h"
#include "boot/boot.h"
#include "mm/heap.h"
#include "mm/owner.h"

#define LOW_RESERVED	0x10000UL	/* interrupt table, firmware data, start-up code of other CPUs */
#define FOUR_GIB	0x100000000UL
#define MAX_RANGES	(BOOT_MAX_REGIONS + 8)

struct range { uint64_t start, end; };

static INIT_DATA struct range free_range[MAX_RANGES];
static INIT_DATA unsigned free_ranges;

uint64_t memory_ram_pages;

extern char image_start[], image_end[];

INIT static void add(uint64_t start, uint64_t end)
{
	if (start < end && free_ranges < MAX_RANGES)
		free_range[free_ranges++] = (struct range){ start, end };
}

/* No free range overlaps [start, end) any more. */
INIT static void cut(uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < free_ranges; i++) {
		struct range r = free_range[i];

		if (end <= r.start || r.end <= start)
			continue;
		free_range[i].end = MAX(r.start, MIN(start, r.end));
		if (end < r.end)
			add(end, r.end);
	}
}

INIT void memory_init(void)
{
	const struct boot_params *p = &boot_params;
	uint64_t image = 0x200000, size = (uint64_t)(image_end - image_start);

	for (unsigned i = 0; i < p->regions; i++) {
		const struct boot_region *r = &p->region[i];

		if (r->type != E820_RAM)
			continue;
		add(ROUND_UP(r->start, PAGE_SIZE), ROUND_DOWN(r->end, PAGE_SIZE));
		max_mfn = MAX(max_mfn, r->end >> PAGE_SHIFT);
	}
	for (unsigned i = 0; i < free_ranges; i++)
		memory_ram_pages += (free_range[i].end - free_range[i].start) >> PAGE_SHIFT;
	/* A region that says otherwise wins over RAM that overlaps it. */
	for (unsigned i = 0; i < p->regions; i++)
		if (p->region[i].type != E820_RAM)
			cut(ROUND_DOWN(p->region[i].start, PAGE_SIZE),
			    ROUND_UP(p->region[i].end, PAGE_SIZE));
	cut(0, LOW_RESERVED);
	cut(image, ROUND_UP(image + size, PAGE_SIZE));
	for (unsigned i = 0; i < p->modules; i++)
		cut(ROUND_DOWN(p->module[i].start, PAGE_SIZE),
		    ROUND_UP(p->module[i].end, PAGE_SIZE));
}

INIT uint64_t memory_take(uint64_t n)
{
	struct range *best = NULL;
	uint64_t bytes = n << PAGE_SHIFT;

	for (unsigned i = 0; i < free_ranges; i++) {
		struct range *r = &free_range[i];

		if (r->end <= FOUR_GIB && r->end - r->start >= bytes &&
		    (!best || r->end > best->end))
			best = r;
	}
	if (!best)
		panic("no %lu KiB of RAM below 4 GiB for our own tables", bytes >> 10);
	best->end -= bytes;
	return best->end;
}

INIT void memory_to_heap(void)
{
	for (unsigned i = 0; i < free_ranges; i++)
		if (free_range[i].start < free_range[i].end)
			memory_free_range(free_range[i].start, free_range[i].end);
	free_ranges = 0;
}

void memory_free_range(uint64_t start, uint64_t end)
{
	heap_add(mfn_make(start >> PAGE_SHIFT), mfn_make(end >> PAGE_SHIFT));
}
