/* SPDX-License-Identifier: MIT */
/* state.h - what mm keeps in each domain and vCPU.
 */
#ifndef PARAVANE_MM_STATE_H
#define PARAVANE_MM_STATE_H

#include "base/types.h"
#include "sync/spinlock.h"

struct mm_vcpu {
	/* this CPU only, or vCPU not running */
	mfn_t kernel_root, user_root;	/* typed references on validated L4s; MFN_NONE */
	uint64_t cr3_kernel, cr3_user;	/* ready to load; 0 = no user root */
	mfn_t gdt_frames[14];		/* typed references; MFN_NONE when absent */
	uint32_t gdt_entries;
	uint64_t ldt_base;		/* guest-virtual, page aligned */
	uint32_t ldt_entries;
	uint32_t ldt_mapped;		/* bit per LDT page mapped in the per-domain slot */
	/* A table whose last use ended when the budget did: its references are
	 * this vCPU's, and every page-table call first goes on dropping it. */
	mfn_t dropping;
	/* A large extent of a reservation call, of which `done` frames are got or
	 * given back (mm/ops_memory.c). Only the control domain has any. */
	struct extent_part {
		uint64_t serial;	/* whose; 0: none under way */
		uint64_t list, index;	/* where in the call's list */
		uint32_t command, order;
		uint64_t first;		/* frame number */
		uint32_t done;
	} extent;
};

struct mm_domain {
	/* fixed at creation */
	uint16_t slot;			/* owner number in frame records */
	bool io;			/* may map frames that are not RAM */
	uint64_t serial;		/* never used twice: last-owner mark of free frames */
	uint64_t *perdomain_l3;		/* direct-map pointer to the per-domain slot's L3 */
	uint64_t *perdomain_l2;
	uint64_t *perdomain_l1[4];	/* 16 vCPUs each */
	/* PAGE_TABLES lock: every change of a page-table entry or type walk */
	struct spinlock pt_lock;
	/* PAGE_LIST lock */
	struct spinlock list_lock;
	uint32_t frame_list;		/* first frame owned (struct frame links), 0 = none */
	uint32_t frames;		/* owned now ("tot_pages") */
	uint32_t max_frames;		/* domctl max_mem limit */
	uint32_t shared_frames;		/* hypervisor frames lent: shared info, grant table */
	uint32_t teardown_left;		/* vCPUs visited, then frames still to visit */
	uint32_t teardown_step;
	/* DOMAIN lock */
	void *e820;			/* XENMEM_set_memory_map; NULL = never set */
	uint32_t e820_entries;
};

#endif
