/* SPDX-License-Identifier: MIT */
/* selectors.c - the frame's CS and SS: privilege, mode, and refusals. */
#include "iret.h"

#define CODE_DPL3	0x00affb000000fffful
#define DATA_DPL3	0x00cff3000000fffful
#define NOT_PRESENT	0x00af7b000000fffful

static PAGE uint64_t gdt[512] = {
	[1] = CODE_DPL3, [2] = DATA_DPL3, [3] = NOT_PRESENT,
	[5] = DATA_DPL3 & ~(1ul << 41),		/* data, cannot be written */
};

static struct frame with(enum mode mode, uint64_t cs, uint64_t ss)
{
	struct frame f = state_in(mode, undefined);

	f.cs = cs;
	f.ss = ss;
	run_from(&f);
	return f;
}

static void mode_by_rpl(void)
{
	rule("RPL 0, 1 or 2 in CS is kernel mode, and CS's RPL is 0 in the next frame");
	for (unsigned int rpl = 0; rpl < 3; rpl++) {
		with(KERNEL, 0xe030 | rpl, FLAT_KERNEL_SS);
		want(pushed.entry, 6);
		want(trapped.cs & 0xffff, 0xe030);
		want_true(pushed.rsp < trapped.rsp && pushed.rsp > trapped.rsp - 128);
	}
	rule("RPL 3 in CS is user mode");
	with(USER, 0xe033, FLAT_KERNEL_SS);
	want(pushed.entry, 6);
	want(trapped.cs & 0xffff, 0xe033);
	want(pushed.rsp, (long)kernel_entry_stack() - 56);
}

static void ignored_bits(enum mode mode)
{
	uint64_t cs = mode == USER ? 0xe033 : 0xe030;

	rule_in(mode, "SS gets RPL 3");
	for (unsigned int rpl = 0; rpl < 4; rpl++) {
		with(mode, cs, 0xe028 | rpl);
		want(pushed.entry, 6);
		want(trapped.ss, FLAT_KERNEL_SS);
	}
	rule_in(mode, "bits from 16 on of CS and SS mean nothing: the word that was pushed will do");
	for (unsigned int bit = 16; bit < 64; bit++) {
		with(mode, cs | 1ul << bit, FLAT_KERNEL_SS | 1ul << bit);
		want(pushed.entry, 6);
		want(trapped.cs & 0xffffffff, (long)cs);
		want(trapped.ss, FLAT_KERNEL_SS);
	}
	with(mode, cs | 0x100000000, FLAT_KERNEL_SS);
	want(trapped.rflags & RFLAGS_IF, 0);
	want(pushed.mask, 1);
}

static void own_segments(enum mode mode)
{
	unsigned int rpl = mode == USER ? 3 : 0;

	rule_in(mode, "code and stack segments of the guest's GDT work");
	with(mode, 1 << 3 | rpl, 2 << 3 | 3);
	want(pushed.entry, 6);
	want(trapped.cs & 0xffff, 1 << 3 | rpl);
	want(trapped.ss & 0xffff, 2 << 3 | 3);
	rule_in(mode, "in_syscall means the flat segments, whatever the frame's are");
	{
		struct frame f = state_in(mode, undefined);

		f.cs = 1 << 3 | rpl;
		f.ss = 2 << 3 | 3;
		f.iret_flags = VGCF_in_syscall;
		run_from(&f);
		want(pushed.entry, 6);
		want(trapped.cs & 0xffff, 0xe030 | rpl);
		want(trapped.ss, FLAT_KERNEL_SS);
		want(trapped.rip, (long)undefined);
		want(trapped.rsp, (long)f.rsp);
	}
}

/* cs or ss that is refused; vector and error by which the kernel hears. */
struct refusal { const char *rule; uint16_t cs, ss; uint8_t vector; uint16_t error; };

static const struct refusal refusals[] = {
	{ "a null CS is #GP(0)", 0, 0, 13, 0 },
	{ "CS beyond the GDT is #GP with it", 0x1008, 0, 13, 0x1008 },
	{ "CS of no LDT is #GP with it", 0x0c, 0, 13, 0x0c },
	{ "CS of a data segment is #GP with it", 0x10, 0, 13, 0x10 },
	{ "CS of the flat stack is #GP with it", 0xe028, 0, 13, 0xe028 },
	{ "CS of the hypervisor is #GP with it", 0xe008, 0, 13, 0xe008 },
	{ "CS of a task segment is #GP with it", 0xe040, 0, 13, 0xe040 },
	{ "CS that is not present is #NP with it", 0x18, 0, 11, 0x18 },
	{ "SS beyond the GDT is #GP with it", 0xe030, 0x1008, 13, 0x1008 },
	{ "SS of a code segment is #GP with it", 0xe030, 0x08, 13, 0x08 },
	{ "SS that cannot be written is #GP with it", 0xe030, 0x28, 13, 0x28 },
	{ "SS of the hypervisor is #GP with it", 0xe030, 0xe010, 13, 0xe010 },
};

static void refused(enum mode mode)
{
	unsigned int rpl = mode == USER ? 3 : 0;

	for (unsigned int i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct frame f;

		rule_in(mode, r->rule);
		f = with(mode, r->cs | rpl, r->ss ? r->ss | 3 : FLAT_KERNEL_SS);
		want(pushed.entry, r->vector);
		want(error_pushed(), true);
		want(trapped.error, r->error);
		want(trapped.rip, (long)f.rip);
		want(trapped.cs & 0xffff, r->cs | rpl);
		want(trapped.ss & 0xffff, (long)f.ss);
		want(trapped.rsp, (long)f.rsp);
		want(memcmp(&trapped, &f, offsetof(struct frame, iret_flags)), 0);
	}
}

void selectors(void)
{
	uint64_t frame = virt_to_mfn(gdt);

	mode_by_rpl();
	want(map_frame(gdt, frame, PTE_PRESENT | PTE_USER), 0);
	want(call(set_gdt, &frame, 512), 0);
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		ignored_bits(mode);
		own_segments(mode);
		refused(mode);
	}
	want(call(set_gdt, 0, 0), 0);
}
