/* SPDX-License-Identifier: MIT */
/* state.h - what grant keeps in each domain.
 */
#ifndef PARAVANE_GRANT_STATE_H
#define PARAVANE_GRANT_STATE_H

#include "base/types.h"
#include "sync/spinlock.h"

struct domain;

#define GRANTS_PER_FRAME	512	/* version 1 entries of 8 bytes */

/* An entry of the table in use: by whom, how often, and which frame it named
 * when that began. While it is in use it holds one reference on the frame,
 * and while anybody writes one on its being writable. */
struct grant_active {
	uint32_t mfn;
	domid_t user;
	uint8_t readers, writers;
};
_Static_assert(sizeof(struct grant_active) * GRANTS_PER_FRAME == PAGE_SIZE,
	       "a page of these goes with each frame of the table");

/* One mapping of another's frame. Free: flags 0, `ref` links the next. */
struct grant_mapping {
	struct domain *granter;		/* a reference is held */
	uint32_t ref;
	uint32_t flags;			/* GNTMAP_*: what is left to unmap */
};

struct grant_domain {
	/* fixed at creation */
	uint32_t max_frames, max_maptrack;	/* limits from createdomain */
	/* MAPTRACK lock */
	struct spinlock map_lock;
	uint32_t map_frames;		/* pages of records in being */
	uint32_t map_free;		/* first free record, or MAPPING_NONE */
	uint32_t release_at;		/* teardown's progress */
	struct grant_mapping **map;	/* list of them, a page of its own; or NULL */
	/* GRANT lock */
	struct spinlock lock;
	bool closed;			/* no new use; goes with the last one */
	uint32_t frames;		/* table frames in being */
	uint32_t unlent;		/* of these taken back: teardown's progress */
	uint32_t pins;			/* uses of all entries together */
	struct grant_frame *frame;	/* one page of our own: list of them */
};

/* A frame of the table, lent to the domain, and what is in use of it. */
struct grant_frame {
	uint64_t *shared;
	struct grant_active *active;
};

#endif
