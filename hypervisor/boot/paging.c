/* SPDX-License-Identifier: MIT */
/* paging.c - the hypervisor's own page tables.
 *
 * Guards: W^X: text is executable and read-only, everything else is not
 * executable; what only boot writes is sealed afterwards, in the direct map
 * too. Guard pages are simply not mapped. All mappings are global and the
 * same in every L4, but for the per-domain slot (mm/map.c).
 */
#include "base/log.h"
#include "base/string.h"
#include "boot/boot.h"
#include "control/acpi.h"
#include "cpu/bits.h"
#include "cpu/cpus.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/tlb.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/owner.h"
#include "mm/pt_validate.h"

#define PTE_AD		(PTE_A | PTE_D)

#define SUPERPAGE	0x200000UL
#define IMAGE_LOAD	0x200000UL

extern char image_start[], text_end[], rodata_end[], sealed_end[];
extern char init_start[], init_data_start[], init_end[], image_end[];
extern char boot_cpu_pages[];		/* the first one is the SYSCALL stub's */
extern uint64_t early_l1_cpu[512];

static uint64_t nx;			/* PTE_NX where the CPU has it */
static uint64_t root;			/* our L4's address */
static bool direct;			/* our own tables are loaded: use the direct map */

static uint64_t *table_at(uint64_t phys)
{
	return direct ? maddr_to_virt(phys) : (void *)phys;
}

static uint64_t image_phys(const void *p)
{
	return (uint64_t)p - TEXT_BASE + IMAGE_LOAD;
}

/* The entry for va at `level` (1 or 2), tables made on the way. */
INIT static uint64_t *entry_make(uint64_t va, unsigned level)
{
	uint64_t *table = table_at(root);

	for (unsigned l = 4; l > level; l--) {
		uint64_t *e = &table[(va >> (12 + 9 * (l - 1))) & 511];

		if (!*e) {
			uint64_t page = memory_take(1);

			memset(table_at(page), 0, PAGE_SIZE);
			*e = page | PTE_P | PTE_RW | PTE_U | PTE_AD;
		}
		table = table_at(*e & PTE_MFN);
	}
	return &table[(va >> (12 + 9 * (level - 1))) & 511];
}

/* The entry that maps va, or the first on the way that is not there. */
static uint64_t *entry_find(uint64_t va)
{
	uint64_t *table = table_at(root), *e;

	for (unsigned l = 4;; l--) {
		e = &table[(va >> (12 + 9 * (l - 1))) & 511];
		if (l == 1 || !(*e & PTE_P) || *e & PTE_PSE)
			return e;
		table = table_at(*e & PTE_MFN);
	}
}

/* 2 MiB pages where both sides are aligned; `large` allows them. */
INIT static void map(uint64_t va, uint64_t pa, uint64_t bytes, uint64_t flags, bool large)
{
	flags |= PTE_P | PTE_AD | PTE_G;
	while (bytes) {
		if (large && !((va | pa) & (SUPERPAGE - 1)) && bytes >= SUPERPAGE) {
			*entry_make(va, 2) = pa | flags | PTE_PSE;
			va += SUPERPAGE;
			pa += SUPERPAGE;
			bytes -= SUPERPAGE;
		} else {
			*entry_make(va, 1) = pa | flags;
			va += PAGE_SIZE;
			pa += PAGE_SIZE;
			bytes -= PAGE_SIZE;
		}
	}
}

INIT static void map_image(const char *start, const char *end, uint64_t flags)
{
	map((uint64_t)start, image_phys(start), (uint64_t)(end - start), flags, false);
}

/* RAM and firmware tables; the low 2 MiB and the image's 2 MiB in small
 * pages, because parts of them get rights of their own. */
INIT static void map_direct(void)
{
	const struct boot_params *p = &boot_params;

	map(DIRECTMAP_BASE, 0, 0x100000, PTE_RW | nx, false);
	map(DIRECTMAP_BASE + IMAGE_LOAD, IMAGE_LOAD, SUPERPAGE, PTE_RW | nx, false);
	for (unsigned i = 0; i < p->regions; i++) {
		const struct boot_region *r = &p->region[i];
		uint64_t start = MAX(ROUND_DOWN(r->start, PAGE_SIZE), 0x100000UL);
		uint64_t end = ROUND_UP(r->end, PAGE_SIZE);

		if (start >= end || (r->type != E820_RAM && r->type != E820_ACPI &&
				     r->type != E820_NVS && end > 0x100000000UL))
			continue;
		if (r->type == E820_RESERVED && end - start > 0x1000000)
			continue;	/* a PCI window, not tables */
		if (start < IMAGE_LOAD)
			map(DIRECTMAP_BASE + start, start, MIN(end, IMAGE_LOAD) - start,
			    PTE_RW | nx, false);
		start = MAX(start, IMAGE_LOAD + SUPERPAGE);
		if (start < end)
			map(DIRECTMAP_BASE + start, start, end - start, PTE_RW | nx, true);
	}
}

/* The pages that header.S mapped, now with rights of their own. */
INIT static void map_cpu_block(void)
{
	for (unsigned i = 0; i < CPU_BLOCK_SIZE / PAGE_SIZE; i++)
		if (early_l1_cpu[i] & PTE_P)
			map(CPU_BLOCK(0) + i * PAGE_SIZE, early_l1_cpu[i] & PTE_MFN,
			    PAGE_SIZE, i ? PTE_RW | nx : 0, false);
	this_cpu()->gdt_frame = pte_mfn(early_l1_cpu[CPU_GDT_PAGE]);
}

INIT void paging_map_controllers(uint64_t ioapic)
{
	const uint64_t flags = PTE_RW | PTE_PCD | PTE_PWT | nx;
	mfn_t local = pte_mfn(rdmsr(MSR_APIC_BASE)), io = pte_mfn(ioapic);

	map(APIC_REGISTERS, mfn_to_maddr(local).a, PAGE_SIZE, flags, false);
	map(IOAPIC_REGISTERS, mfn_to_maddr(io).a, PAGE_SIZE, flags, false);
	mm_deny_io(local, mfn_add(local, 1));
	mm_deny_io(io, mfn_add(io, 1));
}

/* The direct map's entry of one small page: a large one is split for it. */
INIT static uint64_t *direct_entry(uint64_t pa)
{
	uint64_t *e = entry_find(DIRECTMAP_BASE + pa), page, *table;

	if (!(*e & PTE_PSE))
		return e;
	page = memory_take(1);
	table = table_at(page);
	for (uint64_t i = 0; i < PT_ENTRIES; i++)
		table[i] = (*e & ~PTE_PSE) + i * PAGE_SIZE;
	*e = page | PTE_P | PTE_RW | PTE_U | PTE_AD;
	return &table[pa >> PAGE_SHIFT & 511];
}

INIT void paging_map_block(unsigned id, uint64_t pa)
{
	uint64_t at = pa;

	for (unsigned i = 0; i < CPU_BLOCK_SIZE / PAGE_SIZE; i++)
		if (early_l1_cpu[i] & PTE_P) {
			map(CPU_BLOCK(id) + i * PAGE_SIZE, at, PAGE_SIZE, PTE_RW | nx, false);
			if (i == CPU_GDT_PAGE)
				cpu_of(id)->gdt_frame = mfn_make(at >> PAGE_SHIFT);
			at += PAGE_SIZE;
		}
	*direct_entry(pa) &= ~PTE_RW;
	tlb_flush_local();
}

INIT void paging_seal_block(unsigned id)
{
	*entry_find(CPU_BLOCK(id)) &= ~(PTE_RW | nx);
	tlb_flush_local();
}

INIT void paging_unmap_block(unsigned id, uint64_t pa)
{
	for (unsigned i = 0; i < CPU_BLOCK_SIZE / PAGE_SIZE; i++)
		*entry_find(CPU_BLOCK(id) + i * PAGE_SIZE) = 0;
	*direct_entry(pa) |= PTE_RW;
	tlb_flush_local();
}

/* A table indexed by frame number, zeroed or filled, at its fixed address. */
INIT static uint64_t map_table(uint64_t va, uint64_t bytes, uint64_t flags, int fill)
{
	uint64_t pages = ROUND_UP(bytes, PAGE_SIZE) >> PAGE_SHIFT;
	uint64_t pa = memory_take(pages);

	memset((void *)pa, fill, pages << PAGE_SHIFT);
	map(va, pa, pages << PAGE_SHIFT, flags | nx, false);
	return pa;
}

INIT void paging_init(void)
{
	uint64_t m2p;

	nx = cpu_features.nx ? PTE_NX : 0;
	root = memory_take(1);
	memset((void *)root, 0, PAGE_SIZE);

	map_image(image_start, text_end, 0);
	map_image(text_end, rodata_end, nx);
	map_image(rodata_end, sealed_end, PTE_RW | nx);
	map_image(sealed_end, init_start, PTE_RW | nx);
	map_image(init_start, init_data_start, 0);
	map_image(init_data_start, init_end, PTE_RW | nx);
	map_image(init_end, image_end, PTE_RW | nx);
	map_cpu_block();
	map_direct();
	map_table(FRAMETABLE_BASE, max_mfn * sizeof(struct frame), PTE_RW, 0);
	m2p = map_table(M2P_BASE, max_mfn * sizeof(uint64_t), PTE_U, 0xff);

	write_cr3(root);
	direct = true;
	pte_reserved_bits = (~0UL << cpu_features.phys_bits) & PTE_MFN;
	if (!nx)
		pte_reserved_bits |= PTE_NX;
	hyp_root = mfn_make(root >> PAGE_SHIFT);
	m2p_write = maddr_to_virt(m2p);
}

/* No writable alias of what may be executed or is constant. */
static void protect_alias(const char *start, const char *end)
{
	for (; start < end; start += PAGE_SIZE)
		*entry_find(DIRECTMAP_BASE + image_phys(start)) &= ~PTE_RW;
}

INIT void paging_seal(void)
{
	for (char *p = rodata_end; p < sealed_end; p += PAGE_SIZE)
		*entry_find((uint64_t)p) &= ~PTE_RW;
	protect_alias(image_start, sealed_end);
	*entry_find(DIRECTMAP_BASE + image_phys(boot_cpu_pages)) &= ~PTE_RW;
	tlb_flush_all();
}

void paging_drop_init(void)
{
	for (char *p = init_start; p < init_end; p += PAGE_SIZE)
		*entry_find((uint64_t)p) = 0;
	tlb_flush_all();
	memory_free_range(image_phys(init_start), image_phys(init_end));
}

/* For control/acpi.h: firmware tables through the direct map. */
const void *acpi_map(uint64_t addr, size_t len)
{
	if (!len || addr + len < addr || addr + len > 1UL << 39)
		return NULL;
	for (uint64_t a = ROUND_DOWN(addr, PAGE_SIZE); a < addr + len; a += PAGE_SIZE)
		if (!(*entry_find(DIRECTMAP_BASE + a) & PTE_P))
			return NULL;
	return maddr_to_virt(addr);
}
