/* SPDX-License-Identifier: MIT */
/* segments - which descriptors can be loaded into which register, what loading
 * does to bases, and the LDT. (Suite descriptors: how tables are installed.)
 */
#include "segments.h"

const char suite_name[] = "segments";

PAGE uint8_t low_page[4096];
static PAGE uint64_t gdt[512];

SNIPPET(load_ds, "mov %eax, %ds; ud2")
SNIPPET(load_es, "mov %eax, %es; ud2")
SNIPPET(load_fs, "mov %eax, %fs; ud2")
SNIPPET(load_gs, "mov %eax, %gs; ud2")
SNIPPET(load_ss, "mov %eax, %ss; ud2")
SNIPPET(load_cs, "push %rax; push %rdi; lretq; ud2; ud2")

int load(enum mode mode, enum into reg, uint16_t selector)
{
	static const char *const code[INTOS] = {
		load_ds, load_es, load_fs, load_gs, load_ss, load_cs
	};
	struct frame f = state_in(mode, code[reg]);
	int vector;

	f.rax = selector;
	f.rdi = (uint64_t)load_cs + 6;
	run_from(&f);
	vector = (int)pushed.entry;
	/* What is loaded must stay loadable, or the next switch is a failsafe. */
	asm volatile("mov %0, %%ds; mov %0, %%es" : : "r"(0));
	if (reg == FS || reg == GS)
		asm volatile("mov %0, %%fs; mov %0, %%gs" : : "r"(0));
	if (vector != 6)
		want(trapped.rip - (uint64_t)code[reg], reg == CS ? 2 : 0);
	return vector == 6 ? -1 : vector;
}

long describe(unsigned int entry, uint64_t descriptor)
{
	uint64_t *at = &gdt[entry];

	return call(update_descriptor, virt_to_mfn(at) << 12 | ((uint64_t)at & 4095),
		    descriptor);
}

uint64_t described(unsigned int entry)
{
	return *(volatile uint64_t *)&gdt[entry];
}

void suite_main(void)
{
	uint64_t frame = virt_to_mfn(gdt);

	rule("user mode has a page table of its own");
	want(user_open(), 0);
	map_low(LOW, low_page, BOTH_HALVES);
	want(map_frame(gdt, frame, PTE_PRESENT | PTE_USER), 0);
	want(call(set_gdt, &frame, 512), 0);
	kinds();
	bases();
	asking();
	local();
	own_code();
	failsafe();
	want(call(set_gdt, 0, 0), 0);
}
