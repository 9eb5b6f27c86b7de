/* SPDX-License-Identifier: MIT */
/* mm.h - the door of the memory room.
 *
 * Guards: no guest writes a page table, and no guest holds a frame that is
 * another's. An owner is known here only as an opaque struct domain.
 * Frames: one record each (mm/frame.h). Types and validation: page_type.c,
 * pt_validate.c. Hypervisor mappings: map.c.
 */
#ifndef PARAVANE_MM_MM_H
#define PARAVANE_MM_MM_H

#include "base/types.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/owner.h"
#include "mm/page_type.h"

struct domain;
struct vcpu;

/* --- boot ----------------------------------------------------------------
 * Before heap_add() (mm/heap.h): a zeroed frame table, max_mfn, hyp_root,
 * m2p_write, pte_reserved_bits. frames_add_io() and frame_adopt(): owner.h. */
extern mfn_t hyp_root;
extern uint64_t pte_reserved_bits;
/* Frames [start, end) are never a guest's: interrupt controllers. */
void mm_deny_io(mfn_t start, mfn_t end);

/* --- frames of our own, zeroed, charged to nobody ---------------------- */
MUST_CHECK void *page_alloc(void);	/* direct-map pointer, NULL if out of memory */
void page_free(void *page);

/* --- domains ------------------------------------------------------------ */
MUST_CHECK int mm_domain_init(struct domain *d);	/* per-domain slot, locks */
MUST_CHECK int mm_vcpu_init(struct vcpu *v);		/* GDT window's page tables */
/* Drop roots, GDT, LDT references of a vCPU that will not run again. */
void mm_vcpu_drop(struct vcpu *v);
/* Give back every frame: unpin, drop, free. 0, or -ERESTART when the budget
 * is used up: call again. */
MUST_CHECK int mm_domain_teardown(struct domain *d);
void mm_domain_free(struct domain *d);		/* the per-domain slot itself */

/* --- running ------------------------------------------------------------ */
/* Load v's root for its mode (kernel_mode), flushing what must be. */
void mm_switch_to(struct vcpu *v);		/* another domain or vCPU ran before */
/* The CPU runs nobody: the hypervisor's own tables. */
void mm_switch_idle(void);
/* Does the current translation permit the access? For spurious faults. */
bool mm_walk_permits(uint64_t va, bool write, bool user_root);

/* The guest kernel stored to a read-only page. Refused: the fault is its own. Done:
 * it is a page table, the store is performed and the instruction has ended. Again:
 * nothing has changed, and the instruction is to come again. */
enum store_result { STORE_REFUSED, STORE_DONE, STORE_AGAIN };
MUST_CHECK enum store_result mm_fixup_store(struct vcpu *v, uint64_t va);
/* The CPU found nothing at `va`. True if that is a page of v's LDT window and
 * shows the guest's page of descriptors from now on. */
bool mm_fixup_ldt(struct vcpu *v, uint64_t va);

/* --- start-of-day builder and domctl helpers ----------------------------- */
/* Validate a table of d's (level 1-4) and keep it so until UNPIN. */
MUST_CHECK int mm_pin(struct domain *d, mfn_t table, unsigned level);
/* Make an L4 the vCPU's kernel root, validating it if it is not yet. The
 * vCPU is the current one or does not run. 0, -ERESTART or -errno. */
MUST_CHECK int mm_set_kernel_root(struct vcpu *v, mfn_t l4);
MUST_CHECK int mm_set_user_root(struct vcpu *v, mfn_t l4);
/* Frames become v's GDT after validation; entries in descriptors. */
MUST_CHECK int mm_set_gdt(struct vcpu *v, const uint64_t *frames, uint32_t entries);
/* Does that segment of v's GDT begin at 0? The vCPU is the current one. */
MUST_CHECK bool mm_segment_is_flat(const struct vcpu *v, uint16_t sel);
MUST_CHECK int mm_set_ldt(struct vcpu *v, uint64_t base, uint32_t entries);
/* A fault in v's LDT window that mm_fixup_ldt() did not handle: *guest_va
 * is where the guest believes its LDT is. False: not in that window. */
bool mm_ldt_fault_va(struct vcpu *v, uint64_t va, uint64_t *guest_va);

#endif
