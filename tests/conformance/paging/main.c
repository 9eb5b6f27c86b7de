/* SPDX-License-Identifier: MIT */
/* paging - page tables: every way to change an entry, and what one may say. */
#include <xen/memory.h>

#include "paging.h"

const char suite_name[] = "paging";

table l4 PAGE, l3 PAGE, l2 PAGE, l1 PAGE, page PAGE, spare PAGE;
unsigned int updates_done;

static uint64_t *table_at(unsigned long mfn)
{
	unsigned long pfn = ((unsigned long *)MACH2PHYS_VIRT_START)[mfn];

	return (uint64_t *)(VIRT_BASE + (pfn << 12));
}

uint64_t entry_at(const volatile void *va, int level)
{
	uint64_t *t = (uint64_t *)start_info->pt_base;

	for (int l = 4; ; l--) {
		unsigned int i = (uint64_t)va >> (3 + 9 * l) & 511;

		if (l == level)
			return virt_to_mfn(t) << 12 | i << 3;
		t = table_at((t[i] & PTE_FRAME) >> 12);
	}
}

uint64_t entry_read(uint64_t at)
{
	return ((volatile uint64_t *)table_at(at >> 12))[at >> 3 & 511];
}

long map_at(const volatile void *va, uint64_t entry)
{
	return call(update_va_mapping, va, entry, UVMF_INVLPG);
}

long update_as(uint64_t ptr, uint64_t value, unsigned long domains)
{
	struct mmu_update u = { ptr, value };

	updates_done = 99;
	return call(mmu_update, &u, 1, &updates_done, domains);
}

long update(uint64_t ptr, uint64_t value)
{
	return update_as(ptr, value, DOMID_SELF);
}

long ext_as(unsigned int cmd, uint64_t arg1, uint64_t arg2, unsigned long domain)
{
	struct mmuext_op op = { .cmd = cmd };

	op.arg1.mfn = arg1;
	op.arg2.src_mfn = arg2;
	return call(mmuext_op, &op, 1, 0, domain);
}

long ext(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
	return ext_as(cmd, arg1, arg2, DOMID_SELF);
}

void tree_clear(void)
{
	table *all[] = { &l4, &l3, &l2, &l1, &page, &spare };

	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		want(read_write(all[i]), 0);
		memset(all[i], 0, sizeof(*all[i]));
	}
}

void tree_make(uint64_t leaf)
{
	tree_clear();
	l4[0] = make(l3, PTE_PRESENT | PTE_WRITE | PTE_USER);
	l3[1] = make(l2, PTE_PRESENT | PTE_WRITE | PTE_USER);
	l2[2] = make(l1, PTE_PRESENT | PTE_WRITE | PTE_USER);
	l1[3] = leaf;
	want(read_only(l4), 0);
	want(read_only(l3), 0);
	want(read_only(l2), 0);
	want(read_only(l1), 0);
}

unsigned long others_frame(void)
{
	unsigned long *m2p = (unsigned long *)MACH2PHYS_VIRT_START;
	long end = call(memory_op, XENMEM_maximum_ram_page, 0);

	for (long mfn = end - 1; mfn > 0; mfn -= 97)
		if (m2p[mfn] == ~0ul)
			return (unsigned long)mfn;
	return 0;
}

static void requests(void)
{
	uint64_t at = entry_at(page, 1), rw = make(page, PTE_PRESENT | PTE_WRITE);
	struct mmu_update three[3] = { { at, rw }, { at | 7, rw }, { at, rw } };
	unsigned int done;

	rule("mmu_update of no request is 0");
	want(call(mmu_update, 0, 0, 0, DOMID_SELF), 0);
	rule("requests that cannot be read are EFAULT");
	want(call(mmu_update, HYPERVISOR_POINTER, 1, 0, DOMID_SELF), -XEN_EFAULT);
	want(call(mmu_update, BAD_POINTER, 1, 0, DOMID_SELF), -XEN_EFAULT);
	want(call(mmu_update, 0x1000, 1, 0, DOMID_SELF), -XEN_EFAULT);
	rule("a list inside the hypervisor is EFAULT before the domain is looked up");
	want(call(mmu_update, HYPERVISOR_POINTER, 1, 0, 5), -XEN_EFAULT);
	rule("a domain that is not there is ESRCH, even for no request");
	want(call(mmu_update, 0, 0, 0, 5), -XEN_ESRCH);
	want(update_as(at, rw, 5), -XEN_ESRCH);
	rule("one's own id written out is no foreign domain");
	want(update_as(at, rw, own_number()), -XEN_ESRCH);
	want(updates_done, 0);
	rule("ids of nothing are ESRCH");
	want(update_as(at, rw, DOMID_COW), -XEN_ESRCH);
	want(update_as(at, rw, DOMID_INVALID), -XEN_ESRCH);
	want(update_as(at, rw, DOMID_IDLE), -XEN_ESRCH);
	rule("tables of a domain that is not there are ESRCH");
	want(update_as(at, rw, DOMID_SELF | 6 << 16), -XEN_ESRCH);
	want(update_as(at, rw, DOMID_SELF | (DOMID_SELF + 1) << 16), -XEN_ESRCH);
	rule("commands 4 to 7 are ENOSYS");
	for (unsigned int cmd = 4; cmd < 8; cmd++) {
		want(update(at | cmd, rw), -XEN_ENOSYS);
		want(updates_done, 0);
	}
	rule("a batch stops at the first refusal and says how many were done");
	want(call(mmu_update, three, 3, &done, DOMID_SELF), -XEN_ENOSYS);
	want(done, 1);
	rule("a continued batch adds to what was done");
	done = 5;
	want(call(mmu_update, three, 0x80000001u, &done, DOMID_SELF), 0);
	want(done, 6);
	rule("a count of done that cannot be written is not an error");
	want(call(mmu_update, three, 1, 0x1000, DOMID_SELF), 0);
	rule("a long batch is done whole, over several entries if need be");
	{
		static struct mmu_update many[1500];

		for (unsigned int i = 0; i < 1500; i++)
			many[i] = (struct mmu_update){ at, i & 1 ? rw : rw & ~PTE_WRITE };
		want(call(mmu_update, many, 1500, &done, DOMID_SELF), 0);
		want(done, 1500);
		many[1200].ptr = at | 7;
		want(call(mmu_update, many, 1500, &done, DOMID_SELF), -XEN_ENOSYS);
		want(done, 1200);
	}
	read_write(page);
}

static void plain_memory(void)
{
	rule("mmu_update of a frame that is no table writes memory");
	spare[1] = 0;
	want(update((virt_to_mfn(spare) << 12) + 8, 0x1234), 0);
	want(*(volatile uint64_t *)&spare[1], 0x1234);
	rule("mmu_update of a frame of others or of none is EINVAL");
	want(update(others_frame() << 12, 1), -XEN_EINVAL);
	want(update(0xffffffffff000ul, 1), -XEN_EINVAL);
	want(update(~0xffful, 1), -XEN_EINVAL);
	rule("machphys sets the pfn of an own frame");
	{
		unsigned long *m2p = (unsigned long *)MACH2PHYS_VIRT_START;
		unsigned long mfn = virt_to_mfn(page), pfn = m2p[mfn];

		want(update(mfn << 12 | MMU_MACHPHYS_UPDATE, 77), 0);
		want(((volatile unsigned long *)m2p)[mfn], 77);
		want(update(mfn << 12 | MMU_MACHPHYS_UPDATE, pfn), 0);
		want(((volatile unsigned long *)m2p)[mfn], (long)pfn);
	}
	rule("machphys of others' frames or of none is EINVAL");
	want(update(others_frame() << 12 | MMU_MACHPHYS_UPDATE, 5), -XEN_EINVAL);
	want(update(0xffffffffff000ul | MMU_MACHPHYS_UPDATE, 5), -XEN_EINVAL);
}

static void addresses(void)
{
	uint64_t rw = make(page, PTE_PRESENT | PTE_WRITE);

	rule("update_va_mapping without an L1 is EINVAL");
	want(call(update_va_mapping, 0x7000000000ul, rw, 0), -XEN_EINVAL);
	rule("update_va_mapping of the hypervisor's addresses is EINVAL");
	want(call(update_va_mapping, HYPERVISOR_VIRT_START, rw, 0), -XEN_EINVAL);
	want(call(update_va_mapping, HYPERVISOR_VIRT_END - 4096, rw, 0), -XEN_EINVAL);
	rule("update_va_mapping of an address that is not canonical is EINVAL");
	want(call(update_va_mapping, BAD_POINTER, rw, 0), -XEN_EINVAL);
	rule("update_va_mapping flushes as it is told");
	want(call(update_va_mapping, page, rw, UVMF_TLB_FLUSH | UVMF_LOCAL), 0);
	want(call(update_va_mapping, page, rw, UVMF_TLB_FLUSH | UVMF_ALL), 0);
	want(call(update_va_mapping, page, rw, UVMF_INVLPG | UVMF_LOCAL), 0);
	want(call(update_va_mapping, page, rw, UVMF_INVLPG | UVMF_ALL), 0);
	want(call(update_va_mapping, page, rw, UVMF_NONE), 0);
	rule("flush type 3 is no flush");
	want(call(update_va_mapping, page, rw, UVMF_FLUSHTYPE_MASK), 0);
	rule("a mask of vCPUs that cannot be read is EFAULT");
	want(call(update_va_mapping, page, rw,
		  HYPERVISOR_VIRT_START | UVMF_INVLPG), -XEN_EFAULT);
	want(call(update_va_mapping, page, rw, 0x1000 | UVMF_TLB_FLUSH), -XEN_EFAULT);
	rule("a mask is not looked at without a flush");
	want(call(update_va_mapping, page, rw, 0x10000), 0);
	rule("update_va_mapping_otherdomain takes DOMID_SELF");
	want(call(update_va_mapping_otherdomain, page, rw, 0, DOMID_SELF), 0);
	rule("update_va_mapping_otherdomain of nobody is ESRCH");
	want(call(update_va_mapping_otherdomain, page, rw, 0, 5), -XEN_ESRCH);
	want(call(update_va_mapping_otherdomain, page, rw, 0, DOMID_INVALID), -XEN_ESRCH);
	want(call(update_va_mapping_otherdomain, page, rw, 0, 0x8000 | DOMID_SELF),
	     -XEN_ESRCH);
}

void suite_main(void)
{
	requests();
	plain_memory();
	addresses();
	entries();
	foreign();
	levels();
	tables();
	pins();
	stores();
	operations();
	roots();
	batches();
	visible();
}
