/* SPDX-License-Identifier: MIT */
/* entry.S - the bench's traps and loops, with as few instructions as will do.
 *
 * Guards: handlers change no register and count each time they run. What they
 * cost is in the figures, on every hypervisor alike.
 */
#define __ASSEMBLY__
#include <xen/xen.h>

#define IN_SYSCALL	256		/* VGCF_in_syscall */
#define USER_FLAGS	0x202
#define UPCALL_WORD	0x800		/* evtchn_pending of shared_info */

	.macro	hypercall number
	mov	$\number, %eax
	syscall
	.endm

/* From a frame whose rcx and r11 were popped, back to where it says. */
	.macro	go_back flags
	push	$\flags
	push	%rcx
	push	%r11
	push	%rax
	hypercall __HYPERVISOR_iret
	.endm

	.text
	.globl	handle, handle_error, handle_event, handle_syscall
handle_error:
	pop	%rcx
	pop	%r11
	add	$8, %rsp
	jmp	1f
handle:
	pop	%rcx
	pop	%r11
1:	incq	handled(%rip)
	push	resume(%rip)
	popq	(%rsp)
	go_back	0

/* Ports below 64 only; `shared_at` is where the shared page is. */
handle_event:
	pop	%rcx
	pop	%r11
	incq	handled(%rip)
	push	$0
	push	%rcx
	push	%r11
	push	%rax
	mov	shared_at(%rip), %rax
	movb	$0, (%rax)
	movq	$0, 8(%rax)
	movq	$0, UPCALL_WORD(%rax)
	hypercall __HYPERVISOR_iret

/* From user mode. rax is 0 there, or 1 to leave it. */
handle_syscall:
	test	%eax, %eax
	jnz	user_left
	pop	%rcx
	pop	%r11
	incq	handled(%rip)
	go_back	IN_SYSCALL

user_left:
	mov	kernel_stack(%rip), %rsp
	pop	%rbx
	ret

	.macro	enter_user at
	push	%rbx
	mov	%rsp, kernel_stack(%rip)
	mov	%rdi, %rbx
	lea	\at(%rip), %rax
	push	$FLAT_USER_SS
	push	%rsp
	push	$USER_FLAGS
	push	$FLAT_USER_CS
	push	%rax
	xor	%eax, %eax
	go_back	0
	.endm

	.globl	user_syscalls, user_int80
user_syscalls:
	enter_user 1f
1:	syscall
	dec	%rbx
	jnz	1b
	mov	$1, %eax
	syscall

user_int80:
	lea	2f(%rip), %rax
	mov	%rax, resume(%rip)
	enter_user 1f
1:	int	$0x80
2:	dec	%rbx
	jnz	1b
	mov	$1, %eax
	syscall

	.macro	loop name, insn:vararg
	.globl	loop_\name
loop_\name:
	lea	2f(%rip), %rax
	mov	%rax, resume(%rip)
1:	\insn
2:	dec	%rdi
	jnz	1b
	ret
	.endm
	loop	int3, int3
	loop	ud, ud2
	loop	read, movb (%rsi), %al
	loop	write, movb %al, (%rsi)

/* The values take turns. */
	.globl	loop_store, loop_fpu, loop_iret
loop_store:
	mov	%rdx, (%rsi)
	xchg	%rdx, %rcx
	dec	%rdi
	jnz	loop_store
	ret

loop_fpu:
	mov	%rdi, %rsi
	lea	2f(%rip), %rax
	mov	%rax, resume(%rip)
1:	mov	$1, %edi
	hypercall __HYPERVISOR_fpu_taskswitch
	fnop
2:	dec	%rsi
	jnz	1b
	ret

loop_iret:
	lea	2f(%rip), %rdx
	mov	%rsp, %rsi
1:	push	$FLAT_KERNEL_SS
	push	%rsi
	pushf
	push	$(FLAT_KERNEL_CS & ~3)
	push	%rdx
	go_back	0
2:	incq	handled(%rip)
	dec	%rdi
	jnz	1b
	ret

	.bss
	.balign	8
	.globl	handled, shared_at
handled:
	.skip	8
resume:
	.skip	8
shared_at:
	.skip	8
kernel_stack:
	.skip	8
