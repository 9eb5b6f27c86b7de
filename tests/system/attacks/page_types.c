/* SPDX-License-Identifier: MIT */
/* page_types.c - a frame that is to be two things at once: raced by a second
 * vCPU, in the middle of validation, given back while a table.
 */
#include "attack.h"

#define TABLES	48		/* enough for many entries' budgets */

static PAGE table many[TABLES];
static PAGE uint64_t window[512];
static volatile unsigned long tried, done;

/* The page is mapped to write elsewhere and written, if it may be. */
static void write_elsewhere(void)
{
	tried++;
	if (map_frame(window, virt_to_mfn(spare), PTE_PRESENT | PTE_WRITE))
		return;
	done++;
	window[tried & 511] = 0;
	map_frame(window, virt_to_mfn(spare), PTE_PRESENT);
}

static void pinned_or_written(void)
{
	unsigned long pinned = 0, changed = 0;

	rule("a page is never a page table and written by another vCPU");
	tree_clear();
	want(read_only(spare), 0);
	beside(write_elsewhere);
	for (unsigned int round = 0; round < 20000 || !pinned || done < 20; round++) {
		if (extended(MMUEXT_PIN_L1_TABLE + (round & 3), virt_to_mfn(spare), 0)) {
			yield();	/* it is mapped: let it be unmapped */
			continue;
		}
		pinned++;
		/* what maps it to write was there before the pin, or is not */
		changed += *seen_at(entry_at(window, 1)) >> 12 == virt_to_mfn(spare) &&
			   (*seen_at(entry_at(window, 1)) & 3) == 3;
		want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(spare), 0), 0);
	}
	beside_stop();
	want(changed, 0);
	want(map_frame(window, virt_to_mfn(window), PTE_PRESENT | PTE_WRITE), 0);
}

/* Everything a table can be asked, while the other vCPU validates it. */
static void disturb(void)
{
	uint64_t *t = many[random_number() % TABLES];
	unsigned long mfn = virt_to_mfn(t);

	tried++;
	switch (random_number() % 9) {
	case 0:
		(void)!map_frame(window, mfn, PTE_PRESENT | PTE_WRITE);
		(void)!map_frame(window, virt_to_mfn(window), PTE_PRESENT);
		break;
	case 1:
		update(maddr(tables[1]) + 8 * (random_number() & 511), 0);
		break;
	case 2:
		update(maddr(tables[1]) + 8 * (random_number() & 511), maddr(t) | 7);
		break;
	case 3:
		extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(tables[1]), 0);
		break;
	case 4:
		extended(MMUEXT_PIN_L2_TABLE, virt_to_mfn(tables[1]), 0);
		break;
	case 5:
		extended(MMUEXT_PIN_L1_TABLE, mfn, 0);
		break;
	case 6:
		extended(MMUEXT_UNPIN_TABLE, mfn, 0);
		break;
	case 7:
		update(maddr(t) + 8 * (random_number() & 511), maddr(page) | 7);
		break;
	case 8:
		extended(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(tables[3]), 0);
		extended(MMUEXT_NEW_USER_BASEPTR, 0, 0);
		break;
	}
}

static void make_long_tree(void)
{
	tree_make(0);
	want(read_write(tables[1]), 0);
	for (unsigned int i = 0; i < TABLES; i++) {
		want(read_write(many[i]), 0);
		for (unsigned int e = 0; e < 512; e++)
			many[i][e] = maddr(page) | 7;
		want(read_only(many[i]), 0);
		tables[1][i] = maddr(many[i]) | 7;
	}
	want(read_only(tables[1]), 0);
}

/* An entry that was being set while the table around it stopped being one leaves
 * what it names half-validated: pinned and unpinned, it is an ordinary page. */
static void undo(void)
{
	for (unsigned int i = 0; i < 4; i++)
		extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(tables[i]), 0);
	for (unsigned int i = 0; i < TABLES; i++) {
		extended(MMUEXT_PIN_L1_TABLE, virt_to_mfn(many[i]), 0);
		want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(many[i]), 0), 0);
	}
}

static void half_validated(void)
{
	rule("a tree that is half validated is not changed, linked or pinned halfway");
	make_long_tree();
	tried = 0;
	beside(disturb);
	while (tried < 3000) {
		extended(MMUEXT_PIN_L4_TABLE, virt_to_mfn(tables[3]), 0);
		extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(tables[3]), 0);
	}
	beside_stop();
	undo();
	for (unsigned int i = 0; i < 4; i++)
		want(read_write(tables[i]), 0);
	for (unsigned int i = 0; i < TABLES; i++)
		want(read_write(many[i]), 0);
}

static void bad_at_the_end(void)
{
	rule("a tree whose last entry is bad leaves nothing validated");
	for (unsigned int round = 0; round < 20; round++) {
		make_long_tree();
		read_write(many[TABLES - 1]);
		many[TABLES - 1][511] = FRAME_BITS | PTE_PRESENT;
		read_only(many[TABLES - 1]);
		want(extended(MMUEXT_PIN_L4_TABLE, virt_to_mfn(tables[3]), 0), -XEN_EINVAL);
	}
	for (unsigned int i = 0; i < TABLES; i++)
		want(read_write(many[i]), 0);
}

static void given_back(void)
{
	unsigned long mfn = virt_to_mfn(tables[0]), pfn = ((uint64_t)tables[0] - VIRT_BASE) >> 12;

	rule("a table that is given back stays one until it is none, and is gone then");
	tree_make(maddr(page) | 7);
	want(extended(MMUEXT_PIN_L4_TABLE, virt_to_mfn(tables[3]), 0), 0);
	want(memory(XENMEM_decrease_reservation, &mfn, 1, 0), 1);
	want(read_write(tables[0]), -XEN_EBUSY);
	want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(tables[3]), 0), 0);
	want(read_write(tables[0]), 0);
	want(call(update_va_mapping, tables[0], 0, UVMF_INVLPG), 0);
	want(read_write(tables[0]), -XEN_EBUSY);
	mfn = pfn;
	want(memory(XENMEM_populate_physmap, &mfn, 1, 0), 1);
	((unsigned long *)start_info->mfn_list)[pfn] = mfn;
}

/* What is pinned and half dropped when the domain ends is dropped with it. */
static void leave_it_so(void)
{
	rule("whatever is pinned at the end is unpinned by the end");
	make_long_tree();
	want(extended(MMUEXT_PIN_L4_TABLE, virt_to_mfn(tables[3]), 0), 0);
	for (unsigned int i = 0; i < TABLES; i++)
		want(extended(MMUEXT_PIN_L1_TABLE, virt_to_mfn(many[i]), 0), 0);
	want(extended(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(tables[3]), 0), 0);
	beside(disturb);
}

void attack_page_types(void)
{
	pinned_or_written();
	half_validated();
	bad_at_the_end();
	given_back();
	leave_it_so();
}
