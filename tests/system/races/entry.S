/* SPDX-License-Identifier: MIT */
/* entry.S - a storm's ways into the kernel, and accesses that may fault.
 *
 * Invariant: nothing here is a vCPU's own but its stack, so that any of them
 * may be here at once. A fault at an instruction between `tries` and
 * `tries_end` makes the function return 1; any other ends the domain.
 */
	.text
	.globl	try_load, try_store, try_exchange, try_limit
tries:
/* try_load(address, where to put the value) */
try_load:
	movq	(%rdi), %rax
	movq	%rax, (%rsi)
	xorl	%eax, %eax
	ret
/* try_store(address, value) */
try_store:
	movq	%rsi, (%rdi)
	xorl	%eax, %eax
	ret
/* try_exchange(address, old, value) */
try_exchange:
	movq	%rsi, %rax
	lock cmpxchgq %rdx, (%rdi)
	movl	$0, %eax
	je	1f
	movl	$2, %eax
1:	ret
/* try_limit(selector): the processor reads its descriptor. */
try_limit:
	lsll	%edi, %eax
	xorl	%eax, %eax
	ret
tries_end:
failed:	movl	$1, %eax
	ret

/* hold_vectors(from, to, spins) - sixteen vector registers are filled, kept
 * while this vCPU spins so often and gives its CPU away once, and stored. */
	.globl	hold_vectors
hold_vectors:
	pushq	%rbx
	movq	%rsi, %rbx
	.irp	r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movdqu	16 * \r(%rdi), %xmm\r
	.endr
1:	pause
	decl	%edx
	jnz	1b
	xorl	%edi, %edi		/* SCHEDOP_yield */
	xorl	%esi, %esi
	movl	$29, %eax		/* sched_op */
	syscall
	.irp	r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movdqu	%xmm\r, 16 * \r(%rbx)
	.endr
	popq	%rbx
	ret

/* deep_calls(top, calls) - calls the hypervisor so often on a stack below `top`,
 * in the lower half, or until an event comes: how far below `top` the callback
 * deep_event, vCPU 1's, finds itself then. Nothing on that stack is kept. */
	.globl	deep_calls, deep_event
deep_calls:
	pushq	%rbx
	pushq	%rbp
	movl	%esi, %ebx
	movq	%rdi, deep_top(%rip)
	movq	%rsp, deep_back(%rip)
	movq	%rdi, %rsp
1:	xorl	%edi, %edi		/* XENVER_version */
	xorl	%esi, %esi
	movl	$17, %eax		/* xen_version */
	syscall
	decl	%ebx
	jnz	1b
	xorl	%eax, %eax
2:	movq	deep_back(%rip), %rsp
	popq	%rbp
	popq	%rbx
	ret
deep_event:
	testq	%rsp, %rsp
	js	3f			/* on the usual stack */
	movq	deep_top(%rip), %rax
	subq	%rsp, %rax
	jmp	2b
3:	pushq	$1
	jmp	event
	.local	deep_top, deep_back
	.comm	deep_top, 8, 8
	.comm	deep_back, 8, 8

/* fault_gate, fault_gate_code - any exception without, with an error code.
 * in:    rcx, r11, [error,] rip, cs, rflags, rsp, ss on the stack */
	.globl	fault_gate, fault_gate_code
fault_gate:
	popq	%rcx
	popq	%r11
	pushq	$0
	jmp	1f
fault_gate_code:
	popq	%rcx
	popq	%r11
1:	pushq	%rax
	leaq	tries(%rip), %rax
	cmpq	%rax, 16(%rsp)
	jb	2f
	leaq	tries_end(%rip), %rax
	cmpq	%rax, 16(%rsp)
	jae	2f
	leaq	failed(%rip), %rax
	movq	%rax, 16(%rsp)
	popq	%rax
	movq	$0, (%rsp)
	jmp	hypercall_page + 23 * 32	/* pushes rcx, r11, rax */
2:	movq	16(%rsp), %rdi
	movq	8(%rsp), %rsi
	andq	$-16, %rsp
	call	race_trapped
	ud2

/* event_entries - the event callback of each vCPU, 16 bytes apart. */
	.balign	16
	.globl	event_entries
event_entries:
	.set	n, 0
	.rept	4
	.balign	16
	pushq	$n
	jmp	event
	.set	n, n + 1
	.endr
/* in:    vCPU, rcx, r11, rip, cs, rflags, rsp, ss on the stack */
event:	.irp	r, rax, rdi, rsi, rdx, r8, r9, r10, rbp
	pushq	%\r
	.endr
	movq	%rsp, %rbp
	movl	64(%rsp), %edi
	andq	$-16, %rsp
	cld
	call	race_event
	movq	%rbp, %rsp
	.irp	r, rbp, r10, r9, r8, rdx, rsi, rdi, rax
	popq	%\r
	.endr
	popq	%rcx			/* the number of the vCPU */
	popq	%rcx
	popq	%r11
	pushq	$0
	jmp	hypercall_page + 23 * 32

	.section .note.GNU-stack, "", @progbits
