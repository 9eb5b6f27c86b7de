/* SPDX-License-Identifier: MIT */
/* entry.S - the ways in.
 *
 * Guards: whatever state a guest left in its registers, C code starts on
 * the CPU's own stack with AC and DF clear and the guest's registers in
 * the current vCPU's frame.
 * Invariant: from CPL 3 the CPU pushes at TSS.RSP0, the end of that frame;
 * from CPL 0 it pushes on the stack in use, so every stub looks at the
 * saved CS first.
 * Not here: the way out (exit.S).
 */
#include <offsets.h>

#include "cpu/asm.h"

#define IRET_CALL	23		/* __HYPERVISOR_iret */

/* With rsp at the top of this CPU's stack. */
#define CPU_FIELD(f)	(CPU_DATA + (f) - CPU_STACK)(%rsp)

	.text

/* Debug builds keep how long entries take.
 * in:   rbx = vcpu, its registers in its frame
 * uses: all that a call may, but for rax */
.macro STRETCH_BEGIN
#if CONFIG_DEBUG
	lea	VCPU_FRAME(%rbx), %rdi
	movzbl	VCPU_KERNEL_MODE(%rbx), %esi
	call	stretch_begin
	mov	VCPU_RAX(%rbx), %rax
#endif
.endm

/* tour 03: SYSCALL arrives here, in a copy of these bytes in page 0 of the
 * CPU's block, so that RIP-relative addresses find that CPU's data.
 * in:  rcx = guest rip, r11 = guest rflags, rsp = the guest's
 * out: to syscall_entry with rsp -> error word of the vCPU's frame */
#define CPU_DATA_REL(field)	(syscall_stub + CPU_DATA + field)(%rip)
.macro SYSCALL_STUB jump, cs
	mov	%rsp, CPU_DATA_REL(CPU_SCRATCH_RSP)
	mov	CPU_DATA_REL(CPU_FRAME_END), %rsp
	pushq	$0xe02b			/* FLAT_RING3_SS64, and SS32 */
	pushq	CPU_DATA_REL(CPU_SCRATCH_RSP)
	push	%r11
	pushq	$\cs
	push	%rcx
	pushq	$0
	movl	$SYSCALL_ENTRY, 4(%rsp)
	.globl	\jump
	.hidden	\jump
\jump:					/* its displacement is mended in each copy */
	.byte	0xe9
	.long	0
.endm
FUNC(syscall_stub)
	SYSCALL_STUB syscall_stub_jump, 0xe033		/* FLAT_RING3_CS64 */

/* The same from 32-bit code. */
	.globl	syscall32_stub
	.hidden	syscall32_stub
syscall32_stub:
	SYSCALL_STUB syscall32_stub_jump, 0xe023	/* FLAT_RING3_CS32 */
	.globl	syscall_stub_end
	.hidden	syscall_stub_end
syscall_stub_end:
END(syscall_stub)

FUNC(syscall_entry)
	SAVE_REGS
	lea	-VCPU_FRAME(%rsp), %rbx
	mov	VCPU_CPU_STACK(%rbx), %rsp
	STRETCH_BEGIN
	movl	$BUDGET, CPU_FIELD(CPU_BUDGET)
	mov	%rbx, %rdi
	cmpw	$1, VCPU_KERNEL_MODE(%rbx)	/* a kernel's, and not traced? */
	jne	syscall_other
	cmp	$IRET_CALL, %rax	/* half of all traps' cost: no gate, no result */
	je	from_handler
	lea	VCPU_HCALL(%rbx), %rsi
	mov	%rax, %rdx
	call	hypercall_dispatch
called:
	cmp	$SPECIAL_FIRST, %rax	/* an error, HCALL_FRAME_SET or -ERESTART? */
	jae	special_result
	mov	%rax, VCPU_RAX(%rbx)
	jmp	exit_to_guest
special_result:
	mov	%rbx, %rdi
	mov	%rax, %rsi
	call	hypercall_special
	jmp	exit_to_guest
from_handler:
	call	hc_iret
	jmp	exit_to_guest
END(syscall_entry)

/* in: rbx = rdi = vcpu, rax = number, flags of VCPU_KERNEL_MODE and
 * VCPU_TRACED against 1 and 0 */
FUNC(syscall_other)
	jb	user_syscall
	cmpb	$0, VCPU_KERNEL_MODE(%rbx)
	je	user_syscall
	lea	VCPU_HCALL(%rbx), %rsi
	mov	%rax, %rdx
	call	hypercall_traced
	jmp	called
END(syscall_other)

/* The guest's registers are in its frame: our stack, our flags, the handler.
 * in: rbx = vcpu */
.macro HANDLE handler
	cld
	CLAC
	mov	VCPU_CPU_STACK(%rbx), %rsp
	STRETCH_BEGIN
	movl	$BUDGET, CPU_FIELD(CPU_BUDGET)
	mov	%rbx, %rdi
	call	\handler
	jmp	exit_to_guest
.endm

/* From CPL 3: the guest's registers into its frame, our stack, the handler.
 * in: rsp -> error/vector word */
.macro FROM_GUEST handler
	SAVE_REGS
	lea	-VCPU_FRAME(%rsp), %rbx
	HANDLE \handler
.endm

FUNC(syscall32_entry)
	FROM_GUEST trap_syscall32
END(syscall32_entry)

FUNC(interrupt_entry)
	testb	$3, 16(%rsp)		/* saved CS */
	jz	trap_entry_from_hypervisor
	FROM_GUEST interrupt_from_guest
END(interrupt_entry)

/* Legal only at exception-table rows and, for interrupts, in the idle loop. */
FUNC(trap_entry_from_hypervisor)
	SAVE_REGS
	cld
	mov	%rsp, %rdi
	mov	%rsp, %rbp
	and	$-16, %rsp
	call	trap_from_hypervisor
	mov	%rbp, %rsp
	RESTORE_REGS
	add	$8, %rsp
	iretq
END(trap_entry_from_hypervisor)

/* NMI, #MC, #DF and #DB come on stacks of their own (IST). From CPL 3 the
 * frame is moved to the vCPU's.
 * in: rsp -> error/vector word, on an IST stack of this CPU's block */
.macro IST_FROM_GUEST handler
	push	%rax
	push	%rbx
	mov	%rsp, %rbx
	and	$-CPU_BLOCK, %rbx
	mov	CPU_DATA + CPU_FRAME_END(%rbx), %rbx
	sub	$FRAME_SIZE, %rbx
	.irp	off, 0, 8, 16, 24, 32, 40
	mov	16 + \off(%rsp), %rax
	mov	%rax, FRAME_ERROR + \off(%rbx)
	.endr
	mov	8(%rsp), %rax
	mov	%rax, FRAME_RAX(%rbx)
	mov	0(%rsp), %rax
	mov	%rax, FRAME_RBX(%rbx)
	mov	%rbp, FRAME_RBP(%rbx)
	mov	%r12, FRAME_R12(%rbx)
	mov	%r13, FRAME_R13(%rbx)
	mov	%r14, FRAME_R14(%rbx)
	mov	%r15, FRAME_R15(%rbx)
	mov	%rcx, FRAME_RCX(%rbx)
	mov	%r11, FRAME_R11(%rbx)
	mov	%rdi, FRAME_RDI(%rbx)
	mov	%rsi, FRAME_RSI(%rbx)
	mov	%rdx, FRAME_RDX(%rbx)
	mov	%r10, FRAME_R10(%rbx)
	mov	%r8, FRAME_R8(%rbx)
	mov	%r9, FRAME_R9(%rbx)
	sub	$VCPU_FRAME, %rbx
	HANDLE \handler
.endm

/* One stub a vector: push what the CPU did not, name the vector, and for
 * exceptions call the row's handler directly: no dispatch, no indirect call. */
.macro STUB vec, error, ist, handler
	.balign	16
trap_stub_\vec:
	.if !\error
	pushq	$0
	.endif
	movl	$\vec, 4(%rsp)
	.ifb \handler
	jmp	interrupt_entry
	.else
	testb	$3, 16(%rsp)
	jz	trap_entry_from_hypervisor
	.if \ist
	IST_FROM_GUEST \handler
	.else
	FROM_GUEST \handler
	.endif
	.endif
	.pushsection .rodata.trap_stubs, "a"
	.quad	\vec, trap_stub_\vec
	.popsection
.endm

	.pushsection .rodata.trap_stubs, "a"
	.balign	8
	.globl	trap_stubs
	.hidden	trap_stubs
trap_stubs:				/* { vector, address } pairs, ended by -1 */
	.popsection
#define TRAP(vec, name, error, dpl, ist, handler)	STUB vec, error, ist, handler;
#include "traps/traps.def"
#undef TRAP
	.altmacro
	.set	vector, 32
	.rept	224
	STUB	%vector, 0, 0
	.set	vector, vector + 1
	.endr
	.noaltmacro
	.pushsection .rodata.trap_stubs, "a"
	.quad	-1, 0
	.popsection
