/* SPDX-License-Identifier: MIT */
/* layout.c - which pseudo-physical frame of a new domain holds what.
 *
 * Guards: no two things share a frame, all frames lie in the domain's
 * memory, and the region's page tables map exactly the region.
 * Not here: the bytes (fill.c, page_tables.c).
 */
#include <errno.h>
#include <string.h>

#include "build/layout.h"

#define PAGE        4096ULL
#define PADDING     (512ULL << 10)
#define REGION_STEP (4ULL << 20)

/* The hypervisor's part of every address space, and the hole around it. */
#define HOLE_START       0x0000800000000000ULL
#define HYPERVISOR_END   0xffff880000000000ULL

#define SANE_PAGES (1ULL << 34)

static uint64_t pages_of(uint64_t bytes)
{
	return (bytes + PAGE - 1) / PAGE;
}

static uint64_t round_up(uint64_t value, uint64_t step)
{
	return (value + step - 1) / step * step;
}

/* Bits of a virtual address below the index into a table of this level. */
static unsigned int level_shift(int level)
{
	return 12 + 9 * (unsigned int)(level - 1);
}

/* Which table of that level maps `virt`, counted from address 0. */
static uint64_t table_number(int level, uint64_t virt)
{
	return (virt & 0xffffffffffffULL) >> level_shift(level + 1);
}

static bool covers(const struct mapped_range *r, int level, uint64_t number)
{
	return r->pages && number >= table_number(level, r->virt) &&
	       number <= table_number(level, r->virt + r->pages * PAGE - 1);
}

/* How many tables of a level the range needs, not counting those that
 * `other` brings already. Both ranges are runs, so the loop is short. */
static uint64_t count_tables(const struct mapped_range *r, int level,
			     const struct mapped_range *other)
{
	uint64_t first = table_number(level, r->virt);
	uint64_t last = table_number(level, r->virt + r->pages * PAGE - 1);
	uint64_t count = 0;

	for (uint64_t n = first; n <= last; n++)
		if (!other || !covers(other, level, n))
			count++;
	return count;
}

/* Gives the range's tables their frames: level 3 first, then 2, then 1. */
static void place_tables(struct mapped_range *r,
			 const struct mapped_range *other, uint64_t *next)
{
	for (int level = 3; level >= 1; level--) {
		r->tables[level].first = *next;
		r->tables[level].count = count_tables(r, level, other);
		*next += r->tables[level].count;
	}
}

static uint64_t place(uint64_t *next, uint64_t count)
{
	uint64_t first = *next;

	*next += count;
	return first;
}

static struct span place_span(uint64_t *next, uint64_t count)
{
	return (struct span){ place(next, count), count };
}

/* The region must map its own page tables, so its size and their number
 * depend on each other: grow until both agree. */
static void place_region(struct layout *l, uint64_t virt_base, uint64_t *next)
{
	uint64_t start = *next;
	uint64_t step = REGION_STEP / PAGE;
	uint64_t end;

	l->region.virt = virt_base;
	l->region.pfn = 0;
	end = round_up(start + 2 + pages_of(PADDING), step);
	for (;;) {
		uint64_t used = start;

		/* the region ends at a multiple of 4 MiB of its address */
		l->region.pages = round_up(virt_base / PAGE + end, step) -
				  virt_base / PAGE;
		l->root = place(&used, 1);
		place_tables(&l->region, NULL, &used);
		l->page_tables = (struct span){ l->root, used - l->root };
		l->stack = place(&used, 1);
		*next = used;
		if (used + pages_of(PADDING) <= l->region.pages)
			return;
		end = used + pages_of(PADDING);
	}
}

static int refuse_size(uint64_t needed, uint64_t pages, const char *name,
		       struct reason *why)
{
	return refuse(why, -ENOMEM,
		      "%s does not fit its memory: it needs %llu KiB at the start and the domain has %llu KiB, so %llu KiB are missing; raise memory=",
		      name, (unsigned long long)needed * 4,
		      (unsigned long long)pages * 4,
		      (unsigned long long)(needed - pages) * 4);
}

static int check_range(const struct mapped_range *r, const char *what,
		       const char *name, struct reason *why)
{
	uint64_t last = r->virt + r->pages * PAGE - 1;

	if (r->virt <= last && (r->virt >= HYPERVISOR_END || last < HOLE_START))
		return 0;
	if (r->virt < HOLE_START || r->virt >= HYPERVISOR_END)
		return refuse(why, -EINVAL,
			      "%s has no room for its %s: %llu MiB from %#llx reach beyond what is a guest's to use; lower memory=",
			      name, what,
			      (unsigned long long)r->pages >> 8,
			      (unsigned long long)r->virt);
	return refuse(why, -EINVAL,
		      "%s wants its %s at %#llx, which is not a guest's to use",
		      name, what, (unsigned long long)r->virt);
}

/* What lies behind the region: no virtual address, or one of its own. */
static void place_unmapped(struct layout *l, const struct kernel *k,
			   uint64_t ramdisk_bytes, uint64_t *next)
{
	l->written[1].first = *next;
	if (k->ramdisk_by_pfn)
		l->ramdisk = place_span(next, pages_of(ramdisk_bytes));
	if (k->p2m_base != KERNEL_UNSET) {
		l->p2m = place_span(next, pages_of(l->pages * 8));
		l->p2m_range.virt = k->p2m_base;
		l->p2m_range.pages = l->p2m.count;
		l->p2m_range.pfn = l->p2m.first;
		place_tables(&l->p2m_range, &l->region, next);
	}
	l->written[1].count = *next - l->written[1].first;
}

int layout_compute(struct layout *l, const struct kernel *k, uint64_t pages,
		   uint64_t ramdisk_bytes, const char *name,
		   struct reason *why)
{
	uint64_t next = pages_of(k->end);
	uint64_t needed;
	int rc;

	memset(l, 0, sizeof(*l));
	l->pages = pages;
	if (pages > SANE_PAGES)
		return refuse(why, -EINVAL, "%s: no machine has %llu GiB",
			      name, (unsigned long long)pages >> 18);
	if (next > pages || pages_of(ramdisk_bytes) > pages)
		return refuse_size(next + pages_of(ramdisk_bytes), pages, name,
				   why);
	l->kernel.first = k->start / PAGE;
	l->kernel.count = next - l->kernel.first;
	if (!k->ramdisk_by_pfn)
		l->ramdisk = place_span(&next, pages_of(ramdisk_bytes));
	if (k->p2m_base == KERNEL_UNSET)
		l->p2m = place_span(&next, pages_of(pages * 8));
	l->start_info = place(&next, 1);
	l->store = place(&next, 1);
	l->console = place(&next, 1);
	place_region(l, k->virt_base, &next);
	rc = check_range(&l->region, "memory", name, why);
	if (rc)
		return rc;
	l->written[0].first = l->kernel.first;
	l->written[0].count = next - l->kernel.first;
	needed = next + pages_of(PADDING);

	if (k->ramdisk_by_pfn || k->p2m_base != KERNEL_UNSET) {
		next = l->region.pages;
		place_unmapped(l, k, ramdisk_bytes, &next);
		if (l->written[1].count)
			needed = next;
		rc = l->p2m_range.pages ? check_range(&l->p2m_range, "p2m list",
						      name, why) : 0;
		if (rc)
			return rc;
	}
	if (needed > pages)
		return refuse_size(needed, pages, name, why);
	/* A small domain may end before the next 4 MiB boundary does. Its
	 * page tables were counted for all of the region; spare entries of
	 * the last ones stay empty. */
	if (l->region.pages > pages)
		l->region.pages = pages;
	return 0;
}

uint64_t layout_virt(const struct layout *l, uint64_t pfn)
{
	return l->region.virt + pfn * PAGE;
}

uint64_t layout_table(const struct layout *l, int level, uint64_t virt)
{
	const struct mapped_range *r = &l->region;
	uint64_t number, skipped = 0;

	if (level == 4)
		return l->root;
	number = table_number(level, virt);
	if (covers(r, level, number))
		return r->tables[level].first + number -
		       table_number(level, r->virt);
	/* Those of the second range that the first one brought are skipped. */
	r = &l->p2m_range;
	for (uint64_t n = table_number(level, r->virt); n < number; n++)
		if (covers(&l->region, level, n))
			skipped++;
	return r->tables[level].first + number -
	       table_number(level, r->virt) - skipped;
}

bool layout_is_table(const struct layout *l, uint64_t pfn)
{
	const struct span *second = &l->p2m_range.tables[3];

	if (pfn >= l->page_tables.first &&
	    pfn < l->page_tables.first + l->page_tables.count)
		return true;
	return l->p2m_range.pages && pfn >= second->first &&
	       pfn < l->p2m_range.tables[1].first + l->p2m_range.tables[1].count;
}
