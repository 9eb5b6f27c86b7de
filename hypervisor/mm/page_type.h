/* SPDX-License-Identifier: MIT */
/* page_type.h - what each frame is being used for.
 *
 * Guards: no frame is writable by a guest while it is a page table or a
 * descriptor table. A type is left only while its count is zero, and the new
 * one means something only after every translation that may be remembered
 * from the old one has been flushed, on every CPU that may have it.
 * Each use that ends leaves the flush clock's low half in the record
 * (cpu/tlb.h), read after the translation was taken out of the tables; that
 * was done with a locked instruction, so it was seen before.
 * A reference on a type needs a reference on the frame (frame_get) first and
 * is given back before it.
 *
 * Tables are validated entry by entry within the work budget. When that is
 * used up the table stays half-validated: entries below `progress` hold
 * their references, the count is exactly 1, and that one reference belongs
 * to whoever got -ERESTART: a parent table (USE_CHILD in the parent), the
 * frame itself (USE_SELF), or a vCPU (mm_vcpu.dropping).
 * All table types change under the owner's PAGE_TABLES lock.
 */
#ifndef PARAVANE_MM_PAGE_TYPE_H
#define PARAVANE_MM_PAGE_TYPE_H

#include "cpu/tlb.h"
#include "mm/frame.h"

/* PT_CHANGING: some CPU is about to make it writable and waits for flushes;
 * it has the one reference, and others wait for the outcome. */
enum page_type { PT_NONE, PT_L1, PT_L2, PT_L3, PT_L4, PT_SEGDESC, PT_WRITABLE, PT_CHANGING };

/* frame.use */
#define USE_COUNT	0x0fffffffUL
#define USE_COUNT_MAX	0x0ffffff0UL
#define USE_TYPE_SHIFT	28
#define USE_TYPE	(15UL << USE_TYPE_SHIFT)
#define USE_VALID	(1UL << 32)	/* every entry checked, references held */
#define USE_PARTIAL	(1UL << 33)	/* entries below `progress` are */
#define USE_CHILD	(1UL << 34)	/* and the entry at it is partial itself */
#define USE_FAILED	(1UL << 35)	/* a bad entry was met: only downwards now */
#define USE_SELF	(1UL << 36)	/* the one reference is the frame's own */
#define USE_PINNED	(1UL << 37)	/* the guest holds a reference by PIN */
#define USE_PROGRESS_SHIFT 38
#define USE_PROGRESS	(0x3ffUL << USE_PROGRESS_SHIFT)
#define USE_STAMP_SHIFT	48
#define USE_STAMP	(0xffffUL << USE_STAMP_SHIFT)
/* While the frame is free: who had it last. */
#define USE_SERIAL	(~USE_STAMP)

static inline enum page_type use_type(uint64_t use)
{
	return (enum page_type)((use & USE_TYPE) >> USE_TYPE_SHIFT);
}

static inline uint64_t use_make(enum page_type t, uint64_t count)
{
	return (uint64_t)t << USE_TYPE_SHIFT | count;
}

static inline uint16_t use_stamp(uint64_t use)
{
	return (uint16_t)(use >> USE_STAMP_SHIFT);
}

/* The flush clock, where a record has it. */
static inline uint64_t stamp_now(void)
{
	return READ_ONCE(tlb_clock) << USE_STAMP_SHIFT;
}

static inline bool type_is_table(enum page_type t)
{
	return t >= PT_L1 && t <= PT_L4;
}

/* Whose tables, whose frames they may map. */
struct pt_ctx {
	uint16_t tables;	/* owner of the page tables */
	uint16_t pages;		/* owner of the frames mapped (not always the same) */
	bool io;		/* frames that are not RAM are allowed */
};

/* A type reference for a caller that holds a frame reference. 0; an error
 * of an entry; -EINVAL if the frame is in another use; -ERESTART with
 * nothing taken, or with *left set and the caller's two references now
 * belonging to the half-validated table. */
MUST_CHECK int type_get(struct frame *f, enum page_type t,
			const struct pt_ctx *c, bool *left);
/* One more of a use that is there, and whole: the most frequent case of it. */
MUST_CHECK static inline bool type_get_more(struct frame *f, enum page_type t)
{
	uint64_t x = READ_ONCE(f->use);

	do {
		if ((x & (USE_TYPE | USE_PARTIAL)) != use_make(t, 0) ||
		    (x & USE_COUNT) - 1 >= USE_COUNT_MAX - 1)
			return false;
	} while (!__atomic_compare_exchange_n(&f->use, &x, x + 1, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

/* Gives it back. -ERESTART: budget used up; the reference still exists, put
 * it again. */
MUST_CHECK int type_put(struct frame *f);

/* Both references at once, for callers that are no table: what is left half
 * done belongs to the frame itself until the same call comes again. */
MUST_CHECK int frame_get_typed(struct frame *f, enum page_type t,
			       const struct pt_ctx *c);

/* Like writable_get_more(), but makes it a writable page if need be. */
MUST_CHECK bool type_become_writable(struct frame *f);

/* Lines of it that CPUs keep, written by another kind of mapping: to memory. */
void frame_clean_caches(const struct frame *f);

/* One more writable reference; false if it is no writable page yet. */
MUST_CHECK static inline bool writable_get_more(struct frame *f)
{
	uint64_t x = READ_ONCE(f->use);

	do {
		/* type and count are neighbours: one comparison for both */
		if (unlikely((uint32_t)x - (uint32_t)use_make(PT_WRITABLE, 0) >= USE_COUNT_MAX))
			return false;
	} while (!__atomic_compare_exchange_n(&f->use, &x, x + 1, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

/* The caller holds a frame reference and wants the guest to write to it. */
MUST_CHECK static inline bool writable_get(struct frame *f)
{
	return likely(writable_get_more(f)) || type_become_writable(f);
}

/* For references on PT_WRITABLE and PT_SEGDESC. */
void type_put_simple(struct frame *f);
#define writable_put(f)	type_put_simple(f)

/* A validated table of this level? Then its count is above zero. */
static inline bool type_is_valid(const struct frame *f, enum page_type t)
{
	return (READ_ONCE(f->use) & (USE_TYPE | USE_VALID)) == (use_make(t, 0) | USE_VALID);
}

#endif
