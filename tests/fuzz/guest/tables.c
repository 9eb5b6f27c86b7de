/* SPDX-License-Identifier: MIT */
/* tables.c - page tables made of the pool's pages, right and nearly right.
 *
 * The pool is mapped by the guest's own tables; a page becomes a table when
 * it is filled, mapped read-only, and then pinned, linked or loaded.
 */
#include "fuzz.h"

#define READ_ONLY	0x65ul
#define WRITABLE	0x67ul

uint64_t pool[POOL][512] __attribute__((aligned(4096)));
uint64_t pool_mfn[POOL];

uint64_t pool_frame(struct cpu *c)
{
	return pool_mfn[chance(c) % POOL];
}

void *pool_page(struct cpu *c)
{
	return pool[chance(c) % POOL];
}

/* An entry as a guest might write it, or should not. */
uint64_t entry(struct cpu *c)
{
	static const uint64_t flags[] = {
		0x67, 0x65, 0x65, 0x65, 0x25, 0x61, 0x63, 0x75, 0x1e7, 0xe5,
		0x165, 0x7d, 0, 0x10000000000065, 0x8000000000000065,
		0x8000000000000067, 0x7ff0000000000067,
	};

	if (one_in(c, 40))
		return some_mfn(c) << 12 | READ_ONLY;
	if (one_in(c, 60))
		return chance(c);
	return pool_frame(c) << 12 | (one_in(c, 3) ? pick(c, flags) :
				      one_in(c, 2) ? WRITABLE : READ_ONLY);
}

static long set_va(void *va, uint64_t pte)
{
	return call4(update_va_mapping, va, pte, UVMF_INVLPG, 0);
}

static long map_as(unsigned int i, uint64_t flags)
{
	return set_va(pool[i], pool_mfn[i] << 12 | flags);
}

static long mmuext(unsigned int cmd, uint64_t mfn)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };

	return call4(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* Unpins what may be pinned and maps each page writable again, as far as its
 * use permits: what stays in use is tried again the next time. */
void restore_pool(struct cpu *c)
{
	unsigned int i;

	for (i = 0; i < POOL; i++) {
		if (one_in(c, 8))
			continue;
		mmuext(MMUEXT_UNPIN_TABLE, pool_mfn[i]);
		map_as(i, WRITABLE);
	}
}

/* A chain L1..L4 of four pages, each filled with entries of the one below;
 * the L4 also maps the kernel, so that it can be run on. */
static void build_tree(struct cpu *c)
{
	const uint64_t *own = (const uint64_t *)start_info->pt_base;
	unsigned int at = (unsigned int)(chance(c) % (POOL - 4)), level, i;
	unsigned int full = one_in(c, 3) ? 512 : 1 + (unsigned int)(chance(c) % 8);

	for (level = 0; level < 4; level++) {
		uint64_t *table = pool[at + level];

		if (map_as(at + level, WRITABLE))
			return;
		memset(table, 0, 4096);
		for (i = 0; i < full; i++) {
			unsigned int slot = full == 512 ? i :
					    (unsigned int)(chance(c) % 512);

			if (level == 3 && slot >= 256 && slot < 272)
				continue;
			table[slot] = !level ? pool_frame(c) << 12 | READ_ONLY :
				      pool_mfn[at + level - 1] << 12 | WRITABLE;
		}
		if (one_in(c, 4))
			table[chance(c) % 512] = entry(c);
		if (level == 3)
			table[511] = own[511];
	}
	for (level = 0; level < 4; level++)
		map_as(at + level, READ_ONLY);
	level = (unsigned int)(chance(c) % 5);
	if (level < 4)
		mmuext(MMUEXT_PIN_L1_TABLE + level, pool_mfn[at + level]);
	else
		mmuext(one_in(c, 2) ? MMUEXT_NEW_BASEPTR : MMUEXT_NEW_USER_BASEPTR,
		       pool_mfn[at + 3]);
	if (one_in(c, 2))
		mmuext(MMUEXT_UNPIN_TABLE, pool_mfn[at + chance(c) % 4]);
}

/* A page of entries, or of descriptors, and what it is used as. */
static void fill_page(struct cpu *c)
{
	unsigned int i = (unsigned int)(chance(c) % POOL), n, k;
	uint64_t same = entry(c);

	if (map_as(i, WRITABLE))
		return;
	n = one_in(c, 4) ? 512 : (unsigned int)(chance(c) % 6);
	memset(pool[i], 0, 4096);
	for (k = 0; k < n; k++)
		pool[i][n == 512 ? k : chance(c) % 512] = one_in(c, 2) ? same : entry(c);
	if (one_in(c, 6))
		for (k = 0; k < 512; k++)
			pool[i][k] = 0x00cff3000000ffff;
	map_as(i, READ_ONLY);
}

static void trapped_store(struct cpu *c)
{
	uint64_t *where = (uint64_t *)pool_page(c) + chance(c) % 512;

	if (one_in(c, 8))
		where = (uint64_t *)((uint64_t)where + chance(c) % 8);
	store((unsigned int)(chance(c) % store_kinds), where, entry(c));
}

/* Writes into tables that are in use, by their machine addresses. */
static void update(struct cpu *c)
{
	static struct mmu_update list[CPUS][8];
	unsigned int n = 1 + (unsigned int)(chance(c) % 8), i;

	for (i = 0; i < n; i++) {
		uint64_t pte = pte_machine(pool_page(c));

		list[c->id][i].ptr = one_in(c, 3) && pte ? pte :
			pool_frame(c) << 12 | (chance(c) % 512) << 3;
		list[c->id][i].ptr |= one_in(c, 4) ? 2 : 0;
		list[c->id][i].val = one_in(c, 3) ? 0 : entry(c);
	}
	call4(mmu_update, list[c->id], n, 0, DOMID_SELF);
}

void play_tables(struct cpu *c)
{
	switch (chance(c) % 5) {
	case 0:
		build_tree(c);
		break;
	case 1:
		fill_page(c);
		break;
	case 2:
	case 3:
		trapped_store(c);
		break;
	default:
		update(c);
	}
}
