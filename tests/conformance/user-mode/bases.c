/* SPDX-License-Identifier: MIT */
/* bases.c - FS and GS: bases by call, by mode, and over every way in and out. */
#include <xen/sched.h>

#include "shared.h"
#include "user.h"

#define set_base(which, base)	call(set_segment_base, which, base)

SNIPPET(read_bases, "mov %fs:0, %rdx; mov %gs:0, %rsi; ud2")
SNIPPET(undefined, "ud2")
SNIPPET(breakpoint, "int3")
SNIPPET(int_80, "int $0x80")
SNIPPET(call_kernel, "syscall")
SNIPPET(fault, "mov 0x5000, %eax")
SNIPPET(protection, "hlt")

static uint64_t words[3] = { 1000, 1001, 1002 };

static uint64_t seen_fs, seen_gs;

static bool look(struct frame *f)
{
	seen_fs = at_fs();
	seen_gs = at_gs();
	return false;
}

static void want_user_bases(uint64_t fs, uint64_t gs)
{
	want(enter(USER, read_bases), 6);
	want(trapped.rdx, (long)fs);
	want(trapped.rsi, (long)gs);
}

static void by_call(void)
{
	rule("set_segment_base sets FS, the user's GS and the kernel's GS");
	want(set_base(SEGBASE_FS, &words[0]), 0);
	want(set_base(SEGBASE_GS_USER, &words[1]), 0);
	want(set_base(SEGBASE_GS_KERNEL, &words[2]), 0);
	want(at_fs(), 1000);
	want(at_gs(), 1002);
	rule("FS is the same in both modes, GS is each one's own");
	want_user_bases(1000, 1001);
	want(at_fs(), 1000);
	want(at_gs(), 1002);
	rule("a base that is not canonical is EINVAL and changes nothing");
	for (unsigned int which = SEGBASE_FS; which <= SEGBASE_GS_KERNEL; which++) {
		want(set_base(which, 0x800000000000), -XEN_EINVAL);
		want(set_base(which, 0xffff7fffffffffff), -XEN_EINVAL);
		want(set_base(which, 1ul << 63), -XEN_EINVAL);
	}
	want(at_fs(), 1000);
	want(at_gs(), 1002);
	want_user_bases(1000, 1001);
	rule("there are no other bases");
	for (unsigned long which = 4; which < 64; which++)
		want(set_base(which, 0), -XEN_EINVAL);
	want(set_base(~0u, 0), -XEN_EINVAL);
	rule("a base may be the hypervisor's address: it can be set, not used");
	want(set_base(SEGBASE_FS, HYPERVISOR_VIRT_START + 0x40000000000), 0);
	want(enter(USER, read_bases), 14);
	want(set_base(SEGBASE_FS, &words[0]), 0);
}

static const struct { const char *rule, *code; } ways[] = {
	{ "#UD finds the kernel's GS, and leaves the user's", undefined },
	{ "INT3 finds the kernel's GS, and leaves the user's", breakpoint },
	{ "INT 80 finds the kernel's GS, and leaves the user's", int_80 },
	{ "SYSCALL finds the kernel's GS, and leaves the user's", call_kernel },
	{ "#PF finds the kernel's GS, and leaves the user's", fault },
	{ "#GP finds the kernel's GS, and leaves the user's", protection },
};

static void by_way(void)
{
	trap_hook = look;
	for (enum mode mode = KERNEL; mode <= USER; mode++)
		for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
			if (mode == KERNEL && ways[i].code == call_kernel)
				continue;
			rule_in(mode, ways[i].rule);
			seen_gs = seen_fs = 0;
			enter(mode, ways[i].code);
			want(seen_fs, 1000);
			want(seen_gs, 1002);
			want_user_bases(1000, 1001);
		}
	trap_hook = NULL;
}

static void over_calls(void)
{
	struct sched_poll p = { .timeout = 1 };

	rule("bases outlive a yield and a sleep");
	want(call(sched_op, SCHEDOP_yield, 0), 0);
	want(call(sched_op, SCHEDOP_poll, &p), 0);
	want(at_fs(), 1000);
	want(at_gs(), 1002);
	want_user_bases(1000, 1001);
	rule("MSRs FS_BASE, GS_BASE, KERNEL_GS_BASE are FS, the kernel's GS and the user's");
	for (unsigned int i = 0; i < 3; i++) {
		static const uint8_t word[] = { 0, 2, 1 };
		uint32_t low, high;

		asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0xc0000100 + i));
		want((uint64_t)high << 32 | low, (long)&words[word[i]]);
	}
}

void bases(void)
{
	by_call();
	by_way();
	over_calls();
}
