/* SPDX-License-Identifier: MIT */
/* frame.h - one record per machine frame.
 *
 * Guards: lifetime (`ref`: owner, state and a count in one word, changed by
 * compare-and-swap) and use (`use`: type, flags and a count in one word).
 * Invariant: 24 bytes, asserted; a frame changes owner or type only when the
 * count concerned is zero and every stale translation is flushed.
 */
#ifndef PARAVANE_MM_FRAME_H
#define PARAVANE_MM_FRAME_H

#include "base/types.h"
#include "cpu/insn.h"
#include "mm/layout.h"

struct frame {
	uint64_t ref;		/* REF_*: count, owner, state */
	uint64_t use;		/* USE_* (mm/page_type.h); free: last owner, stamp */
	uint32_t next, prev;	/* owner's list, or free list (buddy) */
};
_Static_assert(sizeof(struct frame) == 24, "the frame table is sized by this");

/* ref: how long the frame lives and whose it is. A count of 0 in state USED
 * exists only inside frame_put(). */
#define REF_COUNT	0xffffffffUL
#define REF_COUNT_MAX	0xfffffff0UL
#define REF_OWNER_SHIFT	32
#define REF_OWNER	(0xffffUL << REF_OWNER_SHIFT)
#define REF_STATE	(7UL << 48)
#define REF_RESERVED	(0UL << 48)	/* ours since boot, or inside a free block */
#define REF_FREE	(1UL << 48)	/* head of a free block */
#define REF_USED	(2UL << 48)
#define REF_IO		(3UL << 48)	/* not RAM: no counts are kept */
#define REF_ALLOC	(1UL << 51)	/* the owner's own reference is held */
#define REF_LENT	(1UL << 52)	/* a page of ours that a domain sees */
#define REF_ALIAS	(1UL << 53)	/* was mapped other than write-back */
#define REF_FOREIGN	(1UL << 54)	/* was mapped by another than its owner */
#define REF_ORDER_SHIFT	56		/* of a free block */

/* Owners are slots of a table of domains; these are nobody's domain. */
#define OWNER_NONE	0
#define OWNER_XEN	1		/* the hypervisor */
#define OWNER_IO	2
#define OWNER_FIRST	3
#define MAX_OWNERS	512

extern uint64_t max_mfn;	/* highest RAM frame + 1 */

static inline struct frame *frame_of(mfn_t m)
{
	return (struct frame *)FRAMETABLE_BASE + m.n;
}

static inline mfn_t mfn_of(const struct frame *f)
{
	return mfn_make((uint64_t)(f - (struct frame *)FRAMETABLE_BASE));
}

/* A record exists for it; always ask before frame_of() on a guest's number. */
static inline bool mfn_valid(mfn_t m)
{
	return m.n < max_mfn;
}

static inline void *maddr_to_virt(uint64_t a)
{
	return (void *)(DIRECTMAP_BASE + a);
}

static inline void *mfn_to_virt(mfn_t m)
{
	return maddr_to_virt(m.n << PAGE_SHIFT);
}

/* The record of a frame number that a guest chose, or NULL: bounded for
 * speculation too. */
static inline struct frame *frame_lookup(uint64_t mfn)
{
	if (unlikely(mfn >= max_mfn))
		return NULL;
	return frame_of(mfn_make(array_index_nospec(mfn, max_mfn)));
}

static inline uint16_t ref_owner(uint64_t ref)
{
	return (uint16_t)(ref >> REF_OWNER_SHIFT);
}

static inline uint16_t frame_owner(const struct frame *f)
{
	return ref_owner(READ_ONCE(f->ref));
}

/* One more reference on a frame in use by `owner`. */
MUST_CHECK static inline bool frame_get(struct frame *f, uint16_t owner)
{
	const uint64_t want = (uint64_t)owner << REF_OWNER_SHIFT | REF_USED;
	uint64_t x = READ_ONCE(f->ref);

	do {
		if (unlikely((x ^ want) & (REF_OWNER | REF_STATE)))
			return false;
		if (unlikely((uint32_t)x - 1 >= REF_COUNT_MAX))
			return false;
	} while (!__atomic_compare_exchange_n(&f->ref, &x, x + 1, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

/* The last reference is gone (mm/owner.c). */
void frame_release(struct frame *f);

static inline void frame_put(struct frame *f)
{
	if (unlikely((__atomic_sub_fetch(&f->ref, 1, __ATOMIC_ACQ_REL) & REF_COUNT) == 0))
		frame_release(f);
}

static inline uint64_t virt_to_maddr(const void *p)
{
	return (uint64_t)p - DIRECTMAP_BASE;
}

static inline mfn_t virt_to_mfn(const void *p)
{
	return mfn_make(virt_to_maddr(p) >> PAGE_SHIFT);
}

#endif
