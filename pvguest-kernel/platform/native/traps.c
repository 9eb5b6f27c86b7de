/* SPDX-License-Identifier: MIT */
/* traps.c - the descriptor tables: where the processor finds our entries.
 *
 * Guards: a program's registers are made fit before they are returned to:
 * user selectors, harmless flags, an address that IRETQ takes.
 * Invariant: only the vectors of traps.def that say so can be raised by an
 * instruction of a program's. Compare platform/xen-pv/traps.c.
 */
#include "core/types.h"
#include "platform/native/native.h"
#include "platform/platform.h"
#include "platform/regs.h"
#include "mm/mm.h"

#define TRAP(vector, name, error, dpl) extern char entry_##name[];
#include "platform/traps.def"
#undef TRAP
extern char entry_syscall[], entry_interrupt[];
extern void *kernel_sp;

#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_SFMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define SYSCALL_CLEARS 0x47700		/* AC NT DF IF TF and IOPL's two */
#define STAR_USER_BASE 0x1bul		/* SYSRET would add 8 and 16 */
#define GATE_INTERRUPT 0x8e

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_mid;
	uint32_t offset_high, zero;
};

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3], reserved1, ist[7], reserved2;
	uint16_t reserved3, io_map;
} __attribute__((packed));

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static struct gate idt[256];
static struct tss tss = { .io_map = sizeof(struct tss) };
static uint64_t gdt[8] = {
	0,
	0x00af9a000000ffff,	/* KERNEL_CS */
	0x00cf92000000ffff,	/* KERNEL_DS */
	0,			/* where SYSRET to 32-bit code would look */
	0x00cff2000000ffff,	/* USER_DS */
	0x00affa000000ffff,	/* USER_CS */
};

static void set_gate(unsigned vector, const char *entry, unsigned dpl)
{
	uint64_t at = (uint64_t)entry;

	idt[vector] = (struct gate){
		.offset_low = (uint16_t)at, .selector = KERNEL_CS,
		.type = (uint8_t)(GATE_INTERRUPT | dpl << 5),
		.offset_mid = (uint16_t)(at >> 16), .offset_high = (uint32_t)(at >> 32),
	};
}

static void load_tables(void)
{
	struct table_pointer gdtr = { sizeof(gdt) - 1, (uint64_t)gdt };
	struct table_pointer idtr = { sizeof(idt) - 1, (uint64_t)idt };
	uint64_t at = (uint64_t)&tss;

	gdt[6] = (sizeof(tss) - 1) | (at & 0xffffff) << 16 | 0x89ul << 40 | (at >> 24 & 0xff) << 56;
	gdt[7] = at >> 32;
	asm volatile("lgdt %0" : : "m" (gdtr));
	asm volatile("lidt %0" : : "m" (idtr));
	asm volatile("ltr %0" : : "r" ((uint16_t)TSS_SELECTOR));
}

void platform_traps_init(void)
{
#define TRAP(vector, name, error, dpl) set_gate(vector, entry_##name, dpl);
#include "platform/traps.def"
#undef TRAP
	for (unsigned irq = 0; irq < 16; irq++)
		set_gate(VECTOR_IRQ_BASE + irq, entry_interrupt, 0);
	load_tables();
	wrmsr(MSR_STAR, (uint64_t)KERNEL_CS << 32 | STAR_USER_BASE << 48);
	wrmsr(MSR_LSTAR, (uint64_t)entry_syscall);
	wrmsr(MSR_SFMASK, SYSCALL_CLEARS);
	native_interrupts_init();
}

uint64_t platform_fault_address(void)
{
	uint64_t address;

	asm volatile("movq %%cr2, %0" : "=r" (address));
	return address;
}

void platform_user_regs_init(struct user_regs *regs)
{
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->rflags = 0x202;
}

/* Besides the flags: IRETQ to an address that is no address would fault in the
 * kernel, so such a thread goes to 0, where it faults itself. */
void platform_user_regs_sanitize(struct user_regs *regs)
{
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->rflags = (regs->rflags & 0x40dd5) | 0x202;
	if (regs->rip >= USER_TOP)
		regs->rip = 0;
}

void platform_use_stack(void *top)
{
	tss.rsp[0] = (uint64_t)top;
	kernel_sp = top;
}

void platform_use_segments(uint64_t fs_base, uint64_t gs_base)
{
	wrmsr(MSR_FS_BASE, fs_base);
	wrmsr(MSR_GS_BASE, gs_base);
}
