/* SPDX-License-Identifier: MIT */
/* pt_update.h - changing one entry of a validated table.
 */
#ifndef PARAVANE_MM_PT_UPDATE_H
#define PARAVANE_MM_PT_UPDATE_H

#include "mm/pt_validate.h"

/* How to store the new entry. */
enum pt_store {
	PT_STORE_PLAIN,
	PT_STORE_KEEP_AD,	/* accessed and dirty bits stay as they are */
	PT_STORE_EXCHANGE,	/* only if the entry still is *expected */
};

/* Caller holds the owner's PAGE_TABLES lock, and the slot is in a valid L1.
 * With PT_STORE_EXCHANGE, *expected is what must be there, -EAGAIN and the
 * present value if it is not. */
MUST_CHECK int l1_update(uint64_t *slot, uint64_t entry, const struct pt_ctx *c,
			 enum pt_store how, uint64_t *expected);
/* The same for an entry that is not present, so that nothing needs a check. Returns
 * the old one. */
static inline uint64_t l1_clear(uint64_t *slot, uint64_t entry)
{
	uint64_t old = __atomic_exchange_n(slot, entry, __ATOMIC_SEQ_CST);

	if (old & PTE_P)
		l1_entry_put(old);
	return old;
}

/* A slot in a valid L2, L3 or L4 (`level`). *drop gets the table that could
 * not be dropped within the budget, else stays MFN_NONE. */
MUST_CHECK int table_update(unsigned level, uint64_t *slot, uint64_t entry,
			    const struct pt_ctx *c, enum pt_store how,
			    uint64_t *expected, mfn_t *drop);

#endif
