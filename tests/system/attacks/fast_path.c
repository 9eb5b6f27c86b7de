/* SPDX-License-Identifier: MIT */
/* fast_path.c - no way to change one entry makes a table writable, none maps a
 * table as one of its own level, and what a translation was before is gone.
 */
#include "attack.h"

static PAGE uint64_t shown[512];	/* where the table is to be seen */

static long by_address(uint64_t e)
{
	return call(update_va_mapping, shown, e, UVMF_INVLPG);
}

static long by_other(uint64_t e)
{
	return call(update_va_mapping_otherdomain, shown, e, UVMF_INVLPG, DOMID_SELF);
}

static long by_entry(uint64_t e)
{
	return update(entry_at(shown, 1), e);
}

static long by_keeping(uint64_t e)
{
	return update(entry_at(shown, 1) | MMU_PT_UPDATE_PRESERVE_AD, e);
}

static void do_store(void *value)
{
	*seen_at(entry_at(shown, 1)) = *(uint64_t *)value;
}

static long by_store(uint64_t e)
{
	return traps(do_store, &e);
}

static void do_set_bit(void *unused)
{
	asm volatile("lock btsq $1, %0" : "+m"(*seen_at(entry_at(shown, 1))) : : "memory");
}

static long by_bit(uint64_t e)
{
	return e & PTE_WRITE ? traps(do_set_bit, NULL) : 1;
}

static long by_multicall(uint64_t e)
{
	struct multicall_entry calls[2] = {
		{ .op = __HYPERVISOR_update_va_mapping, .args = { (uint64_t)shown, e & ~2ul, 0 } },
		{ .op = __HYPERVISOR_update_va_mapping, .args = { (uint64_t)shown, e, 0 } },
	};

	call(multicall, calls, 2);
	return (long)calls[1].result;
}

static long (*const ways[])(uint64_t e) = {
	by_address, by_other, by_entry, by_keeping, by_store, by_bit, by_multicall,
};

/* The harmless bits that fast paths look for, in every combination with W. */
static void flips(void)
{
	static const uint64_t bits[] = {
		0, 0x20, 0x40, 0x60, 0x200, 0xe00, 1ul << 52, 1ul << 63, 1ul << 59 | 0x60, 0x100, 0x10,
	};

	call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	rule("no way to write an entry makes a table writable, at any level");
	tree_make(maddr(page) | PTE_PRESENT);
	want(extended(MMUEXT_PIN_L4_TABLE, virt_to_mfn(tables[3]), 0), 0);
	for (unsigned int level = 0; level < 4; level++)
		for (unsigned int w = 0; w < COUNT(ways); w++)
			for (unsigned int b = 0; b < COUNT(bits); b++) {
				uint64_t e = maddr(tables[level]) | PTE_PRESENT | PTE_USER | bits[b];

				want(map_frame(shown, virt_to_mfn(tables[level]), PTE_PRESENT), 0);
				want_true(ways[w](e | PTE_WRITE) != 0);
				/* a store to an L1 is performed as an update */
				want_true(store_traps(shown + 300) || !level);
				want(*seen_at(entry_at(shown, 1)) & 3, 1);
			}
	rule("no way makes the running tables writable either");
	for (int level = 1; level <= 4; level++) {
		uint64_t t = entry_at(shown, level) & FRAME_BITS;

		for (unsigned int w = 0; w < COUNT(ways); w++) {
			want(map_frame(shown, t >> 12, PTE_PRESENT), 0);
			want_true(ways[w](t | 7) != 0);
			want_true(store_traps(shown + 300) || level == 1);
			want(*seen_at(entry_at(shown, 1)) & 3, 1);
		}
	}
	want(map_frame(shown, virt_to_mfn(shown), PTE_PRESENT | PTE_WRITE), 0);
	want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(tables[3]), 0), 0);
	tree_clear();
}

static void own_level(void)
{
	rule("no table is linked as one of its own level: the running root least of all");
	for (unsigned int level = 2; level <= 4; level++) {
		uint64_t running = entry_at(page, (int)level) & FRAME_BITS;

		for (unsigned int w = 0; w < 4; w++) {
			uint64_t flags = PTE_PRESENT | PTE_USER | (w & 1 ? PTE_WRITE : 0);

			want_true(update(running + 8 * 300, running | flags) != 0);
			want_true(update((running + 8 * 300) | (w & 2), running | flags) != 0);
		}
		tree_clear();
		spare[0] = maddr(spare) | 7;
		want(read_only(spare), 0);
		want_true(extended(MMUEXT_PIN_L1_TABLE + level - 1, virt_to_mfn(spare), 0) != 0);
		want(read_write(spare), 0);
	}
	tree_clear();
}

/* Two L1s for one slot of the running L2; an address is updated right after
 * the slot was: the entry written must be the one that is walked. */
static void swaps(void)
{
	char *va = (char *)((uint64_t)shown & ~0x1ffffful) + 0x20000000;
	uint64_t slot = (entry_at(page, 2) & FRAME_BITS) | ((uint64_t)va >> 21 & 511) << 3;
	uint64_t first, second;
	struct mmu_update to_second;
	struct multicall_entry calls[3];

	rule("an address that is updated after its L2 was is updated in the new L1");
	tree_clear();
	want(read_only(tables[0]), 0);
	want(read_only(tables[1]), 0);
	first = maddr(tables[0]) | 7;
	second = maddr(tables[1]) | 7;
	for (unsigned int round = 0; round < 200; round++) {
		want(update(slot, first), 0);
		want(call(update_va_mapping, va, maddr(page) | 7, UVMF_INVLPG), 0);
		page[0] = 1;
		spare[0] = 2;
		want(*(volatile uint64_t *)va, 1);
		to_second = (struct mmu_update){ slot, second };
		calls[0] = (struct multicall_entry){
			.op = __HYPERVISOR_mmu_update,
			.args = { (uint64_t)&to_second, 1, 0, DOMID_SELF },
		};
		calls[1] = (struct multicall_entry){
			.op = __HYPERVISOR_update_va_mapping,
			.args = { (uint64_t)va, maddr(spare) | 7, UVMF_INVLPG },
		};
		want(call(multicall, calls, 2), 0);
		want(calls[0].result | calls[1].result, 0);
		want(tables[0][0] & FRAME_BITS, (long)maddr(page));
		want(tables[1][0] & FRAME_BITS, (long)maddr(spare));
		want(*(volatile uint64_t *)va, 2);
		want(update(slot, 0), 0);
		want(read_write(tables[1]), 0);	/* no table any more: flushed */
		want(load_traps(va), 1);
		want(read_only(tables[1]), 0);
	}
	rule("an address whose L1 is gone cannot be updated");
	want_true(call(update_va_mapping, va, maddr(page) | 7, UVMF_INVLPG) != 0);
	tree_clear();
}

void attack_fast_path(void)
{
	flips();
	own_level();
	swaps();
}
