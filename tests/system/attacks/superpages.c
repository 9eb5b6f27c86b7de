/* SPDX-License-Identifier: MIT */
/* superpages.c - large pages at each level, and frame numbers that are no
 * frame's wherever a call takes one.
 */
#include "attack.h"

static void large(void)
{
	rule("no level takes a large page, by update or by pin");
	tree_make(maddr(page) | 7);
	want(extended(MMUEXT_PIN_L4_TABLE, virt_to_mfn(tables[3]), 0), 0);
	for (unsigned int level = 1; level < 4; level++)
		for (unsigned int bits = 0; bits < 8; bits++) {
			uint64_t e = PTE_PRESENT | PTE_LARGE | bits << 1;

			want_true(update(maddr(tables[level]) + 8, e) != 0);
			want_true(update(maddr(tables[level]), maddr(tables[level - 1]) | e) != 0);
			want_true(update(maddr(tables[level]) | MMU_PT_UPDATE_PRESERVE_AD,
					 maddr(tables[level - 1]) | e) != 0);
		}
	want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(tables[3]), 0), 0);
	for (unsigned int level = 1; level < 4; level++) {
		tree_make(maddr(page) | 7);
		want(read_write(tables[level]), 0);
		tables[level][9] = PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_LARGE;
		want(read_only(tables[level]), 0);
		for (unsigned int cmd = MMUEXT_PIN_L1_TABLE + level; cmd <= MMUEXT_PIN_L4_TABLE; cmd++)
			want_true(extended(cmd, virt_to_mfn(tables[cmd]), 0) != 0);
		want_true(extended(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(tables[3]), 0) != 0);
	}
	tree_clear();
}

static long copy_status(struct gnttab_copy *c)
{
	c->len = 8;
	c->source.domid = c->dest.domid = DOMID_SELF;
	call(grant_table_op, GNTTABOP_copy, c, 1);
	return c->status;
}

/* Every argument that is a frame number or has one in it. */
static void one_frame_number(uint64_t mfn)
{
	struct xen_memory_exchange x = {
		.in = { .nr_extents = 1, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .domid = DOMID_SELF },
	};
	struct gnttab_copy from = { .dest.u.gmfn = virt_to_mfn(page) };
	struct gnttab_copy to = { .source.u.gmfn = virt_to_mfn(page) };
	unsigned long list = mfn, pfn = 5;

	for (unsigned int cmd = MMUEXT_PIN_L1_TABLE; cmd <= MMUEXT_NEW_BASEPTR; cmd++)
		want_true(extended(cmd, mfn, 0) != 0);
	want_true(!mfn || extended(MMUEXT_NEW_USER_BASEPTR, mfn, 0) != 0);
	want_true(extended(MMUEXT_CLEAR_PAGE, mfn, 0) != 0);
	want_true(extended(MMUEXT_COPY_PAGE, mfn, virt_to_mfn(page)) != 0);
	want_true(extended(MMUEXT_COPY_PAGE, virt_to_mfn(page), mfn) != 0);
	for (unsigned int cmd = 0; cmd < 4; cmd++)
		want_true(update((mfn << 12) | cmd, 0) != 0);
	for (unsigned int flags = 1; flags < 8; flags += 2)
		want_true(call(update_va_mapping, spare, (mfn << 12 & FRAME_BITS) | flags, 0) != 0);
	want_true(call(set_gdt, &list, 512) != 0);
	want_true(call(update_descriptor, mfn << 12, 0) != 0);
	want(memory(XENMEM_decrease_reservation, &list, 1, 0), 0);
	x.in.extent_start.p = &list;
	x.out.extent_start.p = &pfn;
	want_true(call(memory_op, XENMEM_exchange, &x) != 0);
	from.source.u.gmfn = to.dest.u.gmfn = mfn;
	want_true(copy_status(&from) != 0);
	want_true(copy_status(&to) != 0);
}

static void frame_numbers(void)
{
	long end = call(memory_op, XENMEM_maximum_ram_page, 0);

	rule("no call takes a frame number that is beyond memory");
	tree_clear();
	for (unsigned int bit = 28; bit < 64; bit++) {
		one_frame_number(1ul << bit);
		one_frame_number((1ul << bit) - 1);
	}
	one_frame_number((uint64_t)end);
	one_frame_number((uint64_t)end + 1);
	one_frame_number((1ul << 52) - 1);
	one_frame_number(~0ul);
	rule("nor one that is the hypervisor's, another's, or a device's");
	one_frame_number(0);
	for (uint64_t mfn = 0xa0; mfn < 0x100; mfn += 7)
		one_frame_number(mfn);
	one_frame_number(0xfee00);
	one_frame_number(0xfec00);
	tree_clear();
}

void attack_superpages(void)
{
	large();
	frame_numbers();
}
