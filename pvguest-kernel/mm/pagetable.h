/* SPDX-License-Identifier: MIT */
/* pagetable.h - walking a process's four levels of tables. */
#ifndef KERNEL_MM_PAGETABLE_H
#define KERNEL_MM_PAGETABLE_H

#include "mm/pte.h"
#include "platform/platform.h"

/* An entry that keeps its page but lets nobody in (PROT_NONE). */
#define PTE_HIDDEN 0x200ul
#define PTE_MAPPED (PTE_PRESENT | PTE_HIDDEN)

/* The last-level entry of a user address. With `create`, tables are made and
 * NULL means no memory; without, NULL means there is no table. */
uint64_t *pt_slot(struct page_tables *pt, uint64_t va, bool create);

/* The next mapped entry at or after *va and before end: moves *va there. */
uint64_t *pt_next(struct page_tables *pt, uint64_t *va, uint64_t end);

/* All tables below the roots, and the roots: for an address space that is
 * retired. Drops one reference of every page still mapped. */
void pt_destroy(struct page_tables *pt);

#endif
