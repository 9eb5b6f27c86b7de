/* SPDX-License-Identifier: MIT */
/* start.S - where a test guest begins, its notes, and its ways into C.
 *
 * Not here: what a test guest does (one .c file for each).
 */
#include <public/elfnote.h>

#define VIRT_BASE 0xffffffff80000000

	.macro note type, body:vararg
	.pushsection .note.Xen, "a", @note
	.balign	4
	.long	4, 2f - 1f, \type
	.asciz	"Xen"
1:	\body
2:	.balign	4
	.popsection
	.endm

	note	XEN_ELFNOTE_GUEST_OS, .asciz "paravane-test"
	note	XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
	note	XEN_ELFNOTE_LOADER, .asciz "generic"
	note	XEN_ELFNOTE_PAE_MODE, .asciz "yes"
	note	XEN_ELFNOTE_VIRT_BASE, .quad VIRT_BASE
	note	XEN_ELFNOTE_PADDR_OFFSET, .quad VIRT_BASE
	note	XEN_ELFNOTE_ENTRY, .quad start
	note	XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page

	.text
	.globl	start, hypercall_page, first_tsc
/* start
 * in:    rsi = start_info, a stack of the loader's
 * out:   first_tsc: the time stamp of the first instruction
 * uses:  everything		never returns */
start:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, first_tsc(%rip)
	cld
	leaq	stack_top(%rip), %rsp
	movq	%rsi, %rdi
	xorl	%ebp, %ebp
	call	guest_start
	ud2

/* Until the loader fills it, each call returns at once. */
	.balign	4096
hypercall_page:
	.fill	4096, 1, 0xc3

/* fault_entry - any exception that pushes an error code.
 * in:    rcx, r11, error, rip, cs, rflags, rsp, ss on the stack
 * out:   to fault_resume if that is set, else the domain crashes */
	.globl	fault_entry, fault_entry_noerr, fault_resume, fault_count
fault_entry_noerr:
	popq	%rcx
	popq	%r11
	jmp	1f
fault_entry:
	popq	%rcx
	popq	%r11
	addq	$8, %rsp
1:	incq	fault_count(%rip)
	pushq	fault_resume(%rip)
	popq	(%rsp)
	cmpq	$0, (%rsp)
	je	2f
	pushq	$0
	jmp	hypercall_page + 23 * 32	/* pushes rcx, r11, rax */
2:	ud2

/* touch(address): reads a byte; 0, or 1 if that faulted. */
	.globl	touch
touch:
	leaq	1f(%rip), %rax
	movq	%rax, fault_resume(%rip)
	movb	(%rdi), %al
	xorl	%eax, %eax
	movq	$0, fault_resume(%rip)
	ret
1:	movl	$1, %eax
	movq	$0, fault_resume(%rip)
	ret

/* touch_write(address): writes the byte there back; as touch. */
	.globl	touch_write
touch_write:
	leaq	1f(%rip), %rax
	movq	%rax, fault_resume(%rip)
	lock orb $0, (%rdi)
	xorl	%eax, %eax
	movq	$0, fault_resume(%rip)
	ret
1:	movl	$1, %eax
	movq	$0, fault_resume(%rip)
	ret

	.data
	.balign	8
fault_resume:
	.quad	0
fault_count:
	.quad	0
first_tsc:
	.quad	0

	.bss
	.balign	4096
stack:	.skip	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
