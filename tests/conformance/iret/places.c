/* SPDX-License-Identifier: MIT */
/* places.c - where RIP and RSP of the frame may point. */
#include "iret.h"

#define FIRST_NON_CANONICAL	0x800000000000ul
#define LAST_NON_CANONICAL	0xffff7ffffffffffful
#define NOWHERE			0x5000ul

static void wild_rip(enum mode mode, uint64_t iret_flags)
{
	static const uint64_t where[] = {
		FIRST_NON_CANONICAL, FIRST_NON_CANONICAL + 0x1000, 0x8000000000000000,
		0x7fffffffffffffff, LAST_NON_CANONICAL,
	};

	for (unsigned int i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		struct frame f = state_in(mode, (void *)where[i]);

		f.iret_flags = iret_flags;
		run_from(&f);
		want(pushed.entry, 13);
		want(error_pushed(), true);
		want(trapped.error, 0);
		want(trapped.rip, (long)where[i]);
		want(trapped.rsp, (long)f.rsp);
		want(trapped.cs & 0xffff, mode == USER ? 0xe033 : 0xe030);
		want(trapped.rax, (long)f.rax);
	}
}

static void wild(enum mode mode)
{
	static const uint64_t stacks[] = {
		0, 1, 0x7ffffffffff8, FIRST_NON_CANONICAL, LAST_NON_CANONICAL, ~0ul,
		HYPERVISOR_VIRT_START,
	};

	rule_in(mode, "RIP that is not canonical is #GP(0), RIP and RSP being what was asked for");
	wild_rip(mode, 0);
	rule_in(mode, "with in_syscall RIP that is not canonical is #GP(0) as well");
	wild_rip(mode, VGCF_in_syscall);
	rule_in(mode, "RIP that is not mapped is a page fault there");
	for (unsigned int i = 0; i < 2; i++) {
		struct frame f = state_in(mode, (void *)NOWHERE);

		f.iret_flags = i ? VGCF_in_syscall : 0;
		run_from(&f);
		want(pushed.entry, 14);
		want(trapped.rip, NOWHERE);
		want(trapped_cr2, NOWHERE);
		want(trapped.error, 16 | (mode == USER ? 4 : 0));
	}
	if (mode == KERNEL)
		return;
	rule_in(USER, "RSP may be anything");
	for (unsigned int i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++)
		for (unsigned int way = 0; way < 2; way++) {
			struct frame f = state_in(USER, undefined);

			f.rsp = stacks[i];
			f.iret_flags = way ? VGCF_in_syscall : 0;
			run_from(&f);
			want(pushed.entry, 6);
			want(trapped.rsp, (long)stacks[i]);
			want(pushed.rsp, (long)kernel_entry_stack() - 56);
		}
}

void places(void)
{
	wild(KERNEL);
	wild(USER);
}
