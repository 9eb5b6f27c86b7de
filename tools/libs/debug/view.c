/* SPDX-License-Identifier: MIT */
/* view.c - walking another domain's page tables.
 *
 * Guards: the tables are the domain's to change: every entry is only a frame
 * number to ask the hypervisor for, which hands out none that is not the
 * domain's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "debug/view.h"

#define ENTRIES		512U
#define PRESENT		1ULL
#define LARGE		0x80ULL
#define FRAME_BITS	0x000ffffffffff000ULL
/* Slots of the L4 that are the hypervisor's. */
#define HOLE_FIRST	256U
#define HOLE_LAST	271U
/* A table that stands in more places is left out of the others: Linux has its
 * memory at two places by the same tables, but shows one page by one table at
 * millions of addresses (its stacks for 16-bit programs, its empty p2m lists). */
#define TIMES_WALKED	4U

static uint64_t frame_number(uint64_t entry)
{
	return (entry & FRAME_BITS) >> FRAME_SHIFT;
}

void view_open(struct view *v, struct ctl *c, domid_t id, uint64_t cr3)
{
	memset(v, 0, sizeof(*v));
	v->ctl = c;
	v->id = id;
	v->root = frame_number(cr3);
}

void view_close(struct view *v)
{
	for (unsigned int i = 0; i < VIEW_CACHE; i++)
		ctl_foreign_unmap(v->ctl, v->cache[i].page, 1);
	memset(v->cache, 0, sizeof(v->cache));
}

const void *view_frame(struct view *v, uint64_t mfn)
{
	unsigned int slot = mfn % VIEW_CACHE;

	if (v->cache[slot].page && v->cache[slot].mfn == mfn)
		return v->cache[slot].page;
	ctl_foreign_unmap(v->ctl, v->cache[slot].page, 1);
	v->cache[slot].mfn = mfn;
	v->cache[slot].page = ctl_foreign_map_read_only(v->ctl, v->id, &mfn, 1,
							NULL);
	return v->cache[slot].page;
}

/* 0 where a level is missing. */
static uint64_t entry_of(struct view *v, uint64_t virt)
{
	uint64_t entry = v->root << FRAME_SHIFT | PRESENT;

	for (int shift = 39; shift >= 12; shift -= 9) {
		const uint64_t *table = view_frame(v, frame_number(entry));

		entry = table ? table[virt >> shift & (ENTRIES - 1)] : 0;
		if (!(entry & PRESENT) || (shift > 12 && (entry & LARGE)))
			return 0;
	}
	return entry;
}

size_t view_read(struct view *v, uint64_t virt, void *out, size_t size)
{
	size_t done = 0;

	while (done < size) {
		uint64_t at = virt + done;
		size_t offset = at & (FRAME_SIZE - 1);
		size_t piece = FRAME_SIZE - offset;
		uint64_t entry = entry_of(v, at);
		const uint8_t *page;

		page = entry ? view_frame(v, frame_number(entry)) : NULL;
		if (!page)
			break;
		if (piece > size - done)
			piece = size - done;
		memcpy((uint8_t *)out + done, page + offset, piece);
		done += piece;
	}
	return done;
}

struct page_list {
	struct view_page *pages;
	size_t count, room, most;
	/* how often each frame of the machine was walked as a table */
	uint8_t *walked;
	uint64_t frames;
};

static int add(struct page_list *l, uint64_t virt, uint64_t mfn)
{
	if (l->count == l->most)
		return -E2BIG;
	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 1024;
		void *more = realloc(l->pages, room * sizeof(l->pages[0]));

		if (!more)
			return -ENOMEM;
		l->pages = more;
		l->room = room;
	}
	l->pages[l->count++] = (struct view_page){ virt, mfn };
	return 0;
}

/* The table is copied: the cache may drop it while we are further down. */
static int walk(struct view *v, uint64_t mfn, int shift, uint64_t virt,
		struct page_list *l)
{
	const void *page = NULL;
	uint64_t table[ENTRIES];
	int rc = 0;

	/* Counted before it is mapped, since mapping is slow, and a guest may name
	 * one frame, table or not, in every entry that it has. */
	if (mfn <= l->frames) {
		if (l->walked[mfn] == TIMES_WALKED)
			return 0;
		l->walked[mfn]++;
		page = view_frame(v, mfn);
	}
	if (!page)
		return shift == 39 ? -EIO : 0;
	memcpy(table, page, sizeof(table));
	for (uint64_t i = 0; !rc && i < ENTRIES; i++) {
		uint64_t at = virt | i << shift;

		if (!(table[i] & PRESENT))
			continue;
		if (shift == 39 && i >= HOLE_FIRST) {
			if (i <= HOLE_LAST)
				continue;
			at |= 0xffffULL << 48;
		}
		if (shift == 12)
			rc = add(l, at, frame_number(table[i]));
		else if (!(table[i] & LARGE))
			rc = walk(v, frame_number(table[i]), shift - 9, at, l);
	}
	return rc;
}

int view_pages(struct view *v, size_t most, struct view_page **pages,
	       size_t *count)
{
	struct page_list l = { .most = most };
	struct xen_sysctl_physinfo machine;
	int rc = ctl_physinfo(v->ctl, &machine);

	if (rc)
		return rc;
	l.frames = machine.max_mfn;
	l.walked = calloc(l.frames + 1, 1);
	if (!l.walked)
		return -ENOMEM;
	rc = walk(v, v->root, 39, 0, &l);
	free(l.walked);
	if (rc) {
		free(l.pages);
		return rc;
	}
	*pages = l.pages;
	*count = l.count;
	return 0;
}
