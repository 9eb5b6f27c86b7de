/* SPDX-License-Identifier: MIT */
/* switch.S - the processor's part of what every platform shares: changing
 * kernel stacks, and touching user memory where a fault is an answer.
 *
 * A row of the exception table is two addresses: an instruction that may
 * fault, and where to go on if it does.
 */
	.text

/* stack_switch_to(void **save, void *next)
 * in:    rdi = where to keep the present stack pointer, rsi = the next one
 * out:   returns on the next stack; only callee-saved registers survive */
	.globl stack_switch_to
stack_switch_to:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret

/* thread_first_return
 * in:    rsp -> struct user_regs at the top of a new thread's stack */
	.globl thread_first_return
thread_first_return:
	call thread_begin
	jmp platform_resume_user

.macro MAY_FAULT at go_on
	.pushsection .exception_table, "a", @progbits
	.quad \at, \go_on
	.popsection
.endm

/* raw_copy(void *dst, const void *src, size_t n)
 * out:   rax = bytes not copied */
	.globl raw_copy
raw_copy:
	movq %rdx, %rcx
	shrq $3, %rcx
	andl $7, %edx
1:	rep movsq
	movl %edx, %ecx
2:	rep movsb
3:	movq %rcx, %rax
	ret
	MAY_FAULT 1b words_left
	MAY_FAULT 2b 3b

/* words_left: a copy or a clearing has faulted with rcx words and rdx bytes
 * to go */
words_left:
	leaq (%rdx, %rcx, 8), %rax
	ret

/* raw_clear(void *dst, size_t n)
 * out:   rax = bytes not cleared */
	.globl raw_clear
raw_clear:
	movq %rsi, %rcx
	movl %esi, %edx
	shrq $3, %rcx
	andl $7, %edx
	xorl %eax, %eax
1:	rep stosq
	movl %edx, %ecx
2:	rep stosb
3:	movq %rcx, %rax
	ret
	MAY_FAULT 1b words_left
	MAY_FAULT 2b 3b

/* raw_cr4_set(uint64_t bits)
 * out:   eax = 0, or 1 if it faulted */
	.globl raw_cr4_set
raw_cr4_set:
1:	movq %cr4, %rax
	orq %rdi, %rax
2:	movq %rax, %cr4
	xorl %eax, %eax
	ret
3:	movl $1, %eax
	ret
	MAY_FAULT 1b 3b
	MAY_FAULT 2b 3b

/* raw_xsetbv(uint64_t mask)
 * out:   eax = 0, or 1 if it faulted */
	.globl raw_xsetbv
raw_xsetbv:
	movl %edi, %eax
	movq %rdi, %rdx
	shrq $32, %rdx
	xorl %ecx, %ecx
1:	xsetbv
	xorl %eax, %eax
	ret
2:	movl $1, %eax
	ret
	MAY_FAULT 1b 2b

/* raw_xrstor(const void *area, uint64_t mask)
 * out:   eax = 0, or 1 if it faulted: the area was not a valid state */
	.globl raw_xrstor
raw_xrstor:
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
1:	xrstor64 (%rdi)
	xorl %eax, %eax
	ret
2:	movl $1, %eax
	ret
	MAY_FAULT 1b 2b

/* raw_fxrstor(const void *area)
 * out:   as raw_xrstor */
	.globl raw_fxrstor
raw_fxrstor:
1:	fxrstor64 (%rdi)
	xorl %eax, %eax
	ret
2:	movl $1, %eax
	ret
	MAY_FAULT 1b 2b

	.section .note.GNU-stack, "", @progbits
