/* SPDX-License-Identifier: MIT */
/* grant_map.h - one entry of a guest's table for a frame it was granted.
 *
 * The entry holds the frame's references, as any foreign mapping does, so
 * that overwriting it behind our back leaks and frees nothing; the grant
 * record itself holds none for it.
 */
#ifndef PARAVANE_MM_GRANT_MAP_H
#define PARAVANE_MM_GRANT_MAP_H

#include "mm/pt_validate.h"

struct vcpu;

/* Map frame `m` of the domain with slot `owner` at `where` of the caller's:
 * an address, or with `is_pte` the machine address of an L1 entry. `flags`
 * are the entry's (PTE_P, PTE_RW, PTE_U, available bits). 0; -EINVAL without
 * such an L1 entry; -EBUSY, -EACCES if the frame cannot be had that way. */
MUST_CHECK int mm_grant_map(struct vcpu *v, uint64_t where, bool is_pte,
			    mfn_t m, uint16_t owner, uint64_t flags);
/* The entry there must map `m`, writable if `writable`: it becomes
 * `replacement` (0, or an entry of the caller's own moved from elsewhere,
 * whose references move with it). -EINVAL if it maps something else. What it
 * was is *old: its references are the caller's to give back (l1_entry_put),
 * after the domain's CPUs have flushed (mm_grant_forget). */
MUST_CHECK int mm_grant_unmap(struct vcpu *v, uint64_t where, bool is_pte, mfn_t m,
			      bool writable, uint64_t replacement, uint64_t *old);
/* No CPU that runs v's domain, this one included, remembers what its tables
 * said; at whatever address, as one table may lie at several. */
void mm_grant_forget(struct vcpu *v);
/* Take the caller's own entry at address `va` out of its table, with its
 * references: unmap_and_replace moves it. */
MUST_CHECK int mm_grant_take_entry(struct vcpu *v, uint64_t va, uint64_t *entry);

#endif
