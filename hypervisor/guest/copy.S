/* SPDX-License-Identifier: MIT */
/* copy.S - the instructions that touch guest memory.
 *
 * Guards: they are the only ones that do; each has a row in the exception
 * table, and AC is set only around them. The range was checked before
 * (guest/access.c).
 */
#include <offsets.h>

#include "cpu/asm.h"

	.text

/* guest_copy(dst, src, n): eax = 0, or -EFAULT
 * in: rdi = to, rsi = from, rdx = bytes; one of the two is the guest's */
FUNC(guest_copy)
	STAC
	mov	%edx, %ecx
	shr	$3, %ecx
1:	rep movsq
	mov	%edx, %ecx
	and	$7, %ecx
2:	rep movsb
	CLAC
	xor	%eax, %eax
	ret
	EXTABLE(1b, guest_fault)
	EXTABLE(2b, guest_fault)
END(guest_copy)

/* guest_clear(dst, n) */
FUNC(guest_clear)
	STAC
	xor	%eax, %eax
	mov	%esi, %ecx
	shr	$3, %ecx
1:	rep stosq
	mov	%esi, %ecx
	and	$7, %ecx
2:	rep stosb
	CLAC
	ret
	EXTABLE(1b, guest_fault)
	EXTABLE(2b, guest_fault)
END(guest_clear)

FUNC(guest_fault)
	CLAC
	mov	$-14, %eax
	ret
END(guest_fault)

/* One access to guest memory and, for a load, one to where it goes. */
.macro ACCESS name, insn, own
FUNC(\name)
	STAC
1:	\insn
	CLAC
	\own
	xor	%eax, %eax
	ret
	EXTABLE(1b, guest_fault)
END(\name)
.endm

/* *rdi = from guest rsi, through rdx */
ACCESS guest_load_u64, "mov (%rsi), %rdx", "mov %rdx, (%rdi)"
ACCESS guest_load_u32, "mov (%rsi), %edx", "mov %edx, (%rdi)"
ACCESS guest_load_u8, "movzbl (%rsi), %edx", "mov %dl, (%rdi)"
/* to guest rdi */
ACCESS guest_store_u64, "mov %rsi, (%rdi)"
ACCESS guest_store_u32, "mov %esi, (%rdi)"

#define FLAGS_CLEARED	0x77100		/* AC VM RF NT IOPL TF */
#define FLAGS_IF	0x200
#define FLAT_CS		0xe033
#define FLAT_SS		0xe02b

/* A trap frame onto a guest kernel's stack, straight from the vCPU's
 * registers, which then are those its handler starts with. On a fault they
 * are unchanged, and guest_push_failed(frame) is called.
 * guest_push_frame(frame, sp, cs, flags, address)
 * guest_push_frame_error(frame, sp, cs, flags, address, error)
 * in:   rdi -> cpu_frame, rsi = sp, below which the words fit, rdx = CS word,
 *       rcx = RFLAGS word, r8 = the handler, r9 = error code
 * uses: rax rcx rsi r10 r11 */
.macro PUSH_FRAME words
	sub	$8 * \words, %rsi
	mov	FRAME_RCX(%rdi), %rax
	mov	FRAME_R11(%rdi), %r10
	mov	FRAME_RIP(%rdi), %r11
	STAC
1:	mov	%rax, 0(%rsi)
2:	mov	%r10, 8(%rsi)
	.if \words == 8
3:	mov	%r9, 16(%rsi)
	EXTABLE(3b, push_fault)
	.endif
4:	mov	%r11, 8 * \words - 40(%rsi)
5:	mov	%rdx, 8 * \words - 32(%rsi)
6:	mov	%rcx, 8 * \words - 24(%rsi)
	mov	FRAME_RSP(%rdi), %rax
	mov	FRAME_SS(%rdi), %r10
7:	mov	%rax, 8 * \words - 16(%rsi)
8:	mov	%r10, 8 * \words - 8(%rsi)
	CLAC
	.irp	n, 1b, 2b, 4b, 5b, 6b, 7b, 8b
	EXTABLE(\n, push_fault)
	.endr
	and	$~FLAGS_CLEARED, %ecx
	or	$FLAGS_IF, %ecx			/* masked events are not masked interrupts */
	mov	%r8, FRAME_RIP(%rdi)
	mov	%r8, FRAME_RCX(%rdi)		/* entered as if by SYSRET */
	mov	%rcx, FRAME_RFLAGS(%rdi)
	mov	%rcx, FRAME_R11(%rdi)
	mov	%rsi, FRAME_RSP(%rdi)
	movq	$FLAT_CS, FRAME_CS(%rdi)
	movq	$FLAT_SS, FRAME_SS(%rdi)
	movl	$SYSCALL_ENTRY, FRAME_VECTOR(%rdi)
	ret
.endm

FUNC(guest_push_frame)
	PUSH_FRAME 7
END(guest_push_frame)

FUNC(guest_push_frame_error)
	PUSH_FRAME 8
END(guest_push_frame_error)

push_fault:
	CLAC
	jmp	guest_push_failed

/* guest_load_iret(vcpu, sp): reads each of the nine words of struct iret_context
 * once. What needs no check goes into the frame, the rest in registers to
 * iret_loaded(); the stack pointer is stored last, as it says where all this was
 * when some of it cannot be read.
 * in: rdi -> vcpu, rsi = sp
 * out: to traps/ops.c, rdi as it was; rsi = cs, rdx = ss, rcx = RFLAGS, r8 = flags */
FUNC(guest_load_iret)
	STAC
1:	mov	0(%rsi), %rax
	mov	%rax, VCPU_FRAME + FRAME_RAX(%rdi)
2:	mov	8(%rsi), %rax
	mov	%rax, VCPU_FRAME + FRAME_R11(%rdi)
3:	mov	16(%rsi), %rax
	mov	%rax, VCPU_FRAME + FRAME_RCX(%rdi)
4:	mov	24(%rsi), %r8
5:	mov	32(%rsi), %rax
	mov	%rax, VCPU_FRAME + FRAME_RIP(%rdi)
6:	mov	48(%rsi), %rcx
7:	mov	64(%rsi), %rdx
8:	mov	56(%rsi), %rax
9:	mov	40(%rsi), %rsi
	mov	%rax, VCPU_FRAME + FRAME_RSP(%rdi)
	CLAC
	jmp	iret_loaded
iret_fault:
	CLAC
	jmp	iret_unreadable
	.irp	n, 1b, 2b, 3b, 4b, 5b, 6b, 7b, 8b, 9b
	EXTABLE(\n, iret_fault)
	.endr
END(guest_load_iret)
