/* SPDX-License-Identifier: MIT */
/* header.S - from the loader's 32-bit world to boot_main() in 64 bits.
 *
 * Guards: nothing; this is before there is anything to guard. Builds the
 * first page tables (identity for the low 4 GiB, the image at its link
 * address, this CPU's block) and enters long mode on the CPU's own stack.
 * Not here: the tables that stay (paging.c).
 */
#include <offsets.h>

#include "cpu/asm.h"

#define LOAD_BASE	0x200000
#define PHYS(x)		((x) - (LINK_BASE) + LOAD_BASE)

#define MB1_MAGIC	0x1badb002
#define MB1_FLAGS	0x3		/* page-aligned modules, memory map */
#define MB2_MAGIC	0xe85250d6

	.section .multiboot, "ax"
	.balign	8
	.long	MB1_MAGIC, MB1_FLAGS, -(MB1_MAGIC + MB1_FLAGS)
	.balign	8
mb2_start:
	.long	MB2_MAGIC, 0, mb2_end - mb2_start
	.long	-(MB2_MAGIC + (mb2_end - mb2_start))
	.short	6, 0			/* modules page-aligned */
	.long	8
	.short	0, 0			/* end */
	.long	8
mb2_end:

	.code32
	.globl	start32
start32:
	cli
	cld
	mov	%eax, PHYS(boot_magic)
	mov	%ebx, PHYS(boot_info)
	rdtsc				/* what boot costs is counted from here */
	mov	%eax, PHYS(boot_tsc)
	mov	%edx, PHYS(boot_tsc) + 4

	/* what starts as zeroes, the tables below too, is the loader's to clear */
	mov	$PHYS(early_l2), %edi	/* identity: 2048 pages of 2 MiB */
	mov	$0x83, %eax
	mov	$2048, %ecx
1:	mov	%eax, (%edi)
	movl	$0, 4(%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	1b

	mov	$PHYS(early_tables), %esi	/* { slot, value } pairs */
	mov	$(early_tables_end - early_tables) / 8, %ecx
2:	mov	(%esi), %edi
	mov	4(%esi), %eax
	mov	%eax, (%edi)
	add	$8, %esi
	loop	2b

	mov	$0xa0, %eax		/* PAE, PGE */
	mov	%eax, %cr4
	mov	$PHYS(early_l4), %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	/* EFER.LME; NX comes with the real tables */
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	$0x80000023, %eax	/* PG NE MP PE; WP comes later */
	mov	%eax, %cr0
	lgdt	PHYS(early_gdtr)
	ljmp	$8, $PHYS(start64_low)

	.code64
start64_low:
	movabs	$start64, %rax
	jmp	*%rax

	.text
start64:
	movabs	$CPU_BLOCKS + CPU_STACK, %rsp
	xor	%ebp, %ebp
	xor	%eax, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	call	boot_main
	ud2

	.section .bss.init, "aw", @nobits
	.balign	4096
	.globl	early_l4
	.hidden	early_l4
early_l4:	.skip 4096
early_l3_low:	.skip 4096
early_l2:	.skip 4 * 4096
early_l3_high:	.skip 4096
early_l2_high:	.skip 4096
	.globl	early_l1_cpu
	.hidden	early_l1_cpu
early_l1_cpu:	.skip 4096

	.section .init.data, "aw"
	.balign	8
#define SLOT(va, shift)	(((va) >> (shift)) & 511)
early_tables:
	.long	PHYS(early_l4), PHYS(early_l3_low) + 3
	.long	PHYS(early_l3_low), PHYS(early_l2) + 3
	.long	PHYS(early_l3_low) + 8, PHYS(early_l2) + 0x1003
	.long	PHYS(early_l3_low) + 16, PHYS(early_l2) + 0x2003
	.long	PHYS(early_l3_low) + 24, PHYS(early_l2) + 0x3003
	.long	PHYS(early_l4) + 8 * SLOT(LINK_BASE, 39), PHYS(early_l3_high) + 3
	.long	PHYS(early_l3_high) + 8 * SLOT(LINK_BASE, 30), PHYS(early_l2_high) + 3
	.long	PHYS(early_l2_high), LOAD_BASE + 0x83
	.long	PHYS(early_l2_high) + 8 * SLOT(CPU_BLOCKS, 21), PHYS(early_l1_cpu) + 3
	/* CPU 0's block: the pages of boot_cpu_pages, once and for all */
#define BLOCK_PAGE(slot, n) \
	.long	PHYS(early_l1_cpu) + 8 * (slot), PHYS(boot_cpu_pages) + (n) * 0x1000 + 3
	BLOCK_PAGE(0, 0)
	BLOCK_PAGE(1, 1)
	BLOCK_PAGE(NMI_PAGE, 2)
	BLOCK_PAGE(MC_PAGE, 3)
	BLOCK_PAGE(DF_PAGE, 4)
	BLOCK_PAGE(DB_PAGE, 5)
	BLOCK_PAGE(STACK_PAGE, 6)
	BLOCK_PAGE(STACK_PAGE + 1, 7)
	BLOCK_PAGE(STACK_PAGE + 2, 8)
	BLOCK_PAGE(GDT_PAGE, 9)
early_tables_end:

	.balign	8
early_gdt:
	.quad	0, 0x00af9b000000ffff
early_gdtr:
	.word	15
	.long	PHYS(early_gdt), 0

	.globl	boot_magic, boot_info
	.hidden	boot_magic, boot_info
boot_magic:	.long 0
boot_info:	.long 0

	.data
	.balign	8
	.globl	boot_tsc
	.hidden	boot_tsc
boot_tsc:	.quad 0

	.section .bss.page_aligned, "aw", @nobits
	.balign	4096
	.globl	boot_cpu_pages
	.hidden	boot_cpu_pages
boot_cpu_pages:	.skip 10 * 4096
