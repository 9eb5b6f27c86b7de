/* SPDX-License-Identifier: MIT */
/* refused.c - instructions that are not for user code, and choices that are. */
#include <xen/physdev.h>

#include "user.h"

SNIPPET(i_hlt, "hlt")
SNIPPET(i_cli, "cli")
SNIPPET(i_sti, "sti")
SNIPPET(i_inb, "in $0x80, %al")
SNIPPET(i_outb, "out %al, $0x80")
SNIPPET(i_insb, "insb")
SNIPPET(i_from_cr0, "mov %cr0, %rax")
SNIPPET(i_to_cr0, "mov %rax, %cr0")
SNIPPET(i_from_cr2, "mov %cr2, %rax")
SNIPPET(i_from_cr3, "mov %cr3, %rax")
SNIPPET(i_to_cr3, "mov %rax, %cr3")
SNIPPET(i_from_cr4, "mov %cr4, %rax")
SNIPPET(i_to_cr4, "mov %rax, %cr4")
SNIPPET(i_from_cr8, "mov %cr8, %rax")
SNIPPET(i_from_dr6, "mov %db6, %rax")
SNIPPET(i_to_dr7, "mov %rax, %db7")
SNIPPET(i_clts, "clts")
SNIPPET(i_lmsw, "lmsw %ax")
SNIPPET(i_lgdt, "lgdt (%rsp)")
SNIPPET(i_lidt, "lidt (%rsp)")
SNIPPET(i_lldt, "lldt %ax")
SNIPPET(i_ltr, "ltr %ax")
SNIPPET(i_invlpg, "invlpg (%rsp)")
SNIPPET(i_rdmsr, "rdmsr")
SNIPPET(i_wrmsr, "wrmsr")
SNIPPET(i_swapgs, "swapgs")
SNIPPET(i_sysret, "sysretq")

static const struct { const char *rule, *code; } rows[] = {
	{ "HLT is #GP(0)", i_hlt }, { "CLI is #GP(0)", i_cli }, { "STI is #GP(0)", i_sti },
	{ "IN is #GP(0)", i_inb }, { "OUT is #GP(0)", i_outb }, { "INS is #GP(0)", i_insb },
	{ "MOV from CR0 is #GP(0)", i_from_cr0 }, { "MOV to CR0 is #GP(0)", i_to_cr0 },
	{ "MOV from CR2 is #GP(0)", i_from_cr2 }, { "MOV from CR3 is #GP(0)", i_from_cr3 },
	{ "MOV to CR3 is #GP(0)", i_to_cr3 }, { "MOV from CR4 is #GP(0)", i_from_cr4 },
	{ "MOV to CR4 is #GP(0)", i_to_cr4 }, { "MOV from CR8 is #GP(0)", i_from_cr8 },
	{ "MOV from DR6 is #GP(0)", i_from_dr6 }, { "MOV to DR7 is #GP(0)", i_to_dr7 },
	{ "CLTS is #GP(0)", i_clts }, { "LMSW is #GP(0)", i_lmsw },
	{ "LGDT is #GP(0)", i_lgdt }, { "LIDT is #GP(0)", i_lidt },
	{ "LLDT is #GP(0)", i_lldt }, { "LTR is #GP(0)", i_ltr },
	{ "INVLPG is #GP(0)", i_invlpg }, { "RDMSR is #GP(0)", i_rdmsr },
	{ "WRMSR is #GP(0)", i_wrmsr }, { "SWAPGS is #GP(0)", i_swapgs },
	{ "SYSRET is #GP(0)", i_sysret },
};

static int enter_with(const char *code, uint64_t rax, uint64_t rcx)
{
	struct frame f = state_in(USER, code);

	f.rax = rax;
	f.rcx = rcx;
	run_from(&f);
	return (int)pushed.entry;
}

static void privileged(void)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rule_in(USER, rows[i].rule);
		want(enter_with(rows[i].code, 0, 0xc0000080), 13);
		want(error_pushed(), true);
		want(trapped.error, 0);
		want(trapped.rip, (long)rows[i].code);
		want(trapped.cs & 3, 3);
	}
}

static void *iopl_arg(unsigned int level)
{
	static struct physdev_set_iopl i;

	i.iopl = level;
	return &i;
}

SNIPPET(in_then, "in $0x80, %al; ud2")
SNIPPET(cli_then, "cli; sti; ud2")

static void by_iopl(void)
{
	static uint8_t map[16];
	struct physdev_set_iobitmap b = { .nr_ports = 128 };

	rule_in(USER, "ports and CLI want IOPL 3: 1 and 2 are not enough");
	for (unsigned int level = 0; level < 4; level++) {
		want(call(physdev_op, PHYSDEVOP_set_iopl, iopl_arg(level)), 0);
		want(enter(USER, in_then), level == 3 ? 6 : 13);
		want(enter(USER, cli_then), level == 3 ? 6 : 13);
	}
	rule_in(USER, "CLI and STI with IOPL 3 do nothing to events");
	want(call(physdev_op, PHYSDEVOP_set_iopl, iopl_arg(3)), 0);
	want(enter(USER, cli_then), 6);
	want(trapped.cs >> 32, 1);
	want(trapped.rflags & RFLAGS_IF, 0);
	want(call(physdev_op, PHYSDEVOP_set_iopl, iopl_arg(0)), 0);
	rule_in(USER, "a clear bit of the I/O bitmap is for users too");
	memset(map, 0xff, sizeof(map));
	set_xen_guest_handle(b.bitmap, map);
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &b), 0);
	want(enter(USER, in_then), 13);
	b.nr_ports = 136;
	{
		static uint8_t more[17];

		memset(more, 0xff, sizeof(more));
		more[16] = 0xfe;
		set_xen_guest_handle(b.bitmap, more);
		want(call(physdev_op, PHYSDEVOP_set_iobitmap, &b), 0);
	}
	want(enter(USER, in_then), 6);
	b.nr_ports = 0;
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &b), 0);
	want(enter(USER, in_then), 13);
}

/* Where Linux has it: no user's table maps it. */
static void bitmap_of_the_kernels(void)
{
	struct physdev_set_iobitmap b = { .nr_ports = 4096 * 8 };

	rule_in(USER, "the I/O bitmap is looked up where the kernel has it");
	memset(kernel_page, 0xff, sizeof(kernel_page));
	set_xen_guest_handle(b.bitmap, (uint8_t *)KERNEL_PAGE);
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &b), 0);
	want(enter(USER, in_then), 13);
	kernel_page[0x80 / 8] = 0xfe;
	want(enter(USER, in_then), 6);
	b.nr_ports = 0;
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &b), 0);
}

SNIPPET(forced_cpuid, ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2; ud2")
SNIPPET(tsc, "rdtsc; ud2")

static void allowed(void)
{
	uint64_t cr4;

	rule_in(USER, "CPUID with the prefix tells users the same of the hypervisor");
	want(enter_with(forced_cpuid, 0x40000000, 0), 6);
	want(trapped.rip, (long)forced_cpuid + 7);
	want(trapped.rbx, 0x566e6558);
	rule_in(USER, "RDTSC works, but with CR4.TSD it is #GP(0)");
	want(enter(USER, tsc), 6);
	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	asm volatile("mov %0, %%cr4" : : "r"(cr4 | 4));
	want(enter(USER, tsc), 13);
	want(trapped.error, 0);
	want(enter(KERNEL, tsc), 6);
	asm volatile("mov %0, %%cr4" : : "r"(cr4));
	want(enter(USER, tsc), 6);
}

void refused(void)
{
	privileged();
	by_iopl();
	bitmap_of_the_kernels();
	allowed();
}
