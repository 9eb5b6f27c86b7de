/* SPDX-License-Identifier: MIT */
/* visible.c - what a domain sees of the hypervisor and of its own tables:
 * the machine-to-physical table, the slots that are not its own, and pages
 * that the hypervisor reads while the domain has them.
 */
#include <xen/memory.h>

#include "paging.h"

static void load(void *at)
{
	(void)*(volatile uint8_t *)at;
}

static void store(void *at)
{
	*(volatile uint8_t *)at = 0;
}

static void machine_to_physical(void)
{
	const volatile uint64_t *m2p = (uint64_t *)MACH2PHYS_VIRT_START;
	const uint64_t *p2m = (uint64_t *)start_info->mfn_list;
	long end = call(memory_op, XENMEM_maximum_ram_page, 0);
	unsigned long wrong = 0;

	rule("every frame of ours has its pfn in the machine-to-physical table");
	for (unsigned long pfn = 0; pfn < start_info->nr_pages; pfn++)
		wrong += m2p[p2m[pfn]] != pfn;
	want(wrong, 0);
	rule("the machine-to-physical table can be read for all memory, and not written");
	want(traps(load, (void *)&m2p[end - 1]), 0);
	want(traps(store, (void *)&m2p[end - 1]), 1);
	want(trapped.vector, 14);
	rule("the machine-to-physical table beyond memory is a fault of ours");
	want(traps(load, (void *)(MACH2PHYS_VIRT_END - 8)), 1);
	want(trapped.vector, 14);
	want(trapped_cr2, (long)(MACH2PHYS_VIRT_END - 8));
}

static void hypervisors_addresses(void)
{
	rule("the hypervisor's addresses can be neither read nor written");
	for (uint64_t a = MACH2PHYS_VIRT_END; a < HYPERVISOR_VIRT_END; a += 1ul << 37) {
		want(traps(load, (void *)a), 1);
		want(trapped.vector, 14);
		want(trapped_cr2, (long)a);
		want(traps(store, (void *)a), 1);
	}
	rule("update_va_mapping takes none of the hypervisor's addresses");
	for (uint64_t a = HYPERVISOR_VIRT_START; a < HYPERVISOR_VIRT_END; a += 1ul << 37)
		want(call(update_va_mapping, a, make(page, PTE_PRESENT), 0), -XEN_EINVAL);
	rule("none of the hypervisor's slots in a root can be changed");
	for (unsigned int i = 256; i < 272; i++) {
		uint64_t at = (entry_at(page, 4) & ~0xffful) + 8 * i;

		want(update(at, 0), -XEN_EINVAL);
		want(update(at, entry_read(at)), -XEN_EINVAL);
		want(update(at | MMU_PT_UPDATE_PRESERVE_AD, make(page, PTE_PRESENT)), -XEN_EINVAL);
	}
	rule("the slots beside them are the domain's");
	want(update((entry_at(page, 4) & ~0xffful) + 8 * 255, ~1ul), 0);
	want(update((entry_at(page, 4) & ~0xffful) + 8 * 255, 0), 0);
	want(update((entry_at(page, 4) & ~0xffful) + 8 * 272, ~1ul), 0);
	want(update((entry_at(page, 4) & ~0xffful) + 8 * 272, 0), 0);
}

/* A page of descriptors is read by the processor: it may not change. */
static void descriptor_pages(void)
{
	static PAGE uint64_t gdt[512];
	unsigned long frame = virt_to_mfn(gdt);

	rule("a page that is mapped writable is no descriptor table");
	memset(gdt, 0, sizeof(gdt));
	want(read_write(gdt), 0);
	want(call(set_gdt, &frame, 512), -XEN_EINVAL);
	rule("a descriptor table is mapped read-only only");
	want(read_only(gdt), 0);
	want(call(set_gdt, &frame, 512), 0);
	want(read_write(gdt), -XEN_EBUSY);
	want(update(entry_at(gdt, 1), make(gdt, PTE_PRESENT | PTE_WRITE)), -XEN_EBUSY);
	rule("a descriptor table is no page table");
	want(ext(MMUEXT_PIN_L1_TABLE, frame, 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_USER_BASEPTR, frame, 0), -XEN_EINVAL);
	rule("a descriptor table is neither cleared nor copied to, nor stored to by mmu_update");
	want(ext(MMUEXT_CLEAR_PAGE, frame, 0), -XEN_EINVAL);
	want(ext(MMUEXT_COPY_PAGE, frame, virt_to_mfn(page)), -XEN_EINVAL);
	want(ext(MMUEXT_COPY_PAGE, virt_to_mfn(spare), frame), 0);
	want(update(frame << 12, 0), -XEN_EINVAL);
	rule("a descriptor table that is left can be written again");
	want(call(set_gdt, 0, 0), 0);
	want(read_write(gdt), 0);
	rule("a page table is no descriptor table");
	frame = entry_at(page, 1) >> 12;
	want(call(set_gdt, &frame, 512), -XEN_EINVAL);
	want(call(set_gdt, (unsigned long *)start_info->mfn_list, 0), 0);
	rule("frames of others and of none are no descriptor tables");
	frame = others_frame();
	want(call(set_gdt, &frame, 512), -XEN_EINVAL);
	frame = ~0ul >> 12;
	want(call(set_gdt, &frame, 512), -XEN_EINVAL);
	frame = DEVICE_FRAME;
	want(call(set_gdt, &frame, 512), -XEN_EINVAL);
}

/* The page shared with the hypervisor is mapped, but is not a page like
 * others. */
static void shared_page(void)
{
	uint64_t mfn = start_info->shared_info >> 12;

	rule("the shared page is no table, and not pinned");
	for (unsigned int c = MMUEXT_PIN_L1_TABLE; c <= MMUEXT_PIN_L4_TABLE; c++)
		want(ext(c, mfn, 0), -XEN_EINVAL);
	want(ext(MMUEXT_UNPIN_TABLE, mfn, 0), -XEN_EINVAL);
	rule("the shared page is written by mmu_update");
	want(update((mfn << 12) + 4088, 0x77), 0);
	want(((volatile uint64_t *)shared)[511], 0x77);
	rule("the shared page can be copied from");
	want(ext(MMUEXT_COPY_PAGE, virt_to_mfn(spare), mfn), 0);
	want(((volatile uint64_t *)spare)[511], 0x77);
	want(update((mfn << 12) + 4088, 0), 0);
	rule("the shared page is mapped read-only as well");
	want(map_at(page, mfn << 12 | PTE_PRESENT), 0);
	want(traps(store, page), 1);
	want(read_write(page), 0);
}

void visible(void)
{
	machine_to_physical();
	hypervisors_addresses();
	descriptor_pages();
	shared_page();
	tree_clear();
}
