/* SPDX-License-Identifier: MIT */
/* checks.c - images that cannot be loaded, and instructions not for users. */
#include "fpu.h"

SNIPPET(load_image, "fxrstor64 (%rdi); ud2")
SNIPPET(set_xcr, "xor %ecx, %ecx; xor %edx, %edx; mov $3, %eax; xsetbv; ud2")
SNIPPET(get_xcr, "xor %ecx, %ecx; xgetbv; ud2")

static void bad_images(enum mode mode)
{
	struct frame f = state_in(mode, load_image);
	struct image i = pattern(1);

	f.rdi = (uint64_t)&i;
	rule_in(mode, "FXRSTOR of an unaligned image is #GP(0)");
	f.rdi += 8;
	run_from(&f);
	want(pushed.entry, 13);
	want(trapped.error, 0);
	rule_in(mode, "FXRSTOR from nowhere is a page fault there");
	f.rdi = 0x5000;
	run_from(&f);
	want(pushed.entry, 14);
	want(trapped_cr2, 0x5000);
	want(trapped.error, mode == USER ? 4 : 0);
}

void checks(void)
{
	bad_images(KERNEL);
	bad_images(USER);
	rule("users can read XCR0 and not write it");
	if (!avx_open()) {
		skip("this processor has no AVX");
		return;
	}
	want(enter(USER, get_xcr), 6);
	want(trapped.rax, 7);
	want(enter(USER, set_xcr), 13);
	want(trapped.error, 0);
	want(enter(KERNEL, set_xcr), 6);
	want(enter(USER, get_xcr), 6);
	want(trapped.rax, 3);
	avx_close();
}
