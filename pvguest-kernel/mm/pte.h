/* SPDX-License-Identifier: MIT */
/* pte.h - the bits of a page-table entry. */
#ifndef KERNEL_MM_PTE_H
#define KERNEL_MM_PTE_H

#include "core/types.h"

#define PTE_PRESENT 0x001ul
#define PTE_WRITE 0x002ul
#define PTE_USER 0x004ul
#define PTE_ACCESSED 0x020ul
#define PTE_DIRTY 0x040ul
#define PTE_FRAME 0x000ffffffffff000ul
#define PTE_NX (1ul << 63)

/* PTE_NX where the processor has it, else 0; set by cpu_init. */
extern uint64_t pte_nx;

#endif
