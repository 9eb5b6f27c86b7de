/* SPDX-License-Identifier: MIT */
/* local.c - the LDT: its call's arguments, its segments, its faults. */
#include <xen/sched.h>

#include "segments.h"

static PAGE uint64_t ldt[2][512];
SNIPPET(undefined, "ud2")

static long set_ldt(uint64_t base, uint32_t entries)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT };

	op.arg1.linear_addr = base;
	op.arg2.nr_ents = entries;
	return call(mmuext_op, &op, 1, 0, DOMID_SELF);
}

static void arguments(void)
{
	rule("an LDT has 8192 entries at most");
	want(set_ldt((uint64_t)ldt, 8193), -XEN_EINVAL);
	want(set_ldt((uint64_t)ldt, ~0u), -XEN_EINVAL);
	rule("an LDT begins at a page");
	want(set_ldt((uint64_t)ldt + 8, 10), -XEN_EINVAL);
	want(set_ldt((uint64_t)ldt + 2048, 10), -XEN_EINVAL);
	rule("an LDT is not the hypervisor's, and canonical");
	want(set_ldt(HYPERVISOR_VIRT_START, 1), -XEN_EINVAL);
	want(set_ldt(0xffff830000000000, 1), -XEN_EINVAL);
	want(set_ldt(0x800000000000, 1), -XEN_EINVAL);
	rule("an LDT is looked at when it is used, not before");
	want(set_ldt(0x5000, 8192), 0);
	want(set_ldt((uint64_t)low_page, 1), 0);
	want(set_ldt(0, 0), 0);
}

static void use(enum mode mode)
{
	struct frame f = state_in(mode, undefined);

	rule_in(mode, "segments of the LDT can be loaded into every register");
	want(load(mode, DS, SEL_LDT(1)), -1);
	want(load(mode, ES, SEL_LDT(1)), -1);
	want(load(mode, FS, SEL_LDT(1)), -1);
	want(load(mode, GS, SEL_LDT(1)), -1);
	want(load(mode, SS, SEL_LDT(1)), -1);
	want(load(mode, CS, SEL_LDT(2)), -1);
	rule_in(mode, "code of the LDT's segment: the frame has its selector");
	f.cs = mode == USER ? SEL_LDT(2) : SEL_LDT(2) & ~3;
	f.ss = SEL_LDT(1);
	run_from(&f);
	want(pushed.entry, 6);
	want(trapped.cs & 0xffff, (long)f.cs);
	want(trapped.ss, SEL_LDT(1));
	rule_in(mode, "an empty entry of the LDT and one beyond its end are #GP with the selector");
	want(load(mode, DS, SEL_LDT(3)), 13);
	want(trapped.error, 3 << 3 | 4);
	want(load(mode, DS, SEL_LDT(512 + 100)), 13);
	want(trapped.error, (512 + 100) << 3 | 4);
	want(load(mode, CS, SEL_LDT(8191)), 13);
	want(trapped.error, 8191 << 3 | 4);
	rule_in(mode, "the null entry of the LDT is no null selector");
	want(load(mode, DS, SEL_LDT(0)), 13);
	want(trapped.error, 4);
}

static void faults(enum mode mode)
{
	struct frame f = state_in(mode, undefined);

	rule_in(mode, "a load from a page of the LDT that is missing is #PF at the descriptor");
	want(set_ldt(0, 0), 0);
	want(call(update_va_mapping, ldt[1], 0, UVMF_INVLPG), 0);
	want(set_ldt((uint64_t)ldt, 1024), 0);
	want(load(mode, DS, SEL_LDT(512 + 3)), 14);
	want(trapped_cr2, (long)&ldt[1][3]);
	want(load(mode, DS, SEL_LDT(1)), -1);
	rule_in(mode, "an iret to code of the missing page is #PF at the descriptor");
	f.cs = mode == USER ? SEL_LDT(512 + 5) : SEL_LDT(512 + 5) & ~3;
	trapped_cr2 = 0;
	run_from(&f);
	want(pushed.entry, 14);
	want(trapped_cr2, (long)&ldt[1][5]);
	map_frame(ldt[1], virt_to_mfn(ldt[1]), PTE_PRESENT | PTE_USER);
	rule_in(mode, "once it is mapped the load works");
	want(load(mode, DS, SEL_LDT(512 + 3)), -1);
}

static void lasting(void)
{
	rule("an LDT outlives a yield and a user's turn");
	want(call(sched_op, SCHEDOP_yield, 0), 0);
	want(enter(USER, undefined), 6);
	want(load(KERNEL, DS, SEL_LDT(1)), -1);
	rule("a shorter LDT of the same pages ends earlier");
	want(set_ldt((uint64_t)ldt, 2), 0);
	want(load(KERNEL, DS, SEL_LDT(1)), -1);
	want(load(KERNEL, CS, SEL_LDT(2)), 13);
	want(trapped.error, 2 << 3 | 4);
	rule("a register that was loaded from an LDT keeps its segment without it");
	asm volatile("mov %0, %%ds" : : "r"(SEL_LDT(1)));
	want(set_ldt(0, 0), 0);
	want_true(ldt[0][1]);			/* by DS */
	asm volatile("mov %0, %%ds" : : "r"(0));
	want(load(KERNEL, DS, SEL_LDT(1)), 13);
	want(trapped.error, 1 << 3 | 4);
}

void local(void)
{
	arguments();
	ldt[0][1] = SEGMENT(DATA);
	ldt[0][2] = SEGMENT(CODE);
	ldt[1][3] = SEGMENT(DATA);
	for (unsigned int i = 0; i < 2; i++)
		want(map_frame(ldt[i], virt_to_mfn(ldt[i]), PTE_PRESENT | PTE_USER), 0);
	want(set_ldt((uint64_t)ldt, 612), 0);
	use(KERNEL);
	use(USER);
	faults(KERNEL);
	faults(USER);
	lasting();
}
