/* SPDX-License-Identifier: MIT */
/* smp-memory - what one vCPU does to memory, as the others see it: no stale
 * translation after a flush or a change of use, tables in use stay tables, and
 * who comes second gets the right error.
 */
#include "smp-memory.h"

const char suite_name[] = "smp-memory";

uint8_t pages[8][4096] PAGE;

unsigned long frame_of(const void *page)
{
	return virt_to_mfn(page);
}

long map_as(void *page, unsigned long mfn, unsigned long flags,
	    unsigned long flush)
{
	return call(update_va_mapping, page, mfn << 12 | flags, flush);
}

long ext(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
	struct mmuext_op op = { .cmd = cmd };

	op.arg1.mfn = arg1;
	op.arg2.nr_ents = 0;
	memcpy(&op.arg2, &arg2, sizeof(arg2));
	return call(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* All tables lie in the image's mapping: a frame's address by our list. */
static const uint64_t *table_at(uint64_t entry)
{
	const unsigned long *list = (const unsigned long *)start_info->mfn_list;
	unsigned long mfn = (entry & 0x000ffffffffff000ul) >> 12, pfn = 0;

	while (list[pfn] != mfn)
		pfn++;
	return (const uint64_t *)(VIRT_BASE + (pfn << 12));
}

uint64_t l1_entry_at(const volatile void *va)
{
	const uint64_t *t = (const uint64_t *)start_info->pt_base;
	unsigned long address = (unsigned long)va;

	for (unsigned int level = 3; level; level--)
		t = table_at(t[address >> (12 + 9 * level) & 511]);
	return virt_to_mfn(t) << 12 | (address >> 12 & 511) * 8;
}

long set_entry(uint64_t at, uint64_t value)
{
	struct mmu_update u = { at, value };

	return call(mmu_update, &u, 1, 0, DOMID_SELF);
}

void suite_main(void)
{
	rule("there are four vCPUs");
	want_true(crew_open(CREW));
	want(crew, CREW);
	translations();
	roots();
	races();
}
