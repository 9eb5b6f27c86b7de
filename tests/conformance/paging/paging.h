/* SPDX-License-Identifier: MIT */
/* paging.h - pages to make tables of, and entries by their place. */
#ifndef CONFORMANCE_PAGING_H
#define CONFORMANCE_PAGING_H

#include "events.h"

#define ENTRIES		512
#define PTE_PWT		(1ul << 3)
#define PTE_PCD		(1ul << 4)
#define PTE_ACCESSED	(1ul << 5)
#define PTE_DIRTY	(1ul << 6)
#define PTE_PAT		(1ul << 7)
#define PTE_LARGE	(1ul << 7)
#define PTE_GLOBAL	(1ul << 8)
#define PTE_KERNEL	(1ul << 52)	/* a guest kernel's page, says the ABI */
#define PTE_NX		(1ul << 63)
#define PTE_FRAME	0x000ffffffffff000ul
#define FLAGS_OF(e)	((e) & ~PTE_FRAME)
/* What a kernel page's entry reads as. */
#define RW_KERNEL	(PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_KERNEL)
#define RO_KERNEL	(PTE_PRESENT | PTE_USER | PTE_KERNEL)

typedef uint64_t table[ENTRIES];
/* A tree from the L4 down to an L1, and pages below it; and one to spare. */
extern table l4, l3, l2, l1, page, spare;

/* The machine address of the entry of `level` that leads to `va`, in the
 * tables this domain runs on, and its value. */
uint64_t entry_at(const volatile void *va, int level);
uint64_t entry_read(uint64_t at);
#define l1_entry(va)	entry_read(entry_at(va, 1))

static inline uint64_t make(const volatile void *va, uint64_t flags)
{
	return virt_to_mfn(va) << 12 | flags;
}

long map_at(const volatile void *va, uint64_t entry);
#define read_only(va)	map_at(va, make(va, PTE_PRESENT))
#define read_write(va)	map_at(va, make(va, PTE_PRESENT | PTE_WRITE))

/* One mmu_update request of this domain's. `updates_done` as it said. */
long update(uint64_t ptr, uint64_t value);
long update_as(uint64_t ptr, uint64_t value, unsigned long domains);
extern unsigned int updates_done;

/* One mmuext_op. */
long ext(unsigned int cmd, uint64_t arg1, uint64_t arg2);
long ext_as(unsigned int cmd, uint64_t arg1, uint64_t arg2, unsigned long domain);

/* Clears all pages of the tree, links them, and makes the tables read-only. */
void tree_make(uint64_t leaf);
/* All pages are empty and writable again. */
void tree_clear(void);

/* This domain's id, written out. */
/* A frame of nobody's: the hypervisor's or free. */
unsigned long others_frame(void);
/* Above all RAM: devices. */
#define DEVICE_FRAME	0xd0000ul

void batches(void);
void entries(void);
void foreign(void);
void forms(void);
void levels(void);
void tables(void);
void pins(void);
void stores(void);
void operations(void);
void roots(void);
void visible(void);

#endif
