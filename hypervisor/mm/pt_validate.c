/* SPDX-License-Identifier: MIT */
/* pt_validate.c - what one page-table entry may say.
 *
 * Guards: a guest's entry maps only frames of the domain that the caller
 * has power over, and never a page table or descriptor table writable.
 * Invariant: an entry that is present in a validated table holds one
 * reference on its frame, and one on the frame's type if it is a table or a
 * writable mapping; entries of frames that are not RAM hold none.
 * Not here: whole tables (page_type.c), changing one entry (pt_update.c).
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/refusal.h"
#include "mm/mm.h"
#include "mm/pt_validate.h"

/* An L1 entry may have any flag, but for cache bits only with devices; bits
 * 52-62 are the guest's everywhere. */
#define TABLE_BAD_BITS	(PTE_PSE | PTE_G | PTE_PWT | PTE_PCD)
#define MFN_ALL_ONES	(PTE_MFN >> PAGE_SHIFT)

uint64_t pte_reserved_bits;

#define MAX_DENIED	8
static struct { uint64_t start, end; } denied[MAX_DENIED];
static unsigned nr_denied;

void mm_deny_io(mfn_t start, mfn_t end)
{
	BUG_ON(nr_denied == MAX_DENIED);
	denied[nr_denied].start = start.n;
	denied[nr_denied++].end = end.n;
}

bool io_denied(mfn_t m)
{
	for (unsigned i = 0; i < nr_denied; i++)
		if (m.n >= denied[i].start && m.n < denied[i].end)
			return true;
	return false;
}

/* No reference could be had: another's frame, or no memory at all. */
static __attribute__((noinline)) int l1_io_get(mfn_t m, const struct pt_ctx *c)
{
	if (frame_is_counted(m))
		return REFUSE(-EBUSY, NOT_OWN);
	if (m.n == MFN_ALL_ONES)
		return -EINVAL;
	if (!c->io || io_denied(m) || (m.n << PAGE_SHIFT & pte_reserved_bits))
		return REFUSE(-EPERM, NO_DEVICE);
	return 0;
}

/* These two give the reference on the frame back where they refuse. */
static __attribute__((noinline)) int become_writable(struct frame *f)
{
	if (type_become_writable(f))
		return 0;
	frame_put(f);
	return -EBUSY;
}

static __attribute__((noinline)) int shared_cache(struct frame *f)
{
	frame_put(f);
	return REFUSE(-EACCES, SHARED_CACHE);
}

int l1_entry_get(uint64_t e, const struct pt_ctx *c)
{
	mfn_t m = pte_mfn(e);
	struct frame *f;

	if (unlikely((e & pte_reserved_bits & ~PTE_MFN) || ((e & PTE_CACHE) && !c->io)))
		return REFUSE(-EINVAL, L1_BITS);
	f = frame_lookup(m.n);
	if (unlikely(!f || !frame_get(f, c->pages)))
		return l1_io_get(m, c);
	if (unlikely(c->pages != c->tables) && !(READ_ONCE(f->ref) & REF_FOREIGN))
		__atomic_fetch_or(&f->ref, REF_FOREIGN, __ATOMIC_RELAXED);
	if (unlikely(e & PTE_CACHE)) {
		if (f->ref & REF_LENT)
			return shared_cache(f);
		__atomic_fetch_or(&f->ref, REF_ALIAS, __ATOMIC_RELAXED);
	}
	if (!(e & PTE_RW) || writable_get_more(f))
		return 0;
	return become_writable(f);
}

void l1_entry_put(uint64_t e)
{
	mfn_t m = pte_mfn(e);
	struct frame *f;

	if (unlikely(!frame_is_counted(m)))
		return;
	f = frame_of(m);
	if (e & PTE_RW)
		writable_put(f);
	frame_put(f);
}

int table_entry_get(uint64_t *entry, enum page_type child,
		    const struct pt_ctx *c, bool *left)
{
	uint64_t e = *entry;
	mfn_t m = pte_mfn(e);
	struct frame *f;
	int rc;

	if (e & (TABLE_BAD_BITS | pte_reserved_bits))
		return REFUSE(-EINVAL, TABLE_BITS);
	*entry = e | table_bits(child + 1);
	f = frame_lookup(m.n);
	if (!f || !frame_get(f, c->tables))
		return REFUSE(-EINVAL, NOT_OWN);
	rc = type_get(f, child, c, left);
	if (rc && !*left)
		frame_put(f);
	return rc;
}

int table_entry_put(uint64_t e)
{
	struct frame *f = frame_of(pte_mfn(e));
	int rc = type_put(f);

	if (!rc)
		frame_put(f);
	return rc;
}
