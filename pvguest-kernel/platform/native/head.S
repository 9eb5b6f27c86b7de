/* SPDX-License-Identifier: MIT */
/* head.S - from a multiboot loader's 32-bit hand-over to 64-bit C.
 *
 * The first tables map 2 GiB of physical memory twice, in large pages: at
 * KERNEL_BASE for ever, and at 0 until the jump to the high half is done.
 */
#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_FLAGS 3		/* page-aligned modules, memory map */
#define HIGH 0xffffffff80000000
#define ENTRY_FLAGS 0x3			/* present, writable */
#define LARGE_FLAGS 0x83
#define CR0_SETTINGS 0x80010033		/* PG WP NE ET MP PE */
#define CR4_SETTINGS 0x620		/* PAE OSFXSR OSXMMEXCPT */
#define MSR_EFER 0xc0000080
#define EFER_SETTINGS 0x901		/* SCE LME NXE */

	.section .multiboot, "a"
	.balign 4
	.long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.section .text.boot, "ax"
	.code32
/* native_entry
 * in:    eax = the loader's magic, ebx = physical address of its information
 * out:   never returns */
	.globl native_entry
native_entry:
	cli
	cld
	movl $(boot_l2 - HIGH), %edi
	movl $LARGE_FLAGS, %eax
	movl $1024, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	movl $(boot_l2 - HIGH + ENTRY_FLAGS), %eax
	movl %eax, boot_l3 - HIGH
	movl %eax, boot_l3 - HIGH + 510 * 8
	addl $4096, %eax
	movl %eax, boot_l3 - HIGH + 511 * 8
	movl $(boot_l3 - HIGH + ENTRY_FLAGS), %eax
	movl %eax, boot_l4 - HIGH
	movl %eax, boot_l4 - HIGH + 511 * 8
	movl $CR4_SETTINGS, %eax
	movl %eax, %cr4
	movl $(boot_l4 - HIGH), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	movl $EFER_SETTINGS, %eax
	xorl %edx, %edx
	wrmsr
	movl $CR0_SETTINGS, %eax
	movl %eax, %cr0
	lgdt boot_gdt_pointer - HIGH
	ljmp $0x08, $(2f - HIGH)
	.code64
2:	movabsq $3f, %rax
	jmpq *%rax
3:	movl $0x10, %eax
	movl %eax, %ss
	movl %eax, %ds
	movl %eax, %es
	leaq boot_stack_end(%rip), %rsp
	xorl %ebp, %ebp
	movl %ebx, %edi
	call native_start
4:	hlt
	jmp 4b

	.section .rodata.boot, "a"
	.balign 8
boot_gdt:
	.quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.long boot_gdt - HIGH

	.section .bss.pages, "aw", @nobits
	.balign 4096
	.globl boot_l4
boot_l4:
	.skip 4096
boot_l3:
	.skip 4096
boot_l2:
	.skip 8192
boot_stack:
	.skip 16384
	.globl boot_stack_end
boot_stack_end:

	.section .note.GNU-stack, "", @progbits
