/* SPDX-License-Identifier: MIT */
/* segments.S - leaving the loader's segments for our own.
 */
#include "cpu/asm.h"

#define HYPERVISOR_CS	0xe008
#define HYPERVISOR_SS	0xe010

	.text

/* Returns to its caller with CS and SS from the GDT just loaded. */
FUNC(load_flat_segments)
	pop	%rax
	pushq	$HYPERVISOR_CS
	push	%rax
	mov	$HYPERVISOR_SS, %eax
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %fs
	mov	%eax, %gs
	lretq
END(load_flat_segments)
