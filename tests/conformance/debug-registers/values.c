/* SPDX-License-Identifier: MIT */
/* values.c - which addresses may be watched, and DR4 and DR5 with CR4.DE. */
#include "debug.h"

static const uint64_t good[] = {
	0, 1, 0x1000, 0x7fffffffffff, 0xffff880000000000, 0xffffffff80000000, ~0ul,
};
static const uint64_t bad[] = {
	0x800000000000, 0xffff7fffffffffff, 0x8000000000000000,
	0xffff800000000000, 0xffff800000000001, 0xffff804000000000, 0xffff820000000000,
	0xffff828000000000, 0xffff82d000000000, 0xffff82d080000000, 0xffff830000000000,
	0xffff87ffffffffff,
};

static void addresses(void)
{
	for (unsigned int n = 0; n < 4; n++) {
		static const char *const takes[] = {
			"DR0 takes addresses of the guest's", "DR1 takes addresses of the guest's",
			"DR2 takes addresses of the guest's", "DR3 takes addresses of the guest's",
		};
		static const char *const refuses[] = {
			"DR0 refuses the hypervisor's addresses, armed or not: EPERM",
			"DR1 refuses the hypervisor's addresses, armed or not: EPERM",
			"DR2 refuses the hypervisor's addresses, armed or not: EPERM",
			"DR3 refuses the hypervisor's addresses, armed or not: EPERM",
		};

		rule(takes[n]);
		for (unsigned int i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
			want(set_debugreg(n, good[i]), 0);
			want(get_debugreg(n), (long)good[i]);
		}
		rule(refuses[n]);
		set_debugreg(n, 0x1234);
		for (unsigned int armed = 0; armed < 2; armed++) {
			set_debugreg(7, armed ? ARM(n, WRITE, EIGHT) : 0);
			for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
				want(set_debugreg(n, bad[i]), -XEN_EPERM);
				want(get_debugreg(n), 0x1234);
			}
		}
		disarm();
	}
}

static void control(void)
{
	rule("DR7's length and type bits stay as they are set, for all of them");
	for (unsigned int n = 0; n < 4; n++)
		for (unsigned int length = 0; length < 4; length++)
			for (enum what what = 0; what <= ACCESS; what++) {
				uint64_t v = (uint64_t)(what | length << 2) << (16 + 4 * n);

				if (what == PORT)
					continue;
				want(set_debugreg(7, v), 0);
				want(get_debugreg(7), (long)(v | DR7_CLEAR));
			}
	rule("DR7's bits 8 and 9 can be set, 10 is set, 11, 12, 14 and 15 are clear");
	want(set_debugreg(7, 0x300), 0);
	want(get_debugreg(7), 0x700);
	want(set_debugreg(7, 0xd800), 0);
	want(get_debugreg(7), DR7_CLEAR);
	rule("a value of DR7 that is refused changes nothing");
	set_debugreg(7, 0x100);
	want(set_debugreg(7, 0x2000), -XEN_EPERM);
	want(set_debugreg(7, 1ul << 32), -XEN_EINVAL);
	want(get_debugreg(7), 0x500);
	disarm();
	rule("there are no registers from 8 on, by any number");
	for (unsigned long n = 8; n < 40; n++) {
		want(set_debugreg(n, 0), -XEN_ENODEV);
		want(get_debugreg(n), -XEN_ENODEV);
	}
	want(get_debugreg(~0ul), -XEN_ENODEV);
}

SNIPPET(read_4, "mov %db4, %rax; ud2")
SNIPPET(read_5, "mov %db5, %rax; ud2")
SNIPPET(write_4, "mov %rax, %db4; ud2; ud2")

static void extensions(void)
{
	uint64_t cr4;
	struct frame f = state_in(KERNEL, write_4);

	rule("without CR4.DE DR4 and DR5 are DR6 and DR7");
	want(enter(KERNEL, read_4), 6);
	want(trapped.rax, DR6_CLEAR);
	want(enter(KERNEL, read_5), 6);
	want(trapped.rax, DR7_CLEAR);
	rule("with CR4.DE they are not to be written");
	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	asm volatile("mov %0, %%cr4" : : "r"(cr4 | 8));
	want(set_debugreg(4, 0), -XEN_ENODEV);
	want(set_debugreg(5, 0), -XEN_ENODEV);
	f.rax = 0;
	run_from(&f);
	want_true(pushed.entry == 13 || pushed.entry == 6);
	want(trapped.rip, (long)write_4);
	asm volatile("mov %0, %%cr4" : : "r"(cr4));
	disarm();
}

void values(void)
{
	addresses();
	control();
	extensions();
}
