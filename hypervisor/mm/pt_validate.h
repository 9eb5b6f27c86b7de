/* SPDX-License-Identifier: MIT */
/* pt_validate.h - what one page-table entry may say.
 */
#ifndef PARAVANE_MM_PT_VALIDATE_H
#define PARAVANE_MM_PT_VALIDATE_H

#include "mm/page_type.h"

#define PTE_P		(1UL << 0)
#define PTE_RW		(1UL << 1)
#define PTE_U		(1UL << 2)
#define PTE_PWT		(1UL << 3)
#define PTE_PCD		(1UL << 4)
#define PTE_A		(1UL << 5)
#define PTE_D		(1UL << 6)
#define PTE_PAT		(1UL << 7)	/* in an L1 entry; PSE above */
#define PTE_PSE		(1UL << 7)
#define PTE_G		(1UL << 8)
#define PTE_AVAIL	(7UL << 9)
#define PTE_MFN		0x000ffffffffff000UL
#define PTE_GUEST_KERNEL (1UL << 52)
#define PTE_AVAIL_HIGH	(0x3ffUL << 53)
#define PTE_NX		(1UL << 63)
#define PTE_CACHE	(PTE_PWT | PTE_PCD | PTE_PAT)

static inline mfn_t pte_mfn(uint64_t e)
{
	return mfn_make((e & PTE_MFN) >> PAGE_SHIFT);
}

static inline uint64_t pte_make(mfn_t m, uint64_t flags)
{
	return m.n << PAGE_SHIFT | flags;
}

/* False for frames without counts: no record, or one that says "not RAM". */
static inline bool frame_is_counted(mfn_t m)
{
	return mfn_valid(m) && (READ_ONCE(frame_of(m)->ref) & REF_STATE) != REF_IO;
}

/* Physical address bits the machine lacks, NX where it is absent (mm.h). */
extern uint64_t pte_reserved_bits;

/* The bits the ABI adds. Kernel pages get bit 52 and U, user pages G and U: both
 * run in ring 3, and only user pages survive the toggle between them. */
static inline uint64_t l1_adjust(uint64_t e)
{
	if (!(e & PTE_U))
		return e | PTE_GUEST_KERNEL | PTE_U;
	if (!(e & PTE_GUEST_KERNEL))
		return e | PTE_G;
	return e;
}

/* What entries of higher tables get. An L4 entry counts as accessed from the
 * start, so that copies of an L4 need not be watched. */
static inline uint64_t table_bits(unsigned level)
{
	return level == PT_L4 ? PTE_U | PTE_A : PTE_U;
}

/* Check a present L1 entry and take the references that it stands for. */
MUST_CHECK int l1_entry_get(uint64_t entry, const struct pt_ctx *c);
void l1_entry_put(uint64_t entry);
/* The same for a present entry that points at a table of type `child`, which gets
 * the bits the ABI adds. -ERESTART and *left: as type_get(). */
MUST_CHECK int table_entry_get(uint64_t *entry, enum page_type child,
			       const struct pt_ctx *c, bool *left);
/* -ERESTART: put it again. */
MUST_CHECK int table_entry_put(uint64_t entry);

/* A device or firmware frame that even the first domain may not map. */
bool io_denied(mfn_t m);

#endif
