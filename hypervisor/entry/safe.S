/* SPDX-License-Identifier: MIT */
/* safe.S - instructions that may fault on a guest's value.
 *
 * Each function has one instruction that may fault, with a row in the
 * exception table: the fault becomes -EFAULT.
 */
#include "cpu/asm.h"

#define EFAULT_NEG	-14

	.text

FUNC(safe_rdmsr)			/* edi = msr, rsi -> value */
	mov	%edi, %ecx
1:	rdmsr
	EXTABLE(1b, safe_failed)
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, (%rsi)
	xor	%eax, %eax
	ret
END(safe_rdmsr)

FUNC(safe_xsetbv)			/* edi = index, rsi = value */
	mov	%edi, %ecx
	mov	%esi, %eax
	mov	%rsi, %rdx
	shr	$32, %rdx
1:	xsetbv
	EXTABLE(1b, safe_failed)
	xor	%eax, %eax
	ret
END(safe_xsetbv)

FUNC(safe_xrstor)			/* rdi -> area, rsi = mask */
	mov	%esi, %eax
	mov	%rsi, %rdx
	shr	$32, %rdx
1:	xrstor64 (%rdi)
	EXTABLE(1b, safe_failed)
	xor	%eax, %eax
	ret
END(safe_xrstor)

FUNC(safe_fxrstor)			/* rdi -> area */
1:	fxrstor64 (%rdi)
	EXTABLE(1b, safe_failed)
	xor	%eax, %eax
	ret
END(safe_fxrstor)

FUNC(safe_failed)
	mov	$EFAULT_NEG, %eax
	ret
END(safe_failed)

FUNC(safe_lar)				/* edi = selector */
	xor	%eax, %eax
1:	lar	%edi, %eax
2:	ret
	EXTABLE(1b, 2b)
END(safe_lar)

/* Segment loads: a refused selector leaves the null selector. */
.macro SAFE_LOAD seg
FUNC(safe_load_\seg)
1:	mov	%edi, %\seg
	xor	%eax, %eax
	ret
2:	xor	%eax, %eax
	mov	%eax, %\seg
	mov	$EFAULT_NEG, %eax
	ret
	EXTABLE(1b, 2b)
END(safe_load_\seg)
.endm

SAFE_LOAD ds
SAFE_LOAD es
SAFE_LOAD fs
SAFE_LOAD gs

/* The user GS selector is loaded behind SWAPGS; nothing between the two may
 * be interrupted by a guest, and NMI handlers do not use GS. */
FUNC(safe_load_gs_user)
	swapgs
1:	mov	%edi, %gs
	swapgs
	xor	%eax, %eax
	ret
2:	xor	%eax, %eax
	mov	%eax, %gs
	swapgs
	mov	$EFAULT_NEG, %eax
	ret
	EXTABLE(1b, 2b)
END(safe_load_gs_user)
