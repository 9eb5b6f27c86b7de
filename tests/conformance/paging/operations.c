/* SPDX-License-Identifier: MIT */
/* operations.c - mmuext_op: roots, flushes, the LDT's place, pages. */
#include "paging.h"

static void arguments(void)
{
	struct mmuext_op two[2] = { { .cmd = MMUEXT_TLB_FLUSH_LOCAL }, { .cmd = 99 } };
	unsigned int done;

	rule("mmuext_op of no operation is 0");
	want(call(mmuext_op, 0, 0, 0, DOMID_SELF), 0);
	rule("operations that cannot be read are EFAULT");
	want(call(mmuext_op, HYPERVISOR_POINTER, 1, 0, DOMID_SELF), -XEN_EFAULT);
	want(call(mmuext_op, 0x1000, 1, 0, DOMID_SELF), -XEN_EFAULT);
	rule("a domain that is not there is ESRCH, even for no operation");
	want(call(mmuext_op, 0, 0, 0, 5), -XEN_ESRCH);
	rule("an unknown operation is ENOSYS");
	want(ext(14, 0, 0), -XEN_ENOSYS);
	want(ext(21, 0, 0), -XEN_ENOSYS);
	want(ext(99, 0, 0), -XEN_ENOSYS);
	rule("superpage marks are EOPNOTSUPP");
	want(ext(MMUEXT_MARK_SUPER, 0, 0), -XEN_EOPNOTSUPP);
	want(ext(MMUEXT_UNMARK_SUPER, 0, 0), -XEN_EOPNOTSUPP);
	rule("a batch of operations stops at the first refusal and says how many were done");
	want(call(mmuext_op, two, 2, &done, DOMID_SELF), -XEN_ENOSYS);
	want(done, 1);
	rule("a count of operations done that cannot be written is not an error");
	want(call(mmuext_op, two, 1, 0x1000, DOMID_SELF), 0);
	rule("roots and flushes are one's own: EPERM for another's");
	want(ext_as(MMUEXT_NEW_BASEPTR, 0, 0, DOMID_IO), -XEN_EPERM);
	want(ext_as(MMUEXT_TLB_FLUSH_LOCAL, 0, 0, DOMID_IO), -XEN_EPERM);
	want(ext_as(MMUEXT_SET_LDT, 0, 0, DOMID_IO), -XEN_EPERM);
}

static void root_arguments(void)
{
	unsigned long root = virt_to_mfn((void *)start_info->pt_base);

	rule("a root must be an L4 of one's own");
	want(ext(MMUEXT_NEW_BASEPTR, virt_to_mfn(spare), 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_BASEPTR, 1ul << 40, 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_BASEPTR, entry_at(page, 1) >> 12, 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_BASEPTR, others_frame(), 0), -XEN_EINVAL);
	rule("the root in use can be set again");
	want(ext(MMUEXT_NEW_BASEPTR, root, 0), 0);
	rule("a user root must be an L4 too, or 0 for none");
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(spare), 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_USER_BASEPTR, 1ul << 40, 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_USER_BASEPTR, (1ul << 52) - 1, 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_USER_BASEPTR, ~0ul, 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_USER_BASEPTR, DEVICE_FRAME, 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	rule("a root need not be pinned: being one keeps it a table");
	tree_make(make(page, PTE_PRESENT | PTE_WRITE));
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(l4), 0), 0);
	want(read_write(l4), -XEN_EBUSY);
	want(read_write(l1), -XEN_EBUSY);
	want(ext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	want(read_write(l4), 0);
	want(read_write(l1), 0);
	tree_clear();
}

static void flushes(void)
{
	uint64_t mask = 1;

	rule("flushes of here, of some and of all are done");
	want(ext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
	want(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&mask), 0);
	want(ext(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
	want(ext(MMUEXT_INVLPG_LOCAL, (uint64_t)page, 0), 0);
	want(ext(MMUEXT_INVLPG_MULTI, (uint64_t)page, (uint64_t)&mask), 0);
	want(ext(MMUEXT_INVLPG_ALL, (uint64_t)page, 0), 0);
	rule("a mask of vCPUs that cannot be read is EINVAL");
	want(ext(MMUEXT_TLB_FLUSH_MULTI, 0, 0), -XEN_EINVAL);
	want(ext(MMUEXT_TLB_FLUSH_MULTI, 0, HYPERVISOR_VIRT_START), -XEN_EINVAL);
	want(ext(MMUEXT_INVLPG_MULTI, (uint64_t)page, 0x1000), -XEN_EINVAL);
	rule("flushes of any address are done, canonical or not");
	want(ext(MMUEXT_INVLPG_LOCAL, (uint64_t)BAD_POINTER, 0), 0);
	want(ext(MMUEXT_INVLPG_LOCAL, HYPERVISOR_VIRT_START, 0), 0);
	rule("cache flushes are for domains with devices");
	want(ext(MMUEXT_FLUSH_CACHE, 0, 0), is_first_domain() ? 0 : -XEN_EACCES);
	want(ext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), is_first_domain() ? 0 : -XEN_EINVAL);
}

static void ldt_place(void)
{
	rule("an LDT has at most 8192 entries");
	want(ext(MMUEXT_SET_LDT, (uint64_t)page, 8193), -XEN_EINVAL);
	want(ext(MMUEXT_SET_LDT, (uint64_t)page, 8192), 0);
	rule("an LDT is page aligned");
	want(ext(MMUEXT_SET_LDT, (uint64_t)page + 8, 1), -XEN_EINVAL);
	rule("an LDT lies at a guest's address");
	want(ext(MMUEXT_SET_LDT, (uint64_t)BAD_POINTER, 5), -XEN_EINVAL);
	want(ext(MMUEXT_SET_LDT, HYPERVISOR_VIRT_START, 5), -XEN_EINVAL);
	rule("an LDT need not be mapped yet");
	want(ext(MMUEXT_SET_LDT, 0x5000, 512), 0);
	rule("no LDT can be anywhere");
	want(ext(MMUEXT_SET_LDT, (uint64_t)page + 8, 0), 0);
	want(ext(MMUEXT_SET_LDT, 0, 0), 0);
}

static void pages(void)
{
	rule("clear_page clears, copy_page copies");
	spare[3] = 9;
	want(ext(MMUEXT_CLEAR_PAGE, virt_to_mfn(spare), 0), 0);
	want(*(volatile uint64_t *)&spare[3], 0);
	page[5] = 42;
	want(ext(MMUEXT_COPY_PAGE, virt_to_mfn(spare), virt_to_mfn(page)), 0);
	want(*(volatile uint64_t *)&spare[5], 42);
	rule("a page table cannot be cleared or copied to, but copied from");
	want(ext(MMUEXT_CLEAR_PAGE, entry_at(page, 4) >> 12, 0), -XEN_EINVAL);
	want(ext(MMUEXT_COPY_PAGE, entry_at(page, 4) >> 12, virt_to_mfn(page)), -XEN_EINVAL);
	want(ext(MMUEXT_COPY_PAGE, virt_to_mfn(spare), entry_at(page, 4) >> 12), 0);
	rule("frames of others and of none are EINVAL");
	want(ext(MMUEXT_CLEAR_PAGE, others_frame(), 0), -XEN_EINVAL);
	want(ext(MMUEXT_CLEAR_PAGE, 1ul << 40, 0), -XEN_EINVAL);
	want(ext(MMUEXT_COPY_PAGE, virt_to_mfn(spare), 1ul << 40), -XEN_EINVAL);
	want(ext(MMUEXT_COPY_PAGE, virt_to_mfn(spare), others_frame()), -XEN_EINVAL);
	tree_clear();
}

void operations(void)
{
	arguments();
	root_arguments();
	flushes();
	ldt_place();
	pages();
}
