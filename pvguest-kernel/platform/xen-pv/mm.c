/* SPDX-License-Identifier: MIT */
/* mm.c - page tables that the hypervisor must agree to.
 *
 * The tables are the processor's own and hold machine frame numbers; the
 * hypervisor lets a page be a table only while we cannot write it, so every
 * change is a request. Requests collect in a queue and go out together.
 * Invariant: an adopted page is mapped read-only at its KERNEL_BASE address,
 * its only mapping.
 * A root is a pair: the kernel's tree has everything, the user's tree has the
 * same lower half and nothing of the kernel; user mode runs on the latter.
 */
#include "core/errno.h"
#include "core/printk.h"
#include "lib/string.h"
#include "mm/page.h"
#include "mm/pte.h"
#include "platform/platform.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define QUEUE_LEN 128
#define M2P ((const uint64_t *)0xffff800000000000ul)
#define KERNEL_L4_SLOT 511
#define NO_FRAME (~0ul)

static struct mmu_update queue[QUEUE_LEN];
static unsigned queued;
static struct page_tables boot_tables;
static uint64_t *p2m;		/* NO_FRAME where we have none */

uint64_t pfn_to_mfn(uint64_t pfn)
{
	return p2m[pfn];
}

uint64_t mfn_to_pfn(uint64_t mfn)
{
	return M2P[mfn];
}

uint64_t virt_to_machine(const void *va)
{
	uint64_t pa = virt_to_phys(va);

	return pfn_to_mfn(pa >> PAGE_SHIFT) << PAGE_SHIFT | (pa & ~PAGE_MASK);
}

static uint64_t pte_to_machine(uint64_t pte)
{
	if (!(pte & PTE_PRESENT))
		return pte;
	return pfn_to_mfn((pte & PTE_FRAME) >> PAGE_SHIFT) << PAGE_SHIFT | (pte & ~PTE_FRAME);
}

static uint64_t *table_of(uint64_t machine_entry)
{
	return phys_to_virt(mfn_to_pfn((machine_entry & PTE_FRAME) >> PAGE_SHIFT) << PAGE_SHIFT);
}

/* The last-level entry that maps a kernel address. */
static uint64_t *kernel_slot(const void *va)
{
	uint64_t a = (uint64_t)va;
	uint64_t *table = (uint64_t *)start_info->pt_base;

	for (unsigned shift = 39; shift > PAGE_SHIFT; shift -= 9) {
		uint64_t entry = table[(a >> shift) & 511];

		if (!(entry & PTE_PRESENT))
			return NULL;
		table = table_of(entry);
	}
	return &table[(a >> PAGE_SHIFT) & 511];
}

static void flush_queue(void)
{
	long rc;

	if (!queued)
		return;
	rc = hv_mmu_update(queue, queued, DOMID_SELF);
	if (rc)
		panic("mmu_update refused: %ld (first of %u: ptr %#lx val %#lx)", rc, queued,
		      queue[0].ptr, queue[0].val);
	queued = 0;
}

static void queue_machine(const uint64_t *slot, uint64_t value)
{
	if (queued == QUEUE_LEN)
		flush_queue();
	queue[queued].ptr = virt_to_machine(slot) | MMU_NORMAL_PT_UPDATE;
	queue[queued].val = value;
	queued++;
}

/* tour 27: its page-table writes are collected, and made by one call. */
void platform_pte_write(uint64_t *slot, uint64_t value)
{
	queue_machine(slot, pte_to_machine(value));
}

uint64_t platform_pte_read(const uint64_t *slot)
{
	uint64_t pte = *slot;

	if (!(pte & PTE_PRESENT))
		return pte;
	return mfn_to_pfn((pte & PTE_FRAME) >> PAGE_SHIFT) << PAGE_SHIFT | (pte & ~PTE_FRAME);
}

void platform_pte_commit(bool flush_tlb)
{
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };

	flush_queue();
	if (flush_tlb && hv_mmuext_op(&op, 1))
		panic("cannot flush the TLB");
}

void platform_flush_page(uint64_t va)
{
	struct mmuext_op op = { .cmd = MMUEXT_INVLPG_LOCAL, .arg1.linear_addr = va };

	if (hv_mmuext_op(&op, 1))
		panic("cannot flush a page");
}

static void set_writable(const struct page *page, bool writable)
{
	const void *va = page_virt(page);

	queue_machine(kernel_slot(va), (virt_to_machine(va) & PTE_FRAME) | PTE_PRESENT |
		      PTE_ACCESSED | PTE_DIRTY | (writable ? PTE_WRITE : 0) | pte_nx);
}

int platform_table_adopt(struct page *table, unsigned level)
{
	set_writable(table, false);
	return 0;
}

void platform_table_release(struct page *table)
{
	set_writable(table, true);
}

static void pin(unsigned cmd, const uint64_t *root)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = virt_to_machine(root) >> PAGE_SHIFT };
	long rc;

	flush_queue();
	rc = hv_mmuext_op(&op, 1);
	if (rc)
		panic("%s a root refused: %ld", cmd == MMUEXT_UNPIN_TABLE ? "unpinning" : "pinning",
		      rc);
}

int platform_root_create(struct page_tables *pt)
{
	struct page *root = page_alloc_zero();
	struct page *user = page_alloc_zero();

	if (!root || !user) {
		if (root)
			page_put(root);
		if (user)
			page_put(user);
		return -ENOMEM;
	}
	pt->root = page_virt(root);
	pt->user_root = page_virt(user);
	pt->root[KERNEL_L4_SLOT] = boot_tables.root[KERNEL_L4_SLOT];
	set_writable(root, false);
	set_writable(user, false);
	pin(MMUEXT_PIN_L4_TABLE, pt->root);
	pin(MMUEXT_PIN_L4_TABLE, pt->user_root);
	return 0;
}

void platform_root_retire(struct page_tables *pt)
{
	pin(MMUEXT_UNPIN_TABLE, pt->user_root);
	pin(MMUEXT_UNPIN_TABLE, pt->root);
}

void platform_root_free(struct page_tables *pt)
{
	set_writable(virt_page(pt->root), true);
	set_writable(virt_page(pt->user_root), true);
	flush_queue();
	page_put(virt_page(pt->root));
	page_put(virt_page(pt->user_root));
}

void platform_use_tables(const struct page_tables *pt)
{
	struct mmuext_op op[2] = {
		{ .cmd = MMUEXT_NEW_BASEPTR },
		{ .cmd = MMUEXT_NEW_USER_BASEPTR },
	};

	if (!pt)
		pt = &boot_tables;
	op[0].arg1.mfn = virt_to_machine(pt->root) >> PAGE_SHIFT;
	op[1].arg1.mfn = pt->user_root ? virt_to_machine(pt->user_root) >> PAGE_SHIFT : 0;
	flush_queue();
	if (hv_mmuext_op(op, 2))
		panic("cannot switch address spaces");
}

int xen_map_foreign(uint64_t *slot, uint64_t mfn, bool writable, unsigned domid)
{
	struct mmu_update req = {
		.ptr = virt_to_machine(slot) | MMU_NORMAL_PT_UPDATE,
		.val = mfn << PAGE_SHIFT | PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY |
		       (writable ? PTE_WRITE : 0) | pte_nx,
	};

	flush_queue();
	return (int)hv_mmu_update(&req, 1, (domid_t)domid);
}

void xen_map_over(void *va, uint64_t machine)
{
	uint64_t entry = machine | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY;

	if (hv_update_va_mapping(va, entry, UVMF_INVLPG))
		panic("cannot map machine address %#lx", machine);
}

/* The builder mapped at least 512 KiB past its own data. Tables for the rest
 * are made from that, each one mapping 512 pages more. */
static void make_table(uint64_t *link, struct boot_info *boot)
{
	uint64_t *table = phys_to_virt(boot->first_free << PAGE_SHIFT);

	memset(table, 0, PAGE_SIZE);
	set_writable(pfn_page(boot->first_free), false);
	queue_machine(link, virt_to_machine(table) | PTE_PRESENT | PTE_WRITE | PTE_USER |
		      PTE_ACCESSED);
	flush_queue();
	boot->first_free++;
}

static void map_page(uint64_t pfn, struct boot_info *boot)
{
	uint64_t a = KERNEL_BASE + (pfn << PAGE_SHIFT);
	uint64_t *table = boot_tables.root;

	for (unsigned shift = 39; shift > PAGE_SHIFT; shift -= 9) {
		uint64_t *link = &table[(a >> shift) & 511];

		if (!(*link & PTE_PRESENT))
			make_table(link, boot);
		table = table_of(*link);
	}
	if (pfn < start_info->nr_pages && !(table[(a >> PAGE_SHIFT) & 511] & PTE_PRESENT))
		queue_machine(&table[(a >> PAGE_SHIFT) & 511], pfn_to_mfn(pfn) << PAGE_SHIFT |
			      PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | pte_nx);
}

/* Text is executable and read-only, all else the opposite. */
static void protect_image(void)
{
	extern char image_text_start[], image_text_end[], image_rodata_end[], image_end[];

	for (char *va = image_text_start; va < image_end; va += PAGE_SIZE) {
		uint64_t *slot = kernel_slot(va);
		uint64_t flags = va < image_text_end ? 0 :
				 va < image_rodata_end ? pte_nx : pte_nx | PTE_WRITE;

		queue_machine(slot, (*slot & PTE_FRAME) | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY |
			      flags);
	}
}

/* A list long enough for pages that may come later. */
static void extend_p2m(struct boot_info *boot)
{
	uint64_t *longer = phys_to_virt(boot->first_free << PAGE_SHIFT);

	memcpy(longer, p2m, start_info->nr_pages * sizeof(*p2m));
	for (uint64_t pfn = start_info->nr_pages; pfn < boot->page_count; pfn++)
		longer[pfn] = NO_FRAME;
	boot->first_free += ALIGN_UP(boot->page_count * sizeof(*p2m), PAGE_SIZE) / PAGE_SIZE;
	p2m = longer;
}

void xen_extend_mapping(struct boot_info *boot)
{
	p2m = (uint64_t *)start_info->mfn_list;
	boot_tables.root = (uint64_t *)start_info->pt_base;
	for (uint64_t pfn = 0; pfn < boot->page_count; pfn++)
		map_page(pfn, boot);
	protect_image();
	platform_pte_commit(true);
	if (boot->page_count > start_info->nr_pages)
		extend_p2m(boot);
}

uint64_t xen_page_leaves(const struct page *page)
{
	uint64_t mfn = pfn_to_mfn(page_pfn(page));

	queue_machine(kernel_slot(page_virt(page)), 0);
	p2m[page_pfn(page)] = NO_FRAME;
	return mfn;
}

void xen_page_arrives(const struct page *page, uint64_t mfn)
{
	p2m[page_pfn(page)] = mfn;
	set_writable(page, true);
}
