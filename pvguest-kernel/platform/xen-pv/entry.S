/* SPDX-License-Identifier: MIT */
/* entry.S - the ways into the kernel, and the one way out.
 *
 * The hypervisor pushes, on the stack named by stack_switch (from user mode)
 * or on the current one (from kernel mode):
 *
 *	ss, rsp, rflags, cs, rip, [error code], r11, rcx     <- rsp
 *
 * Each stub turns that into struct user_regs. The way out is the iret call,
 * which wants rax, r11, rcx, flags below rip and restores all of them.
 */
#define __ASSEMBLY__
#include <public/xen.h>

#include "platform/regs.h"

	.text

/* common_entry
 * in:    rsp -> vector, error, rip, ... ; rcx, r11 as interrupted
 * out:   to the interrupted code with the registers as trap_handle left them */
common_entry:
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	cld
	movq %rsp, %rdi
	call trap_handle

/* platform_resume_user
 * in:    rsp -> struct user_regs */
	.globl platform_resume_user
platform_resume_user:
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	addq $8, %rsp
	movq $0, (%rsp)
	pushq %rcx
	pushq %r11
	pushq %rax
	movl $__HYPERVISOR_iret, %eax
	syscall
	ud2

.macro STUB name vector error
	.globl entry_\name
entry_\name:
	popq %rcx
	popq %r11
.if \error == 0
	pushq $0
.endif
	pushq $\vector
	jmp common_entry
.endm

#define TRAP(vector, name, error, dpl) STUB name vector error
#include "platform/traps.def"

/* A system call: its number takes the place of the error code. */
	.globl entry_syscall
entry_syscall:
	popq %rcx
	popq %r11
	pushq %rax
	pushq $VECTOR_SYSCALL
	jmp common_entry

	.globl entry_event
entry_event:
	popq %rcx
	popq %r11
	pushq $0
	pushq $VECTOR_INTERRUPT
	jmp common_entry

/* The iret call could not load the user's selectors: ds, es, fs and gs lie
 * between r11 and rip. */
	.globl entry_failsafe
entry_failsafe:
	popq %rcx
	popq %r11
	addq $32, %rsp
	pushq $0
	pushq $VECTOR_BAD_RETURN
	jmp common_entry

	.section .note.GNU-stack, "", @progbits
