/* SPDX-License-Identifier: MIT */
/* asm.h - the few macros that the assembly files share.
 *
 * Register contract of the frame macros: SAVE_REGS pushes in the order of
 * struct cpu_frame with the error/vector word already on the stack; RESTORE_REGS
 * pops them all.
 */
#ifndef PARAVANE_CPU_ASM_H
#define PARAVANE_CPU_ASM_H

#define FUNC(name) \
	.globl name; .hidden name; .type name, @function; .balign 16; name:
#define END(name)	.size name, . - name

/* A fault at `insn` continues at `fixup`. */
#define EXTABLE(insn, fixup) \
	.pushsection .extable, "a"; .balign 8; .quad insn, fixup; .popsection

/* STAC and CLAC become NOPs at boot where the CPU has no SMAP. */
#define SMAP_SITE \
	.pushsection .smap_sites, "a"; .balign 8; .quad 9999f; .popsection; 9999:
#define STAC	SMAP_SITE stac
#define CLAC	SMAP_SITE clac

.macro SAVE_REGS
	push	%r9
	push	%r8
	push	%r10
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r11
	push	%rcx
	push	%rax
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbp
	push	%rbx
.endm

.macro RESTORE_REGS
	pop	%rbx
	pop	%rbp
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rax
	pop	%rcx
	pop	%r11
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%r10
	pop	%r8
	pop	%r9
.endm

#endif
