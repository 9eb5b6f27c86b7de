/* SPDX-License-Identifier: MIT */
/* frame_alloc.c - the free frames of the machine.
 *
 * Guards: no frame is in two free blocks, or free and in use.
 * Invariant: only the first frame of a free block says REF_FREE; the others
 * look reserved, so no reference on them can succeed. Boot adds a gigabyte
 * by touching 256 records.
 * Not here: who may have a frame, scrubbing (owner.c).
 */
#include "base/log.h"
#include "mm/heap.h"
#include "sync/spinlock.h"

static struct spinlock heap_lock = SPINLOCK_INIT(HEAP);
/* HEAP lock; first free block of each order, as a frame number, 0 = none */
static uint32_t free_list[HEAP_MAX_ORDER + 1];
static uint64_t free_frames, total_frames;

static struct frame *frame_nr(uint32_t n)
{
	return frame_of(mfn_make(n));
}

static void block_insert(uint32_t n, unsigned order)
{
	struct frame *f = frame_nr(n);

	f->ref = REF_FREE | (uint64_t)order << REF_ORDER_SHIFT;
	f->prev = 0;
	f->next = free_list[order];
	if (f->next)
		frame_nr(f->next)->prev = n;
	free_list[order] = n;
}

static void block_remove(uint32_t n, unsigned order)
{
	struct frame *f = frame_nr(n);

	if (f->next)
		frame_nr(f->next)->prev = f->prev;
	if (f->prev)
		frame_nr(f->prev)->next = f->next;
	else
		free_list[order] = f->next;
	f->ref = REF_RESERVED;
	f->next = f->prev = 0;
}

static bool is_free_block(uint64_t n, unsigned order)
{
	return n < max_mfn &&
	       frame_nr((uint32_t)n)->ref == (REF_FREE | (uint64_t)order << REF_ORDER_SHIFT);
}

static void block_free(uint32_t n, unsigned order)
{
	while (order < HEAP_MAX_ORDER && is_free_block(n ^ (1u << order), order)) {
		block_remove(n ^ (1u << order), order);
		n &= ~(1u << order);
		order++;
	}
	block_insert(n, order);
}

void heap_add(mfn_t start, mfn_t end)
{
	uint64_t n = start.n ? start.n : 1;	/* 0 means "none" in lists */

	spin_lock(&heap_lock);
	while (n < end.n) {
		unsigned order = MIN((unsigned)__builtin_ctzll(n), HEAP_MAX_ORDER);

		while (n + (1UL << order) > end.n)
			order--;
		block_free((uint32_t)n, order);
		free_frames += 1UL << order;
		total_frames += 1UL << order;
		n += 1UL << order;
	}
	spin_unlock(&heap_lock);
}

struct frame *heap_take(unsigned order)
{
	struct frame *f = NULL;
	unsigned o = order;
	uint32_t n;

	spin_lock(&heap_lock);
	while (o <= HEAP_MAX_ORDER && !free_list[o])
		o++;
	if (o > HEAP_MAX_ORDER)
		goto out;
	n = free_list[o];
	block_remove(n, o);
	while (o > order) {
		o--;
		block_insert(n + (1u << o), o);
	}
	free_frames -= 1UL << order;
	f = frame_nr(n);
out:
	spin_unlock(&heap_lock);
	return f;
}

void heap_give(struct frame *f, unsigned order)
{
	BUG_ON((f->ref & REF_STATE) == REF_FREE);
	spin_lock(&heap_lock);
	f->ref = REF_RESERVED;
	f->next = f->prev = 0;
	block_free((uint32_t)mfn_of(f).n, order);
	free_frames += 1UL << order;
	spin_unlock(&heap_lock);
}

uint64_t heap_free_frames(void)
{
	return READ_ONCE(free_frames);
}

uint64_t heap_total_frames(void)
{
	return READ_ONCE(total_frames);
}

uint32_t heap_first(unsigned order)
{
	return order <= HEAP_MAX_ORDER ? free_list[order] : 0;
}
