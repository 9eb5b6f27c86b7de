/* SPDX-License-Identifier: MIT */
/* head.S - what the domain builder reads, and the first instructions.
 *
 * The notes say: 64-bit PV kernel, pfn 0 is mapped at VIRT_BASE, start here.
 * No hypercall page is asked for: calls are made by SYSCALL directly.
 */
#define __ASSEMBLY__
#include <public/elfnote.h>
#include <public/xen.h>

#define BOOT_STACK_SIZE 16384

#define NOTE(type, content...)			\
	.balign 4;				\
	.long 4, 2f - 1f, type;			\
	.asciz "Xen";				\
1:	content;				\
2:	.balign 4

	.section .note.Xen, "a", @note
	NOTE(XEN_ELFNOTE_GUEST_OS, .asciz "pvguest")
	NOTE(XEN_ELFNOTE_GUEST_VERSION, .asciz "0.1")
	NOTE(XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0")
	NOTE(XEN_ELFNOTE_LOADER, .asciz "generic")
	NOTE(XEN_ELFNOTE_PAE_MODE, .asciz "yes")
	NOTE(XEN_ELFNOTE_FEATURES, .asciz "!writable_page_tables|pae_pgdir_above_4gb")
	NOTE(XEN_ELFNOTE_VIRT_BASE, .quad 0xffffffff80000000)
	NOTE(XEN_ELFNOTE_PADDR_OFFSET, .quad 0)
	NOTE(XEN_ELFNOTE_ENTRY, .quad xen_entry)

/* xen_entry
 * in:    rsi = start_info, paging on, events masked
 * out:   never returns */
	.text
	.globl xen_entry
xen_entry:
	cld
	leaq boot_stack_end(%rip), %rsp
	xorl %ebp, %ebp
	movq %rsi, %rdi
	call xen_start
1:	ud2
	jmp 1b

	.bss
	.balign 16
boot_stack:
	.skip BOOT_STACK_SIZE
	.globl boot_stack_end
boot_stack_end:

	.section .note.GNU-stack, "", @progbits
