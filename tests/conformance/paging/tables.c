/* SPDX-License-Identifier: MIT */
/* tables.c - what entries of L2, L3 and L4 may say, and pinned tables. */
#include "paging.h"

/* Slots of the running tables that nothing uses. */
#define FREE_L2		300
#define FREE_L3		400
#define FREE_L4		300

static uint64_t slot(int level, unsigned int i)
{
	return (entry_at(page, level) & ~0xffful) + i * 8;
}

static void bits_at(int level, unsigned int i, const table *child)
{
	static const char *const kept[] = {
		0, 0, "an L2 entry keeps bits 9 to 11 and 52 to 63",
		"an L3 entry keeps bits 9 to 11 and 52 to 63",
		"an L4 entry keeps bits 9 to 11 and 52 to 63",
	};
	static const char *const refused[] = {
		0, 0, "an L2 entry with cache, size or global bits is EINVAL",
		"an L3 entry with cache, size or global bits is EINVAL",
		"an L4 entry with cache, size or global bits is EINVAL",
	};
	uint64_t at = slot(level, i);
	/* the hardware may have looked at it by itself */
	uint64_t common = PTE_PRESENT | PTE_USER;

	rule(kept[level]);
	for (int b = 9; b < 64; b = b == 11 ? 52 : b + 1) {
		want(update(at, make(child, PTE_PRESENT | 1ul << b)), 0);
		want(FLAGS_OF(entry_read(at)) & ~PTE_ACCESSED, (long)(common | 1ul << b));
	}
	rule(refused[level]);
	want(update(at, 0), 0);
	want(update(at, make(child, PTE_PRESENT | PTE_PWT)), -XEN_EINVAL);
	want(update(at, make(child, PTE_PRESENT | PTE_PCD)), -XEN_EINVAL);
	want(update(at, make(child, PTE_PRESENT | PTE_LARGE)), -XEN_EINVAL);
	want(update(at, make(child, PTE_PRESENT | PTE_GLOBAL)), -XEN_EINVAL);
	want(entry_read(at), 0);
}

void tables(void)
{
	tree_clear();
	read_only(l1);
	bits_at(2, FREE_L2, &l1);
	read_only(l2);
	bits_at(3, FREE_L3, &l2);
	read_only(l3);
	bits_at(4, FREE_L4, &l3);

	rule("an L4 entry counts as accessed at once");
	want(update(slot(4, FREE_L4), make(l3, PTE_PRESENT)), 0);
	want(FLAGS_OF(entry_read(slot(4, FREE_L4))), PTE_PRESENT | PTE_USER | PTE_ACCESSED);
	want(update(slot(4, FREE_L4), 0), 0);
	rule("slots 256 to 271 of an L4 are the hypervisor's");
	want(update(slot(4, 256), 0), -XEN_EINVAL);
	want(update(slot(4, 260), make(l3, PTE_PRESENT)), -XEN_EINVAL);
	want(update(slot(4, 271), 0), -XEN_EINVAL);
	want(update(slot(4, 272), 0), 0);
	rule("a table that is mapped writable cannot be linked");
	read_write(l1);
	want(update(slot(2, FREE_L2), make(l1, PTE_PRESENT)), -XEN_EINVAL);
	read_only(l1);
	rule("a linked table cannot be mapped writable");
	want(update(slot(2, FREE_L2), make(l1, PTE_PRESENT)), 0);
	want(read_write(l1), -XEN_EBUSY);
	rule("a linked table is of its level and no other");
	want(update(slot(3, FREE_L3), make(l1, PTE_PRESENT)), -XEN_EINVAL);
	want(update(slot(2, FREE_L2 + 1), slot(4, 0) | PTE_PRESENT), -XEN_EINVAL);
	rule("accessed, dirty and write permission of a link may change");
	want(update(slot(2, FREE_L2), make(l1, PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY)), 0);
	want(FLAGS_OF(entry_read(slot(2, FREE_L2))),
	     PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY);
	want(update(slot(2, FREE_L2), make(l1, PTE_PRESENT | PTE_WRITE)), 0);
	rule("an unlinked table can be mapped writable again");
	want(update(slot(2, FREE_L2), 0), 0);
	want(read_write(l1), 0);
	rule("frames of others and of nobody are no tables");
	want(update(slot(2, FREE_L2), others_frame() << 12 | PTE_PRESENT), -XEN_EINVAL);
	want(update(slot(2, FREE_L2), PTE_FRAME | PTE_PRESENT), -XEN_EINVAL);
	want(update(slot(2, FREE_L2), DEVICE_FRAME << 12 | PTE_PRESENT), -XEN_EINVAL);
	rule("tables cannot be linked through a foreign domain argument");
	want(update_as(slot(4, FREE_L4), make(l3, PTE_PRESENT), DOMID_IO), -XEN_EINVAL);
	tree_clear();
}

static void one_table(void)
{
	uint64_t mfn = virt_to_mfn(spare);

	rule("a page that is mapped writable cannot be pinned");
	want(ext(MMUEXT_PIN_L1_TABLE, mfn, 0), -XEN_EINVAL);
	rule("an empty page can be pinned at each level");
	read_only(spare);
	for (unsigned int level = 0; level < 4; level++) {
		want(ext(MMUEXT_PIN_L1_TABLE + level, mfn, 0), 0);
		want(ext(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
	}
	tree_clear();		/* an L4 may have got entries of the hypervisor's */
	read_only(spare);
	rule("a table is pinned once, at one level, and not writable then");
	want(ext(MMUEXT_PIN_L1_TABLE, mfn, 0), 0);
	want(ext(MMUEXT_PIN_L1_TABLE, mfn, 0), -XEN_EINVAL);
	want(ext(MMUEXT_PIN_L2_TABLE, mfn, 0), -XEN_EINVAL);
	want(read_write(spare), -XEN_EBUSY);
	rule("a table is unpinned once, and may be written then");
	want(ext(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
	want(ext(MMUEXT_UNPIN_TABLE, mfn, 0), -XEN_EINVAL);
	want(read_write(spare), 0);
	rule("frames that are not one's own cannot be pinned or unpinned");
	want(ext(MMUEXT_PIN_L1_TABLE, others_frame(), 0), -XEN_EINVAL);
	want(ext(MMUEXT_PIN_L1_TABLE, 1ul << 40, 0), -XEN_EINVAL);
	want(ext(MMUEXT_PIN_L1_TABLE, DEVICE_FRAME, 0), -XEN_EINVAL);
	want(ext(MMUEXT_PIN_L1_TABLE, start_info->shared_info >> 12, 0), -XEN_EINVAL);
	want(ext(MMUEXT_UNPIN_TABLE, 1ul << 40, 0), -XEN_EINVAL);
}

/* Pins a tree whose leaf is this, and what came of it. */
static long pin_leaf(uint64_t leaf)
{
	long rc;

	tree_make(leaf);
	rc = ext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(l4), 0);
	if (!rc)
		want(ext(MMUEXT_UNPIN_TABLE, virt_to_mfn(l4), 0), 0);
	tree_clear();
	return rc;
}

static void whole_trees(void)
{
	rule("a tree is validated by pinning its root");
	tree_make(make(page, PTE_PRESENT | PTE_WRITE));
	want(ext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(l4), 0), 0);
	want(FLAGS_OF(l1[3]), RW_KERNEL);
	rule("every table of a pinned tree is read-only");
	want(read_write(l4), -XEN_EBUSY);
	want(read_write(l3), -XEN_EBUSY);
	want(read_write(l2), -XEN_EBUSY);
	want(read_write(l1), -XEN_EBUSY);
	rule("a page that a pinned tree maps writable is no table");
	want(ext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(page), 0), -XEN_EINVAL);
	rule("a table inside can be pinned too, and outlives the root's pin");
	want(ext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(l2), 0), 0);
	want(ext(MMUEXT_UNPIN_TABLE, virt_to_mfn(l4), 0), 0);
	want(read_write(l4), 0);
	want(read_write(l3), 0);
	want(read_write(l2), -XEN_EBUSY);
	want(read_write(l1), -XEN_EBUSY);
	want(ext(MMUEXT_UNPIN_TABLE, virt_to_mfn(l2), 0), 0);
	want(read_write(l2), 0);
	want(read_write(l1), 0);
	rule("a tree with a bad leaf is refused with the leaf's error");
	want(pin_leaf(make(l1, PTE_PRESENT | PTE_WRITE)), -XEN_EBUSY);
	want(pin_leaf(others_frame() << 12 | PTE_PRESENT), -XEN_EBUSY);
	want(pin_leaf(PTE_FRAME | PTE_PRESENT), -XEN_EINVAL);
	want(pin_leaf(start_info->shared_info | PTE_PRESENT | PTE_PCD),
	     is_first_domain() ? -XEN_EACCES : -XEN_EINVAL);
	rule("a refused tree leaves no table behind");
	tree_make(PTE_FRAME | PTE_PRESENT);
	want(ext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(l4), 0), -XEN_EINVAL);
	want(read_write(l4), 0);
	want(read_write(l3), 0);
	want(read_write(l2), 0);
	want(read_write(l1), 0);
	rule("a page may be mapped read-only by the table it is");
	want(pin_leaf(make(l1, PTE_PRESENT)), 0);
	rule("a large page in a tree is refused");
	tree_make(0);
	read_write(l2);
	l2[5] = PTE_PRESENT | PTE_LARGE;
	read_only(l2);
	want(ext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(l4), 0), -XEN_EINVAL);
	tree_clear();
	rule("a child that is mapped writable is refused");
	tree_make(0);
	read_write(l1);
	want(ext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(l4), 0), -XEN_EINVAL);
	tree_clear();
}

void pins(void)
{
	one_table();
	whole_trees();
}
