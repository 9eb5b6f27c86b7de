/* SPDX-License-Identifier: MIT */
/* batches.c - lists of requests that end early, come again, or cannot be
 * read to their end; and the flushes that update_va_mapping is told.
 */
#include "paging.h"

/* The page after the list is unmapped for a while. */
static PAGE char lists[2][4096];
#define UPDATES	((struct mmu_update *)(lists[1]) - 4)
#define OPS	((struct mmuext_op *)(lists[1]) - 4)

static void unreadable_ends(void)
{
	uint64_t at = entry_at(page, 1), rw = make(page, PTE_PRESENT | PTE_WRITE);
	unsigned int done = 0;

	for (unsigned int i = 0; i < 4; i++)
		UPDATES[i] = (struct mmu_update){ at, i & 1 ? rw : rw & ~PTE_WRITE };
	want(map_at(lists[1], 0), 0);
	rule("requests are done up to the one that cannot be read");
	want(call(mmu_update, UPDATES, 5, &done, DOMID_SELF), -XEN_EFAULT);
	want(done, 4);
	want(call(mmu_update, UPDATES, 0x7fffffff, &done, DOMID_SELF), -XEN_EFAULT);
	rule("operations are done up to the one that cannot be read");
	for (unsigned int i = 0; i < 4; i++)
		OPS[i] = (struct mmuext_op){ .cmd = MMUEXT_TLB_FLUSH_LOCAL };
	want(call(mmuext_op, OPS, 5, &done, DOMID_SELF), -XEN_EFAULT);
	want(done, 4);
	rule("a list need not be aligned");
	memcpy(lists[0] + 3, &(struct mmu_update){ at, rw }, sizeof(struct mmu_update));
	want(call(mmu_update, lists[0] + 3, 1, &done, DOMID_SELF), 0);
	want(read_write(lists[1]), 0);
}

static void counts(void)
{
	struct mmuext_op ops[3] = {
		{ .cmd = MMUEXT_TLB_FLUSH_LOCAL }, { .cmd = MMUEXT_TLB_FLUSH_LOCAL }, { .cmd = 99 },
	};
	struct mmu_update u = { entry_at(page, 1), make(page, PTE_PRESENT | PTE_WRITE) };
	unsigned int done = 7;

	rule("a batch of operations sets the count of done, a continued one adds to it");
	want(call(mmuext_op, ops, 2, &done, DOMID_SELF), 0);
	want(done, 2);
	want(call(mmuext_op, ops, 0x80000002u, &done, DOMID_SELF), 0);
	want(done, 4);
	want(call(mmuext_op, ops, 0x80000003u, &done, DOMID_SELF), -XEN_ENOSYS);
	want(done, 6);
	rule("a batch of no request sets the count of done to 0");
	done = 7;
	want(call(mmu_update, &u, 0, &done, DOMID_SELF), 0);
	want(done, 0);
	done = 7;
	want(call(mmuext_op, ops, 0, &done, DOMID_SELF), 0);
	want(done, 0);
	rule("a continued batch of none without a list answers its fourth argument");
	want(call(mmu_update, 0, 0x80000000u, 0, 5), 5);
	want(call(mmuext_op, 0, 0x80000000u, 0, 6), 6);
	rule("a continued batch of none with a list does nothing");
	done = 7;
	want(call(mmu_update, &u, 0x80000000u, &done, DOMID_SELF), 0);
	want(call(mmuext_op, ops, 0x80000000u, &done, DOMID_SELF), 0);
	want(done, 7);
	rule("only 32 bits of a count are looked at");
	want(call(mmu_update, &u, 0x100000001ul, &done, DOMID_SELF), 0);
	want(done, 1);
	want(call(mmuext_op, ops, 0x500000002ul, &done, DOMID_SELF), 0);
	want(done, 2);
	rule("a count of done inside the hypervisor is not written, and no error");
	want(call(mmu_update, &u, 1, HYPERVISOR_POINTER, DOMID_SELF), 0);
	want(call(mmuext_op, ops, 1, HYPERVISOR_POINTER, DOMID_SELF), 0);
	want(call(mmuext_op, ops, 1, BAD_POINTER, DOMID_SELF), 0);
	rule("a continued batch whose count cannot be read is done");
	want(call(mmu_update, &u, 0x80000001u, HYPERVISOR_POINTER, DOMID_SELF), 0);
	rule("a list of operations that reaches into the hypervisor is EFAULT as a whole");
	want(call(mmuext_op, (char *)HYPERVISOR_POINTER - sizeof(ops[0]), 2, 0, DOMID_SELF),
	     -XEN_EFAULT);
	want(call(mmu_update, (char *)HYPERVISOR_POINTER - sizeof(u), 2, 0, DOMID_SELF),
	     -XEN_EFAULT);
}

/* What the third argument of update_va_mapping may say. */
static void flush_flags(void)
{
	static uint64_t mask = 1, all = ~0ul, none;
	const struct { uint64_t flags; long rc; } rows[] = {
		{ UVMF_NONE | UVMF_ALL, 0 },
		{ UVMF_TLB_FLUSH | UVMF_LOCAL, 0 },
		{ UVMF_TLB_FLUSH | UVMF_ALL, 0 },
		{ UVMF_TLB_FLUSH | (uint64_t)&mask, 0 },
		{ UVMF_TLB_FLUSH | (uint64_t)&all, 0 },
		{ UVMF_TLB_FLUSH | (uint64_t)&none, 0 },
		{ UVMF_INVLPG | UVMF_LOCAL, 0 },
		{ UVMF_INVLPG | UVMF_ALL, 0 },
		{ UVMF_INVLPG | (uint64_t)&mask, 0 },
		{ UVMF_INVLPG | (uint64_t)&all, 0 },
		{ UVMF_INVLPG | (uint64_t)&none, 0 },
		{ UVMF_FLUSHTYPE_MASK | HYPERVISOR_VIRT_START, 0 },
		{ UVMF_NONE | HYPERVISOR_VIRT_START, 0 },
		{ UVMF_INVLPG | 8, -XEN_EFAULT },
		{ UVMF_TLB_FLUSH | 8, -XEN_EFAULT },
		{ UVMF_TLB_FLUSH | (uint64_t)BAD_POINTER, -XEN_EFAULT },
		{ UVMF_TLB_FLUSH | (HYPERVISOR_VIRT_END - 8), -XEN_EFAULT },
	};
	const unsigned int n = sizeof(rows) / sizeof(rows[0]);

	rule("update_va_mapping has three flushes and two words besides masks");
	for (unsigned int i = 0; i < n; i++)
		want(call(update_va_mapping, page, make(page, PTE_PRESENT | PTE_WRITE),
			  rows[i].flags), rows[i].rc);
	rule("a flush that is refused leaves the new entry");
	want(call(update_va_mapping, page, make(page, PTE_PRESENT), UVMF_INVLPG | 8), -XEN_EFAULT);
	want(FLAGS_OF(l1_entry(page)), RO_KERNEL);
	rule("a refused entry is told before a refused flush");
	want(call(update_va_mapping, page, PTE_FRAME | PTE_PRESENT, UVMF_INVLPG | 8), -XEN_EINVAL);
	rule("another domain's form takes the same flushes");
	for (unsigned int i = 0; i < n; i++)
		want(call(update_va_mapping_otherdomain, page, make(page, PTE_PRESENT | PTE_WRITE),
			  rows[i].flags, DOMID_SELF), rows[i].rc);
	rule("an address inside a page means the page");
	want(call(update_va_mapping, (char *)page + 4095, make(page, PTE_PRESENT), UVMF_INVLPG), 0);
	want(FLAGS_OF(l1_entry(page)), RO_KERNEL);
	rule("an entry that was flushed is not remembered");
	want(map_at(spare, make(page, PTE_PRESENT)), 0);
	want(read_write(page), 0);
	page[9] = 1;
	want(spare[9], 1);
	want(map_at(spare, make(l1, PTE_PRESENT)), 0);
	want(((volatile uint64_t *)spare)[9], 0);
	want(read_write(spare), 0);
}

void batches(void)
{
	unreadable_ends();
	counts();
	flush_flags();
	tree_clear();
}
