/* SPDX-License-Identifier: MIT */
/* entry.S - every way back into the fuzzer, and single stores of each form.
 *
 * Not here: the image's start and its notes (tests/system/guests/start.S).
 */
	.text
/* trap_N - any exception, event, system call or NMI of vCPU N.
 * in:    whatever was pushed where; the stack is given up
 * uses:  everything		never returns */
	.macro	way_back n
trap_\n:
	leaq	stacks + (\n + 1) * 16384 - 64(%rip), %rsp
	pushq	$2
	popfq
	movl	$\n, %edi
	call	fuzz_back
	ud2
	.endm

	.irp	n, 0, 1, 2, 3
	way_back \n
	.endr

	.section .rodata
	.balign	8
	.globl	trap_entries
trap_entries:
	.quad	trap_0, trap_1, trap_2, trap_3
	.text

	.globl	play_start
/* play_start - where a vCPU goes that others start and stop: it sleeps.
 * uses:  everything		never returns */
play_start:
	leaq	play_stack + 4096(%rip), %rsp
	movl	$1, %edi		/* SCHEDOP_block */
	movl	$29, %eax		/* sched_op */
	syscall
	jmp	play_start

/* store(kind, address, value): 0; a fault never comes back here.
 * in:    edi = kind, rsi = address, rdx = value */
	.globl	store, store_kinds
store:	leaq	forms(%rip), %r8
	movslq	(%r8, %rdi, 4), %rax
	addq	%r8, %rax
	movq	%rdx, %rcx
	jmp	*%rax

	.macro	form n, body:vararg
	.pushsection .rodata
	.long	form_\n - forms
	.popsection
form_\n:
	\body
	xorl	%eax, %eax
	ret
	.endm

	.section .rodata
	.balign	4
forms:
	.text
	form 0, movq %rdx, (%rsi)
	form 1, movl %edx, (%rsi)
	form 2, movw %dx, (%rsi)
	form 3, movb %dl, (%rsi)
	form 4, xchgq %rdx, (%rsi)
	form 5, lock xaddq %rdx, (%rsi)
	form 6, movq (%rsi), %rax; lock cmpxchgq %rdx, (%rsi)
	form 7, lock andb $0xbf, (%rsi)
	form 8, lock orq %rdx, (%rsi)
	form 9, xorl %edx, (%rsi)
	form 10, lock btsq $1, (%rsi)
	form 11, lock btrq $1, (%rsi)
	form 12, btcq $1, (%rsi)
	form 13, addq %rdx, (%rsi)
	form 14, lock btsq %rdx, (%rsi)
	form 15, movq $0, (%rsi)
	form 16, movq %rdx, %rax; movq %rsi, %rdi; stosq
	form 17, pushq %rbx; lock cmpxchg8b (%rsi); popq %rbx
	form 18, pushq %rbx; movq %rdx, %rbx; cmpxchg16b (%rsi); popq %rbx
	form 19, subq %rdx, (%rsi)
	form 20, notq (%rsi)
	form 21, movnti %rdx, (%rsi)
	form 22, movq %rdx, 0x7f(%rsi, %rcx, 8)
	form 23, pushq (%rsi); popq (%rsi)
	.section .rodata
	.balign	4
store_kinds:
	.long	24

	.bss
	.balign	4096
	.globl	stacks
stacks:	.skip	4 * 16384
play_stack:
	.skip	4096

	.section .note.GNU-stack, "", @progbits
