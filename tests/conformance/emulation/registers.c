/* SPDX-License-Identifier: MIT */
/* registers.c - control registers and debug registers. */
#include <xen/version.h>

#include "emulation.h"

#define READ(name, n)	static void get_##name##n(void *unused)		\
	{ asm volatile("mov %%" #name #n ", %0" : "=r"(value)); }
#define WRITE(name, n)	static void set_##name##n(void *unused)		\
	{ asm volatile("mov %0, %%" #name #n : : "r"(value)); }
#define BOTH(name, n)	READ(name, n) WRITE(name, n)
BOTH(cr, 0) BOTH(cr, 2) BOTH(cr, 3) READ(cr, 4) BOTH(cr, 8)
BOTH(db, 0) BOTH(db, 1) BOTH(db, 2) BOTH(db, 3) BOTH(db, 4) BOTH(db, 5) BOTH(db, 6)
BOTH(db, 7)

void set_cr4(void *unused)
{
	asm volatile("mov %0, %%cr4" : : "r"(value));
}

#define CR0	0x80050033ul
#define CR0_TS	0x8ul
#define CR4	0x660ul

/* What `set` makes of it, by `get`; a vector negated. */
static long after(void (*set)(void *), void (*get)(void *), uint64_t in)
{
	int vector = vector_of(set, in);

	return vector < 0 ? read_by(get) : -vector;
}

static void control_0_to_3(void)
{
	uint64_t base = virt_to_mfn((void *)start_info->pt_base) << 12;

	rule("CR0 says PG AM WP NE ET MP PE");
	want(read_by(get_cr0), CR0);
	rule("CR0.TS can be set and cleared, and only TS");
	want(after(set_cr0, get_cr0, CR0 | CR0_TS), CR0 | CR0_TS);
	want(after(set_cr0, get_cr0, CR0), CR0);
	for (unsigned int bit = 0; bit < 64; bit++)
		if (1ul << bit != CR0_TS)
			want(after(set_cr0, get_cr0, CR0 ^ 1ul << bit), -TRAP_GP);
	rule("CR2 keeps what is written");
	want(after(set_cr2, get_cr2, 0x123456789abc), 0x123456789abc);
	want(after(set_cr2, get_cr2, 0), 0);
	rule("CR3 is the machine address of the top table");
	want(read_by(get_cr3), base);
	rule("CR3 can be loaded, with a table only; low bits are dropped");
	want(after(set_cr3, get_cr3, base), base);
	want(after(set_cr3, get_cr3, base | 8), base);
	want(after(set_cr3, get_cr3, virt_to_mfn((void *)start_info) << 12), -TRAP_GP);
	want(after(set_cr3, get_cr3, ~0ul), -TRAP_GP);
	rule("there is no CR8");
	want(read_by(get_cr8), -TRAP_GP);
	want(after(set_cr8, get_cr8, 0), -TRAP_GP);
}

static void control_4(void)
{
	uint64_t choice = 0xc;		/* TSD DE */

	rule("CR4 says PAE MCE OSFXSR OSXMMEXCPT");
	want(read_by(get_cr4), CR4);
	rule("CR4: TSD, DE, and FSGSBASE and OSXSAVE where there are, are a guest's");
	if (forced(7, 0).b & 1)
		choice |= 1ul << 16;
	if (hardware(1, 0).c & 1u << 26)
		choice |= 1ul << 18;
	want(after(set_cr4, get_cr4, ~0ul), CR4 | choice);
	for (unsigned int bit = 0; bit < 64; bit++)
		want(after(set_cr4, get_cr4, 1ul << bit), CR4 | (choice & 1ul << bit));
	want(after(set_cr4, get_cr4, CR4), CR4);
}

static void rdfsbase(void *unused)
{
	asm volatile("rdfsbase %0" : "=r"(value));
}

static void wrgsbase(void *unused)
{
	asm volatile("wrgsbase %0" : : "r"(value));
}

static void fsgsbase(void)
{
	rule("RDFSBASE and its like are #UD until CR4.FSGSBASE is set");
	if (!(forced(7, 0).b & 1)) {
		skip("not on this processor");
		return;
	}
	want(vector_of(rdfsbase, 0), TRAP_UD);
	want(vector_of(set_cr4, CR4 | 1ul << 16), -1);
	want(vector_of(wrgsbase, 0), -1);
	call(sched_op, 0, 0);
	want(vector_of(rdfsbase, 0x7777), -1);
	want(value, 0);
	want(vector_of(set_cr4, CR4), -1);
	want(vector_of(rdfsbase, 0), TRAP_UD);
}

static long by_call(unsigned int reg, uint64_t in)
{
	long rc = call(set_debugreg, reg, in);

	return rc ? rc : call(get_debugreg, reg);
}

static void debug_calls(void)
{
	rule("debug registers start as after reset");
	for (unsigned int i = 0; i < 4; i++)
		want(call(get_debugreg, i), 0);
	want(call(get_debugreg, 6), 0xffff0ff0);
	want(call(get_debugreg, 7), 0x400);
	rule("debug registers 4 and 5 are 6 and 7");
	want(call(get_debugreg, 4), 0xffff0ff0);
	want(call(get_debugreg, 5), 0x400);
	rule("debug registers from 8 on are ENODEV");
	want(call(get_debugreg, 8), -XEN_ENODEV);
	want(call(set_debugreg, 8, 0), -XEN_ENODEV);
	rule("breakpoint addresses are canonical and not the hypervisor's");
	for (unsigned int i = 0; i < 4; i++) {
		want(by_call(i, 0x123456), 0x123456);
		want(by_call(i, 0xffff880000000000), (long)0xffff880000000000);
		want(by_call(i, 0xffff800000000000), -XEN_EPERM);
		want(by_call(i, 0xffff87ffffffffff), -XEN_EPERM);
		want(by_call(i, 0x800000000000), -XEN_EPERM);
		want(by_call(i, 0), 0);
	}
	rule("reserved bits of DR6 read as they must");
	want(by_call(6, 0), 0xffff0ff0);
	want(by_call(6, 0xffffffff), 0xffffefff);
	want(by_call(6, 1ul << 32), -XEN_EINVAL);
	want(by_call(4, 0xf), 0xffff0fff);
	want(by_call(6, 0), 0xffff0ff0);
	rule("reserved bits of DR7 read as they must");
	want(by_call(7, 0), 0x400);
	want(by_call(7, 0xffff0000 & ~0x22220000u), 0xffff0400 & ~0x22220000u);
	want(by_call(7, 1ul << 32), -XEN_EINVAL);
	rule("general detect in DR7 is EPERM");
	want(by_call(7, 0x2000), -XEN_EPERM);
	rule("an I/O breakpoint is EPERM without CR4.DE, if it is armed");
	want(by_call(7, 0x20001), -XEN_EPERM);
	want(by_call(7, 0x20000), 0x20400);
	want(by_call(5, 0x1), 0x401);
	want(by_call(7, 0), 0x400);
}

static void debug_instructions(void)
{
	rule("MOV to and from debug registers does the same, refusals are #GP");
	want(read_by(get_db0), 0);
	want(read_by(get_db4), 0xffff0ff0);
	want(read_by(get_db5), 0x400);
	want(after(set_db0, get_db0, 0x1234), 0x1234);
	want(call(get_debugreg, 0), 0x1234);
	want(after(set_db0, get_db0, 0), 0);
	want(after(set_db1, get_db1, 0xffff800000001000), -TRAP_GP);
	want(after(set_db2, get_db2, 0x800000000000), -TRAP_GP);
	want(after(set_db3, get_db3, 0xffff880000001000), (long)0xffff880000001000);
	want(after(set_db3, get_db3, 0), 0);
	want(after(set_db4, get_db4, 0), 0xffff0ff0);
	want(after(set_db6, get_db6, 0xffffffff), 0xffffefff);
	want(after(set_db6, get_db6, 0x1ffffffff), -TRAP_GP);
	want(after(set_db6, get_db6, 0), 0xffff0ff0);
	want(after(set_db7, get_db7, 1), 0x401);
	want(after(set_db7, get_db7, 0x2400), -TRAP_GP);
	want(after(set_db7, get_db7, 0x20001), -TRAP_GP);
	want(after(set_db5, get_db5, 0), 0x400);
	want(after(set_db7, get_db7, 0), 0x400);
}

static volatile char watched;

static void touch(void *unused)
{
	watched = 1;
}

static struct xen_feature_info features;

static void touch_features(void *unused)
{
	*(volatile uint32_t *)&features.submap = 0;
}

static void breakpoints(void)
{
	rule("a watched byte raises #DB, and DR6 says which");
	want(call(set_debugreg, 0, (long)&watched), 0);
	want(call(set_debugreg, 7, 0x10001), 0);
	call(sched_op, 0, 0);
	want(vector_of(touch, 0), 1);
	want(call(get_debugreg, 6) & 0xf, 1);
	want(call(set_debugreg, 7, 0), 0);
	want(call(set_debugreg, 6, 0), 0);
	want(vector_of(touch, 0), -1);
	rule("what the hypervisor writes to a watched byte raises nothing, and the watch goes on");
	want(call(set_debugreg, 0, (long)&features.submap), 0);
	want(call(set_debugreg, 7, 0x10001), 0);
	want(call(xen_version, XENVER_get_features, &features), 0);
	want_true(features.submap);
	want(vector_of(touch_features, 0), 1);
	want(call(set_debugreg, 7, 0), 0);
	want(call(set_debugreg, 6, 0), 0);
	want(call(set_debugreg, 0, 0), 0);
}

void registers(void)
{
	control_0_to_3();
	control_4();
	fsgsbase();
	debug_calls();
	debug_instructions();
	breakpoints();
}
