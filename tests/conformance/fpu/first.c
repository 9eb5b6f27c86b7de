/* SPDX-License-Identifier: MIT */
/* first.c - the registers of a vCPU that has just begun. */
#include "fpu.h"

void first(void)
{
	struct image i;
	unsigned int used = 0;

	memset(&i, 0xee, sizeof(i));
	save(&i);
	rule("x87 starts as FNINIT leaves it");
	want(i.fcw, 0x37f);
	want(i.fsw, 0);
	want(i.ftw, 0);
	rule("MXCSR starts as after reset");
	want(i.mxcsr, 0x1f80);
	rule("MXCSR's mask allows denormals-are-zero");
	want_true(i.mxcsr_mask & 0x40);
	want(i.mxcsr_mask & ~0x2ffff, 0);
	rule("SSE registers start as zero");
	for (unsigned int n = 0; n < 16; n++)
		for (unsigned int at = 0; at < 16; at++)
			used += i.xmm[n][at];
	want(used, 0);
	rule("x87 registers start as zero");
	for (unsigned int n = 0; n < 8; n++)
		for (unsigned int at = 0; at < 10; at++)
			used += i.st[n][at];
	want(used, 0);
}
