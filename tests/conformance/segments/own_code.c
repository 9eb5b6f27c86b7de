/* SPDX-License-Identifier: MIT */
/* own_code.c - privileged instructions in a code segment of the guest's own,
 * where Linux begins all of its vCPUs but the first.
 */
#include <xen/physdev.h>

#include "segments.h"

#define UD	6
#define GP	13

SNIPPET(own_mov_cr4, "mov %cr4, %rax; ud2")
SNIPPET(own_rdmsr, "mov $0x277, %ecx; rdmsr; ud2")
SNIPPET(own_clts, "clts; ud2")
SNIPPET(own_wbinvd, "wbinvd; ud2")
SNIPPET(own_cpuid, "xor %eax, %eax; .byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid; ud2")
SNIPPET(own_in, "in $0x80, %al; ud2")
SNIPPET(own_hlt, "hlt; ud2")

static int in_own(enum mode mode, const char *code)
{
	struct frame f = state_in(mode, code);

	f.cs = mode == USER ? SEL(4) : SEL(4) & ~3;
	run_from(&f);
	return (int)pushed.entry;
}

static unsigned long cr4(void)
{
	unsigned long v;

	asm volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

static struct physdev_set_iopl *iopl(uint32_t level)
{
	static struct physdev_set_iopl i;

	i.iopl = level;
	return &i;
}

/* Below 4 GiB there is one page: code at its beginning. */
static int in_own32(uint64_t segment)
{
	struct frame f = state_in(USER, (void *)LOW);

	memcpy(low_page, own_in, 4);
	want(describe(4, segment), 0);
	f.cs = SEL(4);
	f.rsp = LOW + sizeof(low_page);
	run_from(&f);
	return (int)pushed.entry;
}

static void own_code32(void)
{
	const uint64_t code32 = (SEGMENT(CODE) & ~(1ul << 53)) | 1ul << 54;

	rule("user: ports are read in code of the guest's GDT, if they may");
	want(in_own(USER, own_in), GP);
	want(call(physdev_op, PHYSDEVOP_set_iopl, iopl(3)), 0);
	want(in_own(USER, own_in), UD);
	rule("user: so they are in 32-bit code");
	want(in_own32(code32), UD);
	want(trapped.rip, LOW + 2);
	want(call(physdev_op, PHYSDEVOP_set_iopl, iopl(0)), 0);
	want(in_own32(code32), GP);
	want(trapped.rip, LOW);
	want(describe(4, SEGMENT(CODE)), 0);
}

void own_code(void)
{
	want(describe(4, SEGMENT(CODE)), 0);
	rule("kernel: privileged instructions are done in 64-bit code of the guest's GDT");
	want(in_own(KERNEL, own_mov_cr4), UD);
	want((long)pushed.rax, (long)cr4());
	want(in_own(KERNEL, own_rdmsr), UD);
	want(in_own(KERNEL, own_clts), UD);
	want(in_own(KERNEL, own_wbinvd), UD);
	want(in_own(KERNEL, own_cpuid), UD);
	rule("kernel: what is refused elsewhere is refused there");
	want(in_own(KERNEL, own_hlt), GP);
	rule("user: privileged instructions are refused there as elsewhere");
	want(in_own(USER, own_mov_cr4), GP);
	want(in_own(USER, own_rdmsr), GP);
	want(in_own(USER, own_clts), GP);
	own_code32();
}
