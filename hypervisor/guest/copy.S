/* SPDX-License-Identifier: MIT */
/* copy.S - the instructions that touch guest memory.
 *
 * Guards: they are the only ones that do; each has a row in the exception
 * table, and AC is set only around them. The range was checked before
 * (guest/access.c).
 */
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

.macro ACCESS name, insn:vararg
FUNC(\name)
	STAC
1:	\insn
	CLAC
	xor	%eax, %eax
	ret
	EXTABLE(1b, guest_fault)
END(\name)
.endm

/* *(u64 *)rdi = from guest rsi, through rdx */
FUNC(guest_load_u64)
	STAC
1:	mov	(%rsi), %rdx
	CLAC
	mov	%rdx, (%rdi)
	xor	%eax, %eax
	ret
	EXTABLE(1b, guest_fault)
END(guest_load_u64)

FUNC(guest_load_u32)
	STAC
1:	mov	(%rsi), %edx
	CLAC
	mov	%edx, (%rdi)
	xor	%eax, %eax
	ret
	EXTABLE(1b, guest_fault)
END(guest_load_u32)

FUNC(guest_load_u8)
	STAC
1:	movzbl	(%rsi), %edx
	CLAC
	mov	%dl, (%rdi)
	xor	%eax, %eax
	ret
	EXTABLE(1b, guest_fault)
END(guest_load_u8)

ACCESS guest_store_u64, mov %rsi, (%rdi)
ACCESS guest_store_u32, mov %esi, (%rdi)
