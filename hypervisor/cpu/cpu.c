/* SPDX-License-Identifier: MIT */
/* cpu.c - a processor's own descriptors and SYSCALL stub.
 *
 * Guards: the selectors of the ABI (0xe008.. above the guest's 7168 GDT
 * entries) always name our flat segments, whichever GDT is loaded: entry
 * 7168 begins page 14 of every window, and that page is this CPU's.
 */
#include "cpu/cpu.h"

#include <public/xen.h>

#include "base/string.h"
#include "cpu/features.h"
#include "cpu/gdt.h"

#define GDT_FIRST	(FIRST_RESERVED_GDT_ENTRY)
#define GDT_LIMIT	(15 * PAGE_SIZE - 1)
#define SEL_TSS		0xe040
#define SEL_LDT		0xe050

#define DESC_CODE64_R0	0x00af9b000000ffffUL
#define DESC_DATA_R0	0x00cf93000000ffffUL
#define DESC_CODE32_R3	0x00cffb000000ffffUL
#define DESC_DATA_R3	0x00cff3000000ffffUL
#define DESC_CODE64_R3	0x00affb000000ffffUL
#define TYPE_TSS	0x89UL
#define TYPE_LDT	0x82UL

extern char syscall_stub[], syscall_stub_jump[], syscall_stub_end[], syscall_entry[];
extern char syscall32_stub_jump[], syscall32_entry[];

static void set_system(uint64_t *gdt, unsigned selector, uint64_t base, uint32_t limit,
		       uint64_t type)
{
	uint64_t *e = gdt + selector / 8 - GDT_FIRST;

	e[1] = base >> 32;
	e[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | type << 40 |
	       (uint64_t)(limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
}

static void mend_jump(uint64_t block, const char *in_stub, const char *target)
{
	uint64_t jump = block + (uint64_t)(in_stub - syscall_stub);
	int32_t rel = (int32_t)((uint64_t)target - (jump + 5));

	memcpy((void *)(jump + 1), &rel, sizeof(rel));
}

/* The stubs find their CPU's data by RIP-relative addresses; only their jumps
 * back into the shared text have to be mended. */
static void copy_stubs(uint64_t block)
{
	memcpy((void *)block, syscall_stub, (size_t)(syscall_stub_end - syscall_stub));
	mend_jump(block, syscall_stub_jump, syscall_entry);
	mend_jump(block, syscall32_stub_jump, syscall32_entry);
}

void cpu_block_init(unsigned id)
{
	uint64_t block = CPU_BLOCK(id);
	struct cpu *c = (struct cpu *)(block + CPU_DATA_OFFSET);
	uint64_t *gdt = (uint64_t *)(block + CPU_GDT_PAGE * PAGE_SIZE);

	copy_stubs(block);
	c->id = id;
	c->gdt = gdt;
	gdt[HYPERVISOR_CS / 8 - GDT_FIRST] = DESC_CODE64_R0;
	gdt[HYPERVISOR_DS / 8 - GDT_FIRST] = DESC_DATA_R0;
	gdt[FLAT_RING3_CS32 / 8 - GDT_FIRST] = DESC_CODE32_R3;
	gdt[FLAT_RING3_DS32 / 8 - GDT_FIRST] = DESC_DATA_R3;
	gdt[FLAT_RING3_CS64 / 8 - GDT_FIRST] = DESC_CODE64_R3;
	set_system(gdt, SEL_TSS, (uint64_t)&c->tss, sizeof(c->tss) - 1, TYPE_TSS);

	c->tss.iomap = sizeof(c->tss);
	c->tss.ist[0] = block + (CPU_NMI_PAGE + 1) * PAGE_SIZE;
	c->tss.ist[1] = block + (CPU_MC_PAGE + 1) * PAGE_SIZE;
	c->tss.ist[2] = block + (CPU_DF_PAGE + 1) * PAGE_SIZE;
	c->tss.ist[3] = block + (CPU_DB_PAGE + 1) * PAGE_SIZE;
}

void cpu_load_gdt(uint64_t base)
{
	struct { uint16_t limit; uint64_t base; } PACKED p = { GDT_LIMIT, base };

	__asm__ volatile("lgdt %0" :: "m"(p));
}

void cpu_load_ldt(uint64_t base, uint32_t entries)
{
	unsigned selector = 0;

	if (entries) {
		set_system(this_cpu()->gdt, SEL_LDT, base, entries * 8 - 1, TYPE_LDT);
		selector = SEL_LDT;
	}
	__asm__ volatile("lldt %w0" :: "r"(selector));
}

void cpu_idle_descriptors(void)
{
	__asm__ volatile("lldt %w0" :: "r"(0));
	cpu_load_gdt((uint64_t)this_cpu()->gdt - GDT_FIRST * 8UL);
}

void cpu_load_tables(struct cpu *c)
{
	cpu_load_gdt((uint64_t)c->gdt - GDT_FIRST * 8UL);
	load_flat_segments();
	__asm__ volatile("ltr %w0" :: "r"(SEL_TSS));
	__asm__ volatile("lldt %w0" :: "r"(0));
}

extern uint64_t smap_sites_start[], smap_sites_end[];

void smap_patch(void)
{
	if (cpu_features.smap)
		return;
	for (const uint64_t *site = smap_sites_start; site < smap_sites_end; site++)
		memcpy((void *)*site, "\x0f\x1f\x00", 3);
}
