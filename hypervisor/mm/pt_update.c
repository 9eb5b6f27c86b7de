/* SPDX-License-Identifier: MIT */
/* pt_update.c - changing one entry of a validated table.
 *
 * Guards: references of the new entry are held before it is stored, those
 * of the old one are given back after. Entries are stored by locked
 * instructions: when the old one's end is stamped, other CPUs see it gone.
 * Only accessed, dirty, no-execute and available bits may change without a
 * new look at the frame.
 * Not here: what an entry may say (pt_validate.c), finding the slot.
 */
#include "base/errno.h"
#include "base/refusal.h"
#include "mm/pt_update.h"

/* Bits that change nothing about which references an entry holds. */
#define PTE_HARMLESS	(PTE_A | PTE_D | PTE_NX | PTE_AVAIL | PTE_AVAIL_HIGH)

/* Put the entry in place; *old gets what was there. */
static inline int store(uint64_t *slot, uint64_t entry, enum pt_store how,
			const uint64_t *expected, uint64_t *old)
{
	if (likely(how == PT_STORE_PLAIN)) {
		*old = __atomic_exchange_n(slot, entry, __ATOMIC_SEQ_CST);
		return 0;
	}
	if (how == PT_STORE_KEEP_AD) {
		*old = READ_ONCE(*slot);
		while (!__atomic_compare_exchange_n(slot, old,
						    entry | (*old & (PTE_A | PTE_D)), false,
						    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			continue;
		return 0;
	}
	*old = *expected;	/* PT_STORE_EXCHANGE */
	return __atomic_compare_exchange_n(slot, old, entry, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED) ? 0 : -EAGAIN;
}

/* Only the write permission changes, and harmless bits: the frame stays
 * referenced, its type is gained or given up. The old entry is `old`. That it
 * may be read (a grant) does not mean that it may be written. */
static int l1_toggle_write(uint64_t *slot, uint64_t old, uint64_t entry,
			   const struct pt_ctx *c)
{
	struct frame *f = frame_of(pte_mfn(entry));

	if ((entry & PTE_RW) && unlikely(frame_owner(f) != c->pages))
		return REFUSE(-EBUSY, NOT_OWN);
	if ((entry & PTE_RW) && unlikely(!writable_get(f)))
		return -EBUSY;
	__atomic_exchange_n(slot, entry, __ATOMIC_SEQ_CST);
	if (old & PTE_RW)
		writable_put(f);
	return 0;
}

/* The entry's references are held: those of the old one are given back, or, if
 * it is another than *expected, the new one's. */
static inline int l1_replace(uint64_t *slot, uint64_t entry, enum pt_store how,
			     uint64_t *expected)
{
	uint64_t old;

	if (unlikely(store(slot, entry, how, expected, &old))) {
		if (entry & PTE_P)
			l1_entry_put(entry);
		*expected = old;
		return -EAGAIN;
	}
	if (old & PTE_P)
		l1_entry_put(old);
	return 0;
}

/* Both are present, and what changes may be nothing that needs a new look. */
static __attribute__((noinline))
int l1_change(uint64_t *slot, uint64_t entry, const struct pt_ctx *c,
	      enum pt_store how, uint64_t *expected, uint64_t old)
{
	uint64_t changed = (old ^ entry) & (~PTE_HARMLESS | pte_reserved_bits);
	int rc;

	if (!changed)
		return store(slot, entry, how, expected, expected ? expected : &old);
	if (changed == PTE_RW && how == PT_STORE_PLAIN && frame_is_counted(pte_mfn(entry)))
		return l1_toggle_write(slot, old, entry, c);
	rc = l1_entry_get(entry, c);
	return unlikely(rc) ? rc : l1_replace(slot, entry, how, expected);
}

int l1_update(uint64_t *slot, uint64_t entry, const struct pt_ctx *c,
	      enum pt_store how, uint64_t *expected)
{
	if (entry & PTE_P) {
		uint64_t old = READ_ONCE(*slot);
		int rc;

		entry = l1_adjust(entry);
		if (old & PTE_P)
			return l1_change(slot, entry, c, how, expected, old);
		rc = l1_entry_get(entry, c);
		if (unlikely(rc))
			return rc;
	}
	return l1_replace(slot, entry, how, expected);
}

int table_update(unsigned level, uint64_t *slot, uint64_t entry,
		 const struct pt_ctx *c, enum pt_store how,
		 uint64_t *expected, mfn_t *drop)
{
	uint64_t old = READ_ONCE(*slot);
	bool left = false;
	int rc;

	if (entry & PTE_P) {
		uint64_t whole = entry | table_bits(level);

		if ((old & PTE_P) && !((old ^ whole) & (~PTE_HARMLESS | pte_reserved_bits)))
			return store(slot, whole, how, expected, expected ? expected : &old);
		rc = table_entry_get(&entry, (enum page_type)(level - 1), c, &left);
		if (left)
			frame_of(pte_mfn(entry))->use |= USE_SELF;
		if (rc)
			return rc;
	}
	rc = store(slot, entry, how, expected, &old);
	if (rc) {
		*expected = old;
		old = entry;
	}
	if ((old & PTE_P) && table_entry_put(old))
		*drop = pte_mfn(old);
	return rc;
}
