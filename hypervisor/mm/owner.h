/* SPDX-License-Identifier: MIT */
/* owner.h - whose frame, in what list, at what limit.
 */
#ifndef PARAVANE_MM_OWNER_H
#define PARAVANE_MM_OWNER_H

#include "mm/frame.h"

struct domain;

/* last-owner marks of free frames */
#define SERIAL_NEVER	0	/* nobody since power-on */
#define SERIAL_XEN	1
#define SERIAL_FIRST	2	/* the first domain */

/* Take a slot of the owner table: 0 or -ENOMEM. */
MUST_CHECK int owner_register(struct domain *d);
void owner_unregister(struct domain *d);
/* The domain of a slot, or NULL for the reserved ones. Valid as long as a
 * frame of the slot is referenced. */
struct domain *owner_domain(uint16_t slot);

/* A clean frame for d within its limit: one reference, the owner's. NULL
 * when the limit, the heap or the domain's life is at its end. */
MUST_CHECK struct frame *domain_frame_alloc(struct domain *d, unsigned order);
/* The same without the limit, for exchanges, and with a second reference, the
 * caller's: another vCPU may give the frame back as soon as it is d's. */
MUST_CHECK struct frame *domain_frame_alloc_over(struct domain *d);
/* The same for a frame taken from the heap, part of a larger block; false: it is
 * still the caller's. Whether the block as a whole would be within the limit. */
MUST_CHECK bool domain_frame_add(struct domain *d, struct frame *f);
bool domain_has_room(struct domain *d, uint32_t n);
/* Its number in the eyes of `owner`, if it still is that one's. */
void frame_set_m2p(struct frame *f, uint16_t owner, uint64_t pfn);
/* Drop the owner's own reference; false if it was dropped before, or the
 * frame is lent. The caller holds another reference. */
MUST_CHECK bool frame_disown(struct frame *f);
/* As disown, only if nobody else refers to the frame: exactly the owner's
 * and the caller's references, no type. Both are consumed on success. */
MUST_CHECK bool frame_steal(struct frame *f);
/* The frame at the front of d's list, moved to its end; NULL if none. */
struct frame *domain_frame_rotate(struct domain *d);
/* A frame of d's that the caller refers to: to the front of the list again. */
void domain_frame_first(struct domain *d, struct frame *f);

/* A RAM frame that never was in the heap (a boot module) becomes d's. */
void frame_adopt(mfn_t m, struct domain *d);
/* Frames [start, end) below max_mfn are devices or firmware, not RAM. */
void frames_add_io(mfn_t start, mfn_t end);

/* A page of ours that d may map (writable or not); d gets no reference of
 * its own to drop. Unlend when the domain is gone or the page is taken
 * back; frees the page when nobody maps it any more. */
void frame_lend(void *page, struct domain *d, bool writable);
void frame_unlend(void *page);

/* The machine-to-physical table through a writable mapping. */
extern uint64_t *m2p_write;
#define M2P_INVALID	(~0UL)

#endif
