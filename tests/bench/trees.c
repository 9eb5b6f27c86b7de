/* SPDX-License-Identifier: MIT */
/* trees.c - tables pinned and unpinned, and changes of address space. */
#include "bench.h"

#define ENTRIES		512
#define LEAVES		3	/* level-1 tables of a process: text, heap, stack */
#define LEAF_PAGES	20	/* mapped in each */
#define FAULTED		32	/* pages it gets while it runs */
#define USER_SLOT	0	/* of the L4; free in our own tables */
#define HV_LAST		271	/* of the slots that are the hypervisor's */
#define GDT_ENTRIES	512
#define TLS_FIRST	12
#define TLS_COUNT	3
#define TLS_DATA	0x00cff3000000ffffull	/* flat data for ring 3 */

typedef uint64_t table[ENTRIES];

static table root PAGE, dir3 PAGE, dir2 PAGE, leaf[LEAVES] PAGE, lone PAGE,
	gdt PAGE;
static table *const process[] = {
	&root, &dir3, &dir2, &leaf[0], &leaf[1], &leaf[2],
};
#define TABLES (sizeof(process) / sizeof(process[0]))
static char stack[4096] PAGE;

static long ext(unsigned int cmd, const volatile void *va)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = virt_to_mfn(va) };

	return call(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* Pins and unpins; that a pinned table cannot be pinned shows it is. */
static unsigned long pin(unsigned long n, unsigned int cmd, table *t)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += !ext(cmd, t) && !ext(MMUEXT_UNPIN_TABLE, t);
	return ext(MMUEXT_UNPIN_TABLE, t) ? good : 0;
}

static void empty_leaf(void)
{
	map_as(lone, RO);
}

static void full_leaf(void)
{
	map_as(lone, RW);
	for (unsigned int i = 0; i < ENTRIES; i++)
		lone[i] = pool_frame(i) << 12 | RW;
	map_as(lone, RO);
}

static unsigned long pin_leaf(unsigned long n)
{
	return pin(n, MMUEXT_PIN_L1_TABLE, &lone);
}

static unsigned long pin_tree(unsigned long n)
{
	return pin(n, MMUEXT_PIN_L4_TABLE, &root);
}

static void clear_leaf(void)
{
	map_as(lone, RW);
	memset(lone, 0, sizeof(lone));
}

/* Fills the tables of a process, which are writable, with what the kernel has
 * and a part of its own. */
static void fill(void)
{
	const uint64_t *kernel = (const uint64_t *)start_info->pt_base;

	for (unsigned int i = HV_LAST + 1; i < ENTRIES; i++)
		root[i] = kernel[i];
	root[USER_SLOT] = entry_for(dir3, RW);
	dir3[0] = entry_for(dir2, RW);
	for (unsigned int l = 0; l < LEAVES; l++) {
		dir2[l * 100] = entry_for(leaf[l], RW);
		for (unsigned int i = 0; i < LEAF_PAGES; i++)
			leaf[l][i] = pool_frame(l * LEAF_PAGES + i) << 12 | RW;
	}
}

static struct multicall_entry protect[2][TABLES];

static void make_protect(void)
{
	for (unsigned int w = 0; w < 2; w++)
		for (unsigned int i = 0; i < TABLES; i++)
			protect[w][i] = (struct multicall_entry){
				.op = __HYPERVISOR_update_va_mapping,
				.args = {
					(uint64_t)process[i],
					entry_for(process[i], w ? RW : RO),
					i == TABLES - 1 ? UVMF_TLB_FLUSH : 0,
				},
			};
}

static bool set_writable(bool w)
{
	unsigned long bad = (unsigned long)call(multicall, protect[w], TABLES);

	for (unsigned int i = 0; i < TABLES; i++)
		bad |= protect[w][i].result;
	return !bad;
}

static void tree(void)
{
	make_protect();
	fill();
	sure(set_writable(false));
}

static void pinned_tree(void)
{
	tree();
	want(ext(MMUEXT_PIN_L4_TABLE, root), 0);
}

static void clear_tree(void)
{
	ext(MMUEXT_UNPIN_TABLE, root);
	sure(set_writable(true));
	for (unsigned int i = 0; i < TABLES; i++)
		memset(process[i], 0, sizeof(table));
}

static bool running_on(const volatile void *l4)
{
	uint64_t cr3;

	asm volatile("mov %%cr3, %0" : "=r"(cr3));
	return cr3 == machine_of(l4);
}

/* There and back is two switches. */
static unsigned long base(unsigned long n)
{
	void *own = (void *)start_info->pt_base;
	unsigned long good = 0;

	if (n == 1)
		return !ext(MMUEXT_NEW_BASEPTR, root) && running_on(root) &&
			!ext(MMUEXT_NEW_BASEPTR, own) && running_on(own);
	for (unsigned long i = 0; i < n; i++)
		good += !ext(MMUEXT_NEW_BASEPTR, i & 1 ? own : root);
	return running_on(n & 1 ? root : own) ? good : 0;
}

/* What Linux does to switch processes, batched as Linux does. */
static struct mmuext_op bases[2][2];
static struct multicall_entry switching[2][8];

static void make_switch(void)
{
	const volatile void *roots[] = { (void *)start_info->pt_base, root };

	for (unsigned int p = 0; p < 2; p++) {
		struct multicall_entry *e = switching[p];

		bases[p][0] = (struct mmuext_op){
			MMUEXT_NEW_BASEPTR, { virt_to_mfn(roots[p]) }, { 0 } };
		bases[p][1] = (struct mmuext_op){
			MMUEXT_NEW_USER_BASEPTR, { virt_to_mfn(roots[p]) }, { 0 } };
		*e++ = (struct multicall_entry){ __HYPERVISOR_stack_switch, 0,
			{ FLAT_KERNEL_SS, (uint64_t)stack + 2048 + 16 * p } };
		*e++ = (struct multicall_entry){ __HYPERVISOR_fpu_taskswitch, 0, { 1 } };
		for (unsigned int i = 0; i < TLS_COUNT; i++)
			*e++ = (struct multicall_entry){
				__HYPERVISOR_update_descriptor, 0,
				{ machine_of(&gdt[TLS_FIRST + i]),
				  TLS_DATA + ((uint64_t)p << 16) } };
		*e++ = (struct multicall_entry){ __HYPERVISOR_set_segment_base, 0,
			{ SEGBASE_FS, (uint64_t)&bases[p] } };
		*e++ = (struct multicall_entry){ __HYPERVISOR_set_segment_base, 0,
			{ SEGBASE_GS_USER_SEL, 0 } };
		*e++ = (struct multicall_entry){ __HYPERVISOR_mmuext_op, 0,
			{ (uint64_t)bases[p], 2, 0, DOMID_SELF } };
	}
}

static void processes(void)
{
	unsigned long frame = virt_to_mfn(gdt);

	pinned_tree();
	map_as(gdt, RO);
	want(call(set_gdt, &frame, GDT_ENTRIES), 0);
	make_switch();
}

static bool switched_to(unsigned int p)
{
	uint64_t at, bad = 0;

	for (unsigned int i = 0; i < 8; i++)
		bad |= switching[p][i].result;
	asm volatile("mov %%fs:0, %0" : "=r"(at));
	return !bad && at == *(uint64_t *)&bases[p] &&
		running_on(p ? (void *)root : (void *)start_info->pt_base) &&
		gdt[TLS_FIRST + TLS_COUNT - 1] == TLS_DATA + ((uint64_t)p << 16);
}

static unsigned long switches(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += !call(multicall, switching[~i & 1], 8);
	if (!switched_to(n & 1))
		return 0;
	call(multicall, switching[0], 8);
	call(fpu_taskswitch, 0);
	return switched_to(0) ? good : 0;
}

static void one_process(void)
{
	ext(MMUEXT_NEW_USER_BASEPTR, (void *)start_info->pt_base);
	want(call(set_gdt, 0, 0), 0);
	map_as(gdt, RW);
	clear_tree();
}

/* A process comes, gets pages as it runs, and goes. */
static struct mmu_update faulted[FAULTED];

static void make_faulted(void)
{
	make_protect();
	for (unsigned int i = 0; i < FAULTED; i++)
		faulted[i] = (struct mmu_update){
			machine_of(&leaf[1][LEAF_PAGES + i]),
			pool_frame(LEAVES * LEAF_PAGES + i) << 12 | RW,
		};
}

static unsigned long whole_life(unsigned long n)
{
	volatile uint64_t *user = (volatile uint64_t *)(100ul << 21);
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		bool ok;

		fill();
		ok = set_writable(false) && !ext(MMUEXT_PIN_L4_TABLE, root) &&
			!ext(MMUEXT_NEW_BASEPTR, root);
		for (unsigned int f = 0; f < FAULTED; f++)
			ok &= !call(mmu_update, &faulted[f], 1, 0, DOMID_SELF);
		user[ENTRIES * (LEAF_PAGES + FAULTED - 1)] = i;
		ok &= user[ENTRIES * (LEAF_PAGES + FAULTED - 1)] == i;
		ok &= !ext(MMUEXT_NEW_BASEPTR, (void *)start_info->pt_base) &&
			!ext(MMUEXT_UNPIN_TABLE, root) && set_writable(true);
		good += ok;
		for (unsigned int f = 0; f < FAULTED; f++)
			leaf[1][LEAF_PAGES + f] = 0;
	}
	return good;
}

const struct op tree_ops[] = {
	{ "L1 pinned and unpinned, empty", 20, empty_leaf, pin_leaf, NULL },
	{ "L1 pinned and unpinned, full", 20, full_leaf, pin_leaf, clear_leaf },
	{ "L4 tree of 6 tables pinned and unpinned", 20, tree, pin_tree,
	  clear_tree },
	{ "base pointer switch", ROUNDS, pinned_tree, base, clear_tree },
	{ "process switch by multicall", 20, processes, switches, one_process },
	{ "address space built, used, torn down", 10, make_faulted, whole_life,
	  NULL },
	{ 0 },
};
