/* SPDX-License-Identifier: MIT */
/* mm.c - page tables that nobody else must agree to: a write is a store.
 *
 * One tree serves both modes; the kernel's part of it is not the user's by the
 * U bit. Compare platform/xen-pv/mm.c.
 */
#include "core/errno.h"
#include "mm/page.h"
#include "mm/pte.h"
#include "platform/native/native.h"
#include "platform/platform.h"

#define KERNEL_L4_SLOT 511

int platform_table_adopt(struct page *table, unsigned level)
{
	return 0;
}

void platform_table_release(struct page *table)
{
}

void platform_pte_write(uint64_t *slot, uint64_t value)
{
	*(volatile uint64_t *)slot = value;
}

uint64_t platform_pte_read(const uint64_t *slot)
{
	return *slot;
}

void platform_pte_commit(bool flush_tlb)
{
	uint64_t cr3;

	if (!flush_tlb)
		return;
	asm volatile("movq %%cr3, %0" : "=r" (cr3) : : "memory");
	asm volatile("movq %0, %%cr3" : : "r" (cr3) : "memory");
}

void platform_flush_page(uint64_t va)
{
	asm volatile("invlpg (%0)" : : "r" (va) : "memory");
}

int platform_root_create(struct page_tables *pt)
{
	struct page *root = page_alloc_zero();

	if (!root)
		return -ENOMEM;
	pt->root = page_virt(root);
	pt->user_root = NULL;
	pt->root[KERNEL_L4_SLOT] = boot_l4[KERNEL_L4_SLOT];
	return 0;
}

void platform_root_retire(struct page_tables *pt)
{
}

void platform_root_free(struct page_tables *pt)
{
	page_put(virt_page(pt->root));
}

void platform_use_tables(const struct page_tables *pt)
{
	uint64_t root = virt_to_phys(pt ? pt->root : boot_l4);

	asm volatile("movq %0, %%cr3" : : "r" (root) : "memory");
}
