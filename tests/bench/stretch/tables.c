/* SPDX-License-Identifier: MIT */
/* tables.c - page tables as full as they can be, and long lists of changes. */
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>

#include "stretch.h"

static table l1[2] PAGE, l2 PAGE, l3 PAGE, l4 PAGE, view PAGE;
static struct mmu_update updates[MANY];
static struct mmuext_op ops[MANY];
static struct multicall_entry entries[MANY];
static char gdt[14][4096] PAGE;

static long ext_n(unsigned int n)
{
	return call(mmuext_op, ops, n, 0, DOMID_SELF);
}

static long ext(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
	ops[0] = (struct mmuext_op){ .cmd = cmd, .arg1.mfn = arg1,
		.arg2.src_mfn = arg2 };
	return ext_n(1);
}

static void tables_as(unsigned long flags)
{
	map_as(l1[0], flags);
	map_as(l1[1], flags);
	map_as(l2, flags);
	map_as(l3, flags);
	map_as(l4, flags);
}

/* Every entry is used: of each table above the lowest, all lead to one and
 * the same below, but for a second lowest table in the middle. */
static void fill(uint64_t last)
{
	const uint64_t *kernel = (const uint64_t *)start_info->pt_base;

	tables_as(RW);
	for (unsigned int i = 0; i < ENTRIES; i++) {
		l1[0][i] = pool_frame(i) << 12 | RW;
		l1[1][i] = pool_frame(i + ENTRIES) << 12 | RW;
		l2[i] = entry_for(l1[i == 200], RW);
		l3[i] = entry_for(l2, RW);
		l4[i] = i < 256 ? entry_for(l3, RW) : kernel[i];
	}
	l1[0][ENTRIES - 1] = last;
	tables_as(RO);
}

static void pins(void)
{
	static table *const tables[] = { &l1[0], &l2, &l3, &l4 };

	fill(pool_frame(ENTRIES - 1) << 12 | RW);
	for (unsigned int level = 0; level < 4; level++) {
		uint64_t mfn = virt_to_mfn(*tables[level]);

		must(ext(MMUEXT_PIN_L1_TABLE + level, mfn, 0), 0);
		must(ext(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
	}
	/* from the lowest up: each finds the one below done */
	for (unsigned int level = 0; level < 4; level++)
		must(ext(MMUEXT_PIN_L1_TABLE + level, virt_to_mfn(*tables[level]), 0), 0);
	for (unsigned int level = 4; level--; )
		must(ext(MMUEXT_UNPIN_TABLE, virt_to_mfn(*tables[level]), 0), 0);
	/* what cannot be is found out at the very end, and all undone */
	fill(entry_for((void *)start_info->pt_base, RW));
	for (unsigned int level = 0; level < 4; level++)
		must(ext(MMUEXT_PIN_L1_TABLE + level, virt_to_mfn(*tables[level]), 0) < 0,
		     true);
}

static void roots(void)
{
	uint64_t own = virt_to_mfn((void *)start_info->pt_base);

	fill(pool_frame(ENTRIES - 1) << 12 | RW);
	must(ext(MMUEXT_NEW_BASEPTR, virt_to_mfn(l4), 0), 0);
	must(ext(MMUEXT_NEW_BASEPTR, own, 0), 0);
	must(ext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(l4), 0), 0);
	must(ext(MMUEXT_NEW_USER_BASEPTR, own, 0), 0);
}

/* Whole tables linked and unlinked by single entries. */
static void links(void)
{
	uint64_t at = machine_of(&l4[0]);

	fill(pool_frame(ENTRIES - 1) << 12 | RW);
	map_as(l4, RW);
	memset(l4, 0, 256 * 8);
	map_as(l4, RO);
	must(ext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(l4), 0), 0);
	for (unsigned int i = 0; i < MANY; i++)
		updates[i] = (struct mmu_update){ at, i & 1 ? 0 : entry_for(l3, RW) };
	must(call(mmu_update, updates, 6, 0, DOMID_SELF), 0);
	must(ext(MMUEXT_UNPIN_TABLE, virt_to_mfn(l4), 0), 0);
	/* the same one level down, where each entry is a table of 512 pages */
	map_as(l2, RW);
	memset(l2, 0, sizeof(l2));
	map_as(l2, RO);
	must(ext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(l2), 0), 0);
	for (unsigned int i = 0; i < MANY; i++)
		updates[i] = (struct mmu_update){ machine_of(&l2[i / 2 % ENTRIES]),
			i & 1 ? 0 : entry_for(l1[0], RW) };
	must(call(mmu_update, updates, 256, 0, DOMID_SELF), 0);
	must(ext(MMUEXT_UNPIN_TABLE, virt_to_mfn(l2), 0), 0);
}

/* Long lists of the same small thing. */
static void lists(void)
{
	static const unsigned int flushes[] = {
		MMUEXT_TLB_FLUSH_LOCAL, MMUEXT_INVLPG_LOCAL, MMUEXT_TLB_FLUSH_MULTI,
		MMUEXT_INVLPG_MULTI, MMUEXT_TLB_FLUSH_ALL, MMUEXT_INVLPG_ALL,
		MMUEXT_FLUSH_CACHE, MMUEXT_FLUSH_CACHE_GLOBAL,
	};
	static uint64_t all = ~0ul;
	uint64_t at;

	must(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	*pte_of(view) = 0;
	*pte_of(view) = entry_for(view, RW);
	at = machine_of(pte_of(view));
	for (unsigned int i = 0; i < MANY; i++)
		updates[i] = (struct mmu_update){ at, pool_frame(i & 511) << 12 | RW };
	must(call(mmu_update, updates, MANY, 0, DOMID_SELF), 0);
	/* each gives a frame another type, and the last one its own back */
	for (unsigned int i = 0; i < MANY; i++)
		updates[i] = (struct mmu_update){ at | MMU_PT_UPDATE_PRESERVE_AD,
			pool_frame(i & 511) << 12 | (i & 1 ? RW : RO) };
	must(call(mmu_update, updates, MANY, 0, DOMID_SELF), 0);
	for (unsigned int i = 0; i < MANY; i++)
		updates[i] = (struct mmu_update){
			pool_frame(i & 511) << 12 | MMU_MACHPHYS_UPDATE, i };
	must(call(mmu_update, updates, MANY, 0, DOMID_SELF), 0);
	must(call(mmu_update, updates, 0, 0, DOMID_SELF), 0);
	for (unsigned int i = 0; i < MANY; i++)		/* plain memory */
		updates[i] = (struct mmu_update){ pool_frame(i & 511) << 12, i };
	must(call(mmu_update, updates, MANY, 0, DOMID_SELF), 0);
	map_as(view, RW);
	for (unsigned int f = 0; f < COUNT(flushes); f++) {
		for (unsigned int i = 0; i < MANY; i++) {
			ops[i] = (struct mmuext_op){ .cmd = flushes[f],
				.arg1.linear_addr = (uint64_t)view };
			ops[i].arg2.vcpumask.p = &all;
		}
		ext_n(MANY);
	}
	for (unsigned int i = 0; i < MANY; i++)
		ops[i] = (struct mmuext_op){ .cmd = MMUEXT_CLEAR_PAGE,
			.arg1.mfn = pool_frame(i & 511) };
	must(ext_n(MANY), 0);
	for (unsigned int i = 0; i < MANY; i++)
		ops[i] = (struct mmuext_op){ .cmd = MMUEXT_COPY_PAGE,
			.arg1.mfn = pool_frame(i & 511), .arg2.src_mfn = pool_frame(600) };
	must(ext_n(MANY), 0);
	for (unsigned int i = 0; i < MANY; i++)
		ops[i] = (struct mmuext_op){ .cmd = MMUEXT_NEW_BASEPTR,
			.arg1.mfn = virt_to_mfn((void *)start_info->pt_base) };
	must(ext_n(MANY), 0);
	for (unsigned int i = 0; i < MANY; i++)
		ops[i].cmd = MMUEXT_NEW_USER_BASEPTR;
	must(ext_n(MANY), 0);
	map_as(gdt[0], RO);
	map_as(gdt[1], RO);
	for (unsigned int i = 0; i < MANY; i++)
		ops[i] = (struct mmuext_op){ .cmd = MMUEXT_SET_LDT,
			.arg1.linear_addr = (uint64_t)gdt[0], .arg2.nr_ents = i & 1 ? 0 : 1024 };
	must(ext_n(MANY), 0);
	must(ext(MMUEXT_SET_LDT, 0, 0), 0);
	map_as(gdt[0], RW);
	map_as(gdt[1], RW);
}

/* All descriptors a vCPU can have, each of them looked at. */
static void descriptors(void)
{
	unsigned long frames[14];

	for (unsigned int i = 0; i < 14; i++) {
		uint64_t *d = (uint64_t *)gdt[i];

		for (unsigned int j = 0; j < ENTRIES; j++)
			d[j] = 0x00cff3000000ffffull;
		frames[i] = virt_to_mfn(gdt[i]);
		map_as(gdt[i], RO);
	}
	must(call(set_gdt, frames, 14 * ENTRIES), 0);
	must(call(update_descriptor, machine_of(gdt[0]), 0x00cff3000000ffffull), 0);
	for (unsigned int i = 0; i < MANY; i++)
		entries[i] = (struct multicall_entry){ .op = __HYPERVISOR_set_gdt,
			.args = { (uint64_t)frames, i & 1 ? 0 : 14 * ENTRIES } };
	must(call(multicall, entries, MANY), 0);
	must(call(set_gdt, 0, 0), 0);
	for (unsigned int i = 0; i < 14; i++)
		map_as(gdt[i], RW);
}

static void multi(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	for (unsigned int i = 0; i < MANY; i++)
		entries[i] = (struct multicall_entry){ .op = number,
			.args = { a, b, c, d } };
	call(multicall, entries, MANY);
}

/* Many calls in one. */
static void multicalls(void)
{
	static struct mmuext_op pinning[2];
	static evtchn_port_t ports[128];
	static uint64_t frames[64];
	struct sched_poll p = { .nr_ports = 128, .timeout = 1 };
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 64 };
	struct xen_memory_map map = { .nr_entries = 512, .buffer.p = room };

	set_xen_guest_handle(p.ports, ports);
	set_xen_guest_handle(s.frame_list, frames);
	for (unsigned int i = 0; i < COUNT(ports); i++)
		ports[i] = 1 + (i & 1);

	fill(pool_frame(ENTRIES - 1) << 12 | RW);
	multi(__HYPERVISOR_xen_version, 0, 0, 0, 0);
	multi(__HYPERVISOR_xen_version, 9, (uint64_t)room, 0, 0);
	pinning[0] = (struct mmuext_op){ MMUEXT_PIN_L1_TABLE,
		{ virt_to_mfn(l1[0]) }, { 0 } };
	pinning[1] = (struct mmuext_op){ MMUEXT_UNPIN_TABLE,
		{ virt_to_mfn(l1[0]) }, { 0 } };
	multi(__HYPERVISOR_mmuext_op, (uint64_t)pinning, 2, 0, DOMID_SELF);
	multi(__HYPERVISOR_update_va_mapping, (uint64_t)view, entry_for(view, RW), UVMF_TLB_FLUSH, 0);
	for (unsigned int i = 0; i < MANY; i++)
		updates[i] = (struct mmu_update){ machine_of(pte_of(view)),
			entry_for(view, RW) };
	multi(__HYPERVISOR_mmu_update, (uint64_t)updates, 20, 0, DOMID_SELF);
	multi(__HYPERVISOR_set_trap_table, 0, 0, 0, 0);
	reset_gates();
	multi(__HYPERVISOR_vm_assist, 9, 9, 0, 0);
	multi(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
	multi(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&p, 0, 0);
	multi(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, (uint64_t)&s, 1, 0);
	multi(__HYPERVISOR_memory_op, XENMEM_machine_memory_map, (uint64_t)&map, 0, 0);
	tables_as(RW);
}

void long_tables(void)
{
	pins();
	roots();
	links();
	lists();
	descriptors();
	multicalls();
}
