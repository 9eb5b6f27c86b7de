/* SPDX-License-Identifier: MIT */
/* entry.S - the ways into the kernel, and the one way out.
 *
 * The processor pushes ss, rsp, rflags, cs, rip and perhaps an error code, on
 * the stack of the task-state segment when it comes from user mode. SYSCALL
 * pushes nothing and keeps the user's stack: there is one CPU, so the two
 * stack pointers are kept in memory.
 */
#define __ASSEMBLY__
#include "platform/native/native.h"
#include "platform/regs.h"

	.text

/* common_entry
 * in:    rsp -> vector, error, rip, ...
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
	addq $16, %rsp
	iretq

.macro STUB name vector error
	.globl entry_\name
entry_\name:
.if \error == 0
	pushq $0
.endif
	pushq $\vector
	jmp common_entry
.endm

#define TRAP(vector, name, error, dpl) STUB name vector error
#include "platform/traps.def"

	.globl entry_interrupt
entry_interrupt:
	pushq $0
	pushq $VECTOR_INTERRUPT
	jmp common_entry

	.globl entry_syscall
entry_syscall:
	movq %rsp, user_sp(%rip)
	movq kernel_sp(%rip), %rsp
	pushq $USER_DS
	pushq user_sp(%rip)
	pushq %r11
	pushq $USER_CS
	pushq %rcx
	pushq %rax
	pushq $VECTOR_SYSCALL
	jmp common_entry

/* wait_for_interrupt()
 * out:   one interrupt was handled; they are off again */
	.globl wait_for_interrupt
wait_for_interrupt:
	sti
	hlt
	cli
	ret

	.bss
	.balign 8
user_sp:
	.skip 8
	.globl kernel_sp
kernel_sp:
	.skip 8

	.section .note.GNU-stack, "", @progbits
