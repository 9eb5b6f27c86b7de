/* SPDX-License-Identifier: MIT */
/* heap.h - free frames: blocks of 2^order, merged when freed.
 *
 * Guards: a frame is handed out once. A free frame keeps in its `use` word
 * who owned it last and the flush stamp of its release; scrubbing and
 * flushing are the taker's work (mm/owner.c).
 */
#ifndef PARAVANE_MM_HEAP_H
#define PARAVANE_MM_HEAP_H

#include "mm/frame.h"

#define HEAP_MAX_ORDER	10

/* RAM [start, end) becomes free; boot only, and for init frames later. */
void heap_add(mfn_t start, mfn_t end);
/* 2^order frames, contiguous and aligned, state still REF_RESERVED; or NULL. */
MUST_CHECK struct frame *heap_take(unsigned order);
/* Back again; `use` must hold last owner and stamp. */
void heap_give(struct frame *f, unsigned order);
uint64_t heap_free_frames(void);
/* For the audit: the first free block of an order, 0 if there is none. */
uint32_t heap_first(unsigned order);
/* RAM frames ever given to the heap. */
uint64_t heap_total_frames(void);

#endif
