/* SPDX-License-Identifier: MIT */
/* start.S - a suite's notes, its first instructions, and its ways into C.
 *
 * Guards: what the kernel was given at its start is kept before it is changed,
 * and trap and event handlers leave every register as it was.
 */
#define __ASSEMBLY__
#include <xen/xen.h>
#include <xen/elfnote.h>

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

/* One stub a vector. The hypervisor pushed rcx r11 [error] rip cs rflags rsp
 * ss; the frame of lib.h has r15...rax, vector, error, rip... instead. */
	.macro stub vector:req, has_error:req
trap_stub_\vector:
	pop	%rcx
	pop	%r11
	.if	!\has_error
	push	$0
	.endif
	push	$\vector
	jmp	trap_common
	.endm
	.irp	v, 0, 1, 2, 3, 4, 5, 6, 7, 9, 15, 16, 18, 19, 128
	stub	\v, 0
	.endr
	.irp	v, 8, 10, 11, 12, 13, 14, 17
	stub	\v, 1
	.endr

trap_common:
	.irp	r, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	push	%\r
	.endr
	cld
	mov	%rsp, %rdi
	call	lib_trap
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
	pop	%\r
	.endr
	add	$16, %rsp			# vector, error
return_to:
	push	$0				# flags: not from SYSCALL
	.irp	r, rcx, r11, rax
	push	%\r
	.endr
	mov	$__HYPERVISOR_iret, %eax
	syscall					# does not return

	.globl	event_entry
event_entry:
	.irp	r, rax, rdx, rsi, rdi, r8, r9, r10
	push	%\r
	.endr
	cld
	call	lib_event
	.irp	r, r10, r9, r8, rdi, rsi, rdx, rax, rcx, r11
	pop	%\r
	.endr
	jmp	return_to

/* int catch(void (*fn)(void *), void *arg)
 * out:   0 after fn returned, 1 if a trap cut it short (lib_trap goes to
 *        catch_landing with the stack as it is kept here) */
	.globl	catch, catch_landing
catch:
	.irp	r, rbp, rbx, r12, r13, r14, r15
	push	%\r
	.endr
	push	catch_stack(%rip)		# catches may nest
	mov	%rsp, catch_stack(%rip)
	mov	%rdi, %rax
	mov	%rsi, %rdi
	call	*%rax
	xor	%eax, %eax
	jmp	1f
catch_landing:
	mov	$1, %eax
1:	pop	catch_stack(%rip)
	.irp	r, r15, r14, r13, r12, rbx, rbp
	pop	%\r
	.endr
	ret

/* Filled by the builder; a call before that returns at once. */
	.balign	4096
	.globl	hypercall_page
hypercall_page:
	.fill	4096, 1, 0xc3

	.section .rodata
	.globl	trap_stubs
trap_stubs:					# vector, flags, address
	.irp	v, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 128
	.byte	\v
	.if	(\v == 3) || (\v == 4) || (\v == 128)
	.byte	3				# INT may raise these
	.else
	.byte	0
	.endif
	.word	FLAT_KERNEL_CS
	.long	0
	.quad	trap_stub_\v
	.endr
	.quad	0, 0

	.bss
	.balign	8
	.globl	first_state, catch_stack
first_state:
	.skip	40
catch_stack:
	.skip	8
	.balign	4096
	.skip	16384
stack_top:
