/* SPDX-License-Identifier: MIT */
/* view.h - another domain's memory by the addresses its kernel uses.
 *
 * The domain's own page tables are walked, mapped read-only: it may run
 * meanwhile, though what is read then is of no one moment. For libs/debug.
 */
#ifndef TOOLS_DEBUG_VIEW_H
#define TOOLS_DEBUG_VIEW_H

#include "ctl/ctl.h"

#define VIEW_CACHE 64

struct view {
	struct ctl *ctl;
	domid_t id;
	/* the frame of the L4 table */
	uint64_t root;
	struct {
		uint64_t mfn;
		void *page;
	} cache[VIEW_CACHE];
};

/* One page that a domain has mapped. */
struct view_page {
	uint64_t virt;
	uint64_t mfn;
};

void view_open(struct view *v, struct ctl *c, domid_t id, uint64_t cr3);
void view_close(struct view *v);

/* Frame `mfn` of the domain, until the next call; NULL if it cannot be mapped. */
const void *view_frame(struct view *v, uint64_t mfn);

/* Copies from address `virt`; returns how many of `size` bytes could be read. */
size_t view_read(struct view *v, uint64_t virt, void *out, size_t size);

/* The pages of the address space that is the domain's own to map, by address;
 * those of a table that stands in many places, at some of them only.
 * *pages is to be freed. -ENOMEM, -EIO when the tables cannot be read, or -E2BIG
 * when there are more than `most`: a few tables can map a few frames, or
 * themselves, at thousands of addresses. */
int view_pages(struct view *v, size_t most, struct view_page **pages,
	       size_t *count);

#endif
