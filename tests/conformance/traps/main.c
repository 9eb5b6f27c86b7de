/* SPDX-License-Identifier: MIT */
/* traps - exceptions and software interrupts, from kernel and user mode: which
 * gate they enter, with what frame, and what set_trap_table makes of gates.
 */
#include "traps.h"

const char suite_name[] = "traps";

/* A page of its own table, so that it is not in the user half: slot 0. */
static PAGE uint64_t l3[512], l2[512], l1[512];
static PAGE uint8_t kernel_only_page[4096];
uint8_t *const kernel_only = (uint8_t *)0x400000;

static void map_kernel_only(void)
{
	uint64_t *pages[] = { l1, l2, l3 };
	struct mmu_update top = {
		virt_to_mfn((void *)start_info->pt_base) << 12,
		virt_to_mfn(l3) << 12 | 7,
	};

	l1[0x400000 >> 12 & 511] = virt_to_mfn(kernel_only_page) << 12 | 7;
	l2[0x400000 >> 21 & 511] = virt_to_mfn(l1) << 12 | 7;
	l3[0] = virt_to_mfn(l2) << 12 | 7;
	for (unsigned int i = 0; i < 3; i++)
		want(map_frame(pages[i], virt_to_mfn(pages[i]), PTE_PRESENT), 0);
	want(call(mmu_update, &top, 1, 0, DOMID_SELF), 0);
	*kernel_only = 1;
}

void suite_main(void)
{
	rule("user mode has a page table of its own");
	want(user_open(), 0);
	map_kernel_only();
	exceptions();
	page_faults();
	frames();
	flags();
	gates();
	trap_table();
	handlers();
}
