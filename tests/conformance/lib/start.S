/* SPDX-License-Identifier: MIT */
/* start.S - a suite's notes, its first instructions, and its ways into C.
 *
 * Guards: what the kernel was given at its start is kept before it is changed,
 * and every way into the kernel leaves every register as it was.
 */
#define __ASSEMBLY__
#include <xen/xen.h>
#include <xen/elfnote.h>

#include "entry.h"

	.macro note type:req, value:vararg
	.pushsection .note.xen, "a", @note
	.balign	4
	.long	4, 2f - 1f, \type
	.asciz	"Xen"
1:	\value
2:	.balign	4
	.popsection
	.endm
	note	XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
	note	XEN_ELFNOTE_GUEST_OS, .asciz "conformance"
	note	XEN_ELFNOTE_LOADER, .asciz "generic"
	note	XEN_ELFNOTE_VIRT_BASE, .quad VIRT_BASE
	note	XEN_ELFNOTE_PADDR_OFFSET, .quad VIRT_BASE
	note	XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page
	note	XEN_ELFNOTE_ENTRY, .quad start

/* start
 * in:    rsi -> start_info, a stack of the builder's, events masked
 * Fills struct first_state (lib.h) from the registers as they are. */
	.text
	.globl	start
start:
	mov	%rsp, first_state(%rip)
	lea	stack_top(%rip), %rsp
	pushf
	pop	first_state+8(%rip)
	mov	%rsi, first_state+16(%rip)
	mov	%cs, first_state+24(%rip)
	mov	%ss, first_state+26(%rip)
	mov	%ds, first_state+28(%rip)
	mov	%es, first_state+30(%rip)
	mov	%fs, first_state+32(%rip)
	mov	%gs, first_state+34(%rip)
	cld
	mov	%rsi, %rdi
	call	lib_main			# does not return
	ud2

/* One stub a vector, 16 bytes apart, then one a callback (lib.h: ENTRY_...).
 * The hypervisor pushed rcx r11 [error] rip cs rflags rsp ss, or more. */
	.balign	16
	.globl	entry_stubs
entry_stubs:
	.set	number, 0
	.rept	ENTRY_LAST + 1
	.balign	16
	push	$number
	jmp	enter_kernel
	.set	number, number + 1
	.endr

/* All as it was found goes to lib_entered as struct entered, which makes the
 * frame to go on with out of it. */
enter_kernel:
	pushf
	.irp	r, rcx, r11, rax, rdi, rsi, rdx, r8, r9, r10, rbx, rbp, r12, r13, r14, r15
	push	%\r
	.endr
	cld
	mov	%rsp, %rdi
	sub	$FRAME_SIZE, %rsp
	and	$-16, %rsp
	mov	%rsp, %rsi
	call	lib_entered
	mov	%rsp, %rdi

/* void resume(struct frame *f): makes all registers those of f. */
	.globl	resume
resume:
	mov	%rdi, %rsp
	.irp	r, r15, r14, r13, r12, rbp, rbx, r10, r9, r8, rdx, rsi, rdi
	pop	%\r
	.endr
	mov	$__HYPERVISOR_iret, %eax	# takes the rest of f
	syscall					# does not return

/* int catch(void (*fn)(void *), void *arg, uint64_t *catch_stack)
 * out:   0 after fn returned, 1 if a trap cut it short (lib_entered goes to
 *        catch_landing with the stack as it is kept in *catch_stack) */
	.globl	catch, catch_landing
catch:
	.irp	r, rbp, rbx, r12, r13, r14, r15
	push	%\r
	.endr
	push	(%rdx)				# catches may nest
	push	%rdx
	mov	%rsp, (%rdx)
	mov	%rdi, %rax
	mov	%rsi, %rdi
	call	*%rax
	xor	%eax, %eax
	jmp	1f
catch_landing:
	mov	$1, %eax
1:	pop	%rdx
	pop	(%rdx)
	.irp	r, r15, r14, r13, r12, rbx, rbp
	pop	%\r
	.endr
	ret

/* Filled by the builder; a call before that returns at once. */
	.balign	4096
	.globl	hypercall_page
hypercall_page:
	.fill	4096, 1, 0xc3

	.bss
	.balign	8
	.globl	first_state
first_state:
	.skip	40
	.balign	4096
	.skip	16384
stack_top:
