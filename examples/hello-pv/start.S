/* SPDX-License-Identifier: MIT */
/* start.S - how the hypervisor enters this kernel: at boot, and with events.
 *
 * Guards: an event may come anywhere in the C code and leaves no trace there.
 */
#define __ASSEMBLY__
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <xen/xen.h>
#include <xen/elfnote.h>

/* Notes tell the domain builder what this file is and where it wants to be. */
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
	note	XEN_ELFNOTE_LOADER, .asciz "generic"
	note	XEN_ELFNOTE_VIRT_BASE, .quad VIRT_BASE
	note	XEN_ELFNOTE_PADDR_OFFSET, .quad VIRT_BASE
	note	XEN_ELFNOTE_ENTRY, .quad start

/* start
 * in:    rsi -> start_info, paging on, events masked, ring 3 */
	.globl	start
start:	cld
	lea	stack_top(%rip), %rsp
	mov	%rsi, %rdi
	call	main				# does not return

/* event_entry: an event channel is pending
 * in:    (rsp): rcx r11 rip cs rflags rsp ss; events masked
 * The iret call wants rax r11 rcx flags below the last five of these. */
	.globl	event_entry
event_entry:
	.irp	reg, rax, rdx, rsi, rdi, r8, r9, r10
	push	%\reg
	.endr
	cld
	call	on_event
	.irp	reg, r10, r9, r8, rdi, rsi, rdx, rax, rcx, r11
	pop	%\reg
	.endr
	push	$0				# flags: not from SYSCALL
	.irp	reg, rcx, r11, rax
	push	%\reg
	.endr
	mov	$__HYPERVISOR_iret, %eax
	syscall					# does not return

	.local	stack
	.comm	stack, 8192, 16
	.set	stack_top, stack + 8192
