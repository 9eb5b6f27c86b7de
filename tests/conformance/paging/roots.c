/* SPDX-License-Identifier: MIT */
/* roots.c - the roots a vCPU runs on, their pins, and tables in use. */
#include "paging.h"

static long pin4(const volatile void *t)
{
	return ext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(t), 0);
}

static long unpin(const volatile void *t)
{
	return ext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t), 0);
}

/* spare becomes a copy of the running root. */
static void copy_root(void)
{
	tree_clear();
	memcpy(spare, (void *)start_info->pt_base, sizeof(spare));
	want(read_only(spare), 0);
}

static void running_root(void)
{
	void *root = (void *)start_info->pt_base;
	uint64_t at = virt_to_mfn(root) << 12 | 300 << 3;

	rule("the root a domain is started on is pinned");
	want(pin4(root), -XEN_EINVAL);
	rule("a running root can be unpinned, and stays a table while it runs");
	want(unpin(root), 0);
	want(unpin(root), -XEN_EINVAL);
	want(map_at(root, make(root, PTE_PRESENT | PTE_WRITE)), -XEN_EBUSY);
	want(update(at, 1), -XEN_EINVAL);
	want(update(at, 0), 0);
	want(pin4(root), 0);
	rule("the tables below a root cannot be pinned at another level");
	want(ext(MMUEXT_PIN_L1_TABLE, entry_at(page, 3) >> 12, 0), -XEN_EINVAL);
	want(ext(MMUEXT_PIN_L3_TABLE, entry_at(page, 2) >> 12, 0), -XEN_EINVAL);
	want(ext(MMUEXT_PIN_L2_TABLE, entry_at(page, 1) >> 12, 0), -XEN_EINVAL);
	rule("the tables below a root can be pinned at theirs");
	for (int level = 1; level <= 3; level++) {
		unsigned long mfn = entry_at(page, level) >> 12;

		want(ext(MMUEXT_PIN_L1_TABLE + (unsigned int)level - 1, mfn, 0), 0);
		want(ext(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
	}
}

static void another_root(void)
{
	unsigned long first = virt_to_mfn((void *)start_info->pt_base);

	rule("a copy of the root is a root, pinned or not");
	copy_root();
	want(ext(MMUEXT_NEW_BASEPTR, virt_to_mfn(spare), 0), 0);
	page[7] = 77;
	want(page[7], 77);
	rule("a root in use is no writable page, though not pinned");
	want(read_write(spare), -XEN_EBUSY);
	want(unpin(spare), -XEN_EINVAL);
	rule("what is mapped in one root is mapped in its copy");
	want(map_at(l1, make(page, PTE_PRESENT)), 0);
	want(ext(MMUEXT_NEW_BASEPTR, first, 0), 0);
	want(l1[7], 77);
	rule("a root that was left can be written again");
	want(read_write(spare), 0);
	rule("a pinned root that was left stays a table until it is unpinned");
	copy_root();
	want(pin4(spare), 0);
	want(ext(MMUEXT_NEW_BASEPTR, virt_to_mfn(spare), 0), 0);
	want(ext(MMUEXT_NEW_BASEPTR, first, 0), 0);
	want(read_write(spare), -XEN_EBUSY);
	want(unpin(spare), 0);
	want(read_write(spare), 0);
	rule("what a page says in the hypervisor's slots does not matter to its being an L4");
	tree_clear();
	for (unsigned int i = 256; i < 272; i++)
		spare[i] = make(page, PTE_PRESENT | PTE_WRITE | PTE_LARGE);
	read_only(spare);
	want(pin4(spare), 0);
	want_true(spare[258] != make(page, PTE_PRESENT | PTE_WRITE | PTE_LARGE));
	want(unpin(spare), 0);
	rule("an L4 with a bad entry is no root");
	tree_clear();
	spare[5] = PTE_FRAME | PTE_PRESENT;
	read_only(spare);
	want(ext(MMUEXT_NEW_BASEPTR, virt_to_mfn(spare), 0), -XEN_EINVAL);
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(spare), 0), -XEN_EINVAL);
	tree_clear();
}

static void user_root(void)
{
	rule("a user root is in use until another or none takes its place");
	tree_clear();
	read_only(spare);
	read_only(l4);
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(spare), 0), 0);
	want(read_write(spare), -XEN_EBUSY);
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(spare), 0), 0);
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(l4), 0), 0);
	want(read_write(spare), 0);
	want(read_write(l4), -XEN_EBUSY);
	want(ext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	want(read_write(l4), 0);
	rule("the kernel's root may be the user's too");
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn((void *)start_info->pt_base), 0), 0);
	want(ext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	rule("a refused user root leaves the old one");
	read_only(l4);
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(l4), 0), 0);
	want(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(page), 0), -XEN_EINVAL);
	want(read_write(l4), -XEN_EBUSY);
	want(ext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	rule("no kernel root is EINVAL");
	want(ext(MMUEXT_NEW_BASEPTR, 0, 0), -XEN_EINVAL);
	tree_clear();
}

/* A table with two parents, and one that is linked twice. */
static void shared_tables(void)
{
	uint64_t first = virt_to_mfn(l2) << 12, second = virt_to_mfn(l3) << 12;

	rule("a table may have many parents, and is one until the last is gone");
	tree_clear();
	read_only(l1);
	read_only(l2);
	read_only(l3);
	want(ext(MMUEXT_PIN_L2_TABLE, first >> 12, 0), 0);
	want(ext(MMUEXT_PIN_L2_TABLE, second >> 12, 0), 0);
	for (unsigned int i = 0; i < 4; i++) {
		want(update(first + 8 * i, make(l1, PTE_PRESENT)), 0);
		want(update(second + 8 * i, make(l1, PTE_PRESENT)), 0);
	}
	for (unsigned int i = 0; i < 4; i++) {
		want(update(first + 8 * i, 0), 0);
		want(read_write(l1), -XEN_EBUSY);
	}
	want(ext(MMUEXT_UNPIN_TABLE, second >> 12, 0), 0);
	want(read_write(l1), 0);
	rule("unpinning a table undoes its entries, which stay written in it");
	want(FLAGS_OF(l3[2]) & ~PTE_ACCESSED, PTE_PRESENT | PTE_USER);
	rule("a table cannot be pinned again while what it links is writable");
	want(ext(MMUEXT_PIN_L2_TABLE, second >> 12, 0), -XEN_EINVAL);
	want(read_only(l1), 0);
	want(ext(MMUEXT_PIN_L2_TABLE, second >> 12, 0), 0);
	want(ext(MMUEXT_UNPIN_TABLE, second >> 12, 0), 0);
	rule("replacing a link takes the old table out");
	want(update(first, make(l1, PTE_PRESENT)), 0);
	read_only(spare);
	want(update(first, make(spare, PTE_PRESENT)), 0);
	want(read_write(l1), 0);
	want(read_write(spare), -XEN_EBUSY);
	want(ext(MMUEXT_UNPIN_TABLE, first >> 12, 0), 0);
	tree_clear();
}

void roots(void)
{
	running_root();
	another_root();
	user_root();
	shared_tables();
}
