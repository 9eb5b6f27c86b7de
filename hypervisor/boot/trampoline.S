/* SPDX-License-Identifier: MIT */
/* trampoline.S - how a processor other than the first wakes up.
 *
 * Guards: only the processor that is being started gets beyond the first
 * lines; one that comes late halts where it is, in a page that is never used
 * for anything else.
 * The first part is copied to TRAMPOLINE, below 1 MiB, and runs in real mode
 * from there; boot/smp.c fills the words at its end. Page tables are boot's
 * first ones (header.S) until the real ones can be loaded.
 */
#include <offsets.h>

#include "boot/trampoline.h"
#include "cpu/asm.h"

#define LOAD_BASE	0x200000
#define PHYS(x)		((x) - (LINK_BASE) + LOAD_BASE)
#define COPY(x)		((x) - trampoline + TRAMPOLINE)

	.section .init.data, "aw"
	.balign	16
	.globl	trampoline, trampoline_words, trampoline_end
	.hidden	trampoline, trampoline_words, trampoline_end
	.code16
trampoline:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	mov	$1, %eax
	cpuid
	shr	$24, %ebx		/* the low bits of this CPU's APIC id */
	cmp	%ebx, trampoline_apic_id - trampoline
	je	2f
1:	hlt
	jmp	1b
2:	lgdtl	trampoline_gdtr - trampoline
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$8, $COPY(trampoline32)

	.code32
trampoline32:
	mov	$16, %eax
	mov	%eax, %ds
	mov	$0xa0, %eax		/* PAE, PGE */
	mov	%eax, %cr4
	mov	$PHYS(early_l4), %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	/* EFER: as on the first CPU */
	xor	%edx, %edx
	mov	COPY(trampoline_efer), %eax
	wrmsr
	mov	$0x80000023, %eax	/* PG NE MP PE; WP comes later */
	mov	%eax, %cr0
	ljmp	$24, $COPY(trampoline64)

	.code64
trampoline64:
	movabs	$ap_start, %rax
	jmp	*%rax

	.balign	8
trampoline_gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
trampoline_gdtr:
	.word	31
	.long	COPY(trampoline_gdt)

	.balign	4
trampoline_words:			/* struct trampoline_words */
trampoline_apic_id:	.long 0
trampoline_efer:	.long 0
trampoline_end:

/* On the tables that stay: a stack of its own, then C. */
	.section .init.text, "ax"
ap_start:
	mov	ap_root(%rip), %rax
	mov	%rax, %cr3
	mov	ap_stack(%rip), %rsp
	xor	%ebp, %ebp
	xor	%eax, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	call	ap_main
	ud2
