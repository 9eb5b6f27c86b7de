/* SPDX-License-Identifier: MIT */
/* roots.c - a top table that another vCPU runs on. */
#include "smp-memory.h"

static PAGE uint64_t second_top[512];
static volatile bool on_it, leave;
static volatile long arrived, left;

static void run_on_it(void *arg)
{
	(void)arg;
	arrived = ext(MMUEXT_NEW_BASEPTR, virt_to_mfn(second_top), 0);
	for (on_it = true; !leave;)
		call(xen_version, 0, 0);
	left = ext(MMUEXT_NEW_BASEPTR,
		   virt_to_mfn((void *)start_info->pt_base), 0);
	on_it = false;
}

void roots(void)
{
	const uint64_t *top = (const uint64_t *)start_info->pt_base;
	unsigned long mfn = virt_to_mfn(second_top);

	rule("a vCPU can run on a top table of its own");
	for (unsigned int i = 0; i < 512; i++)
		if (i < 256 || i > 271)
			second_top[i] = top[i];
	want(map_as(second_top, mfn, RO, UVMF_INVLPG | UVMF_ALL), 0);
	want(ext(MMUEXT_PIN_L4_TABLE, mfn, 0), 0);
	begin(1, run_on_it, 0);
	want_true(comes(on_it));
	want(arrived, 0);
	rule("a top table that another vCPU runs on can be unpinned, and pinned again");
	want(ext(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
	want(ext(MMUEXT_UNPIN_TABLE, mfn, 0), -XEN_EINVAL);
	want(ext(MMUEXT_PIN_L4_TABLE, mfn, 0), 0);
	want(ext(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
	rule("a top table that another vCPU runs on stays one, pinned or not");
	want(map_as(second_top, mfn, RW, UVMF_INVLPG), -XEN_EBUSY);
	want(ext(MMUEXT_PIN_L1_TABLE, mfn, 0), -XEN_EINVAL);
	rule("changed entries of lower tables are the same for both after a flush");
	want(map_as(pages[1], frame_of(pages[2]), RW,
		    UVMF_TLB_FLUSH | UVMF_ALL), 0);
	pages[1][0] = 77;
	want(pages[2][0], 77);
	want(map_as(pages[1], frame_of(pages[1]), RW,
		    UVMF_TLB_FLUSH | UVMF_ALL), 0);
	rule("a top table that its last vCPU has left is a page again");
	leave = true;
	want_true(ended(1));
	want(left, 0);
	want(map_as(second_top, mfn, RW, UVMF_INVLPG), 0);
	second_top[0] = 1;
}
