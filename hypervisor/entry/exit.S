/* SPDX-License-Identifier: MIT */
/* exit.S - the one way out to a guest.
 *
 * Guards: no vCPU resumes with work pending and no interrupt on its way for it,
 * with hypervisor privilege or with a return that could fault on its saved
 * registers.
 * Invariant: the five IRET words are copied to the CPU's stack first, so
 * that a faulting IRETQ leaves the vCPU's frame whole; SYSRET is used only
 * when the frame says so (flat selectors, rcx = rip, r11 = rflags) and the
 * address is canonical.
 */
#include <offsets.h>

#include "cpu/asm.h"

#define CPU_FIELD(f)	(CPU_DATA + (f) - CPU_STACK)(%rsp)
/* A register of the guest; rbx = its vCPU. */
#define GUEST(r)	(VCPU_FRAME + FRAME_##r)(%rbx)
#define FLAGS_RF_NT	0x14000
#define FLAGS_IOPL_VM	0x23000
#define FLAGS_IF	0x200

	.text

/* entry.S began what ends here. */
.macro STRETCH_END
#if CONFIG_DEBUG
	call	stretch_end
#endif
.endm

/* A guest user's SYSCALL, for its kernel; goes on into exit_to_guest.
 * in: rbx = rdi = vcpu, its registers in its frame */
FUNC(user_syscall)
	call	trap_user_syscall

/* tour 05: out again. exit_to_guest
 * in:    rbx = vcpu, rsp = this CPU's stack top, interrupts off
 * uses:  everything       never returns */
	.globl	exit_to_guest
	.hidden	exit_to_guest
exit_to_guest:
	cmpl	$0, CPU_FIELD(CPU_PENDING)
	jne	exit_slow
	cmpl	$0, VCPU_PENDING(%rbx)
	jne	exit_slow
exit_served:				/* by exit_work(): asked again, it might never end */
	mov	VCPU_INFO(%rbx), %rax
	movzwl	(%rax), %eax		/* upcall pending, and mask above it */
	dec	%eax
	cmp	$0xfe, %eax		/* pending != 0 and mask == 0 */
	jbe	exit_event

exit_bounced:
	cmpl	$SYSCALL_ENTRY, GUEST(VECTOR)
	jne	exit_by_iret
	mov	GUEST(RIP), %rax
	shl	$16, %rax
	sar	$16, %rax		/* canonical addresses survive this */
	cmp	GUEST(RIP), %rax
	jne	exit_by_iret
	testl	$FLAGS_RF_NT, GUEST(RFLAGS)
	jnz	exit_by_iret
	STRETCH_END
	lea	VCPU_FRAME(%rbx), %rsp
	RESTORE_REGS			/* rcx and r11 already hold rip and rflags */
	mov	32(%rsp), %rsp		/* past error, rip, cs, rflags */
	sysretq

exit_by_iret:
	STRETCH_END
	mov	GUEST(RIP), %rax
	mov	GUEST(CS), %rcx
	mov	GUEST(RFLAGS), %rdx
	mov	GUEST(RSP), %rsi
	mov	GUEST(SS), %rdi
	or	$3, %ecx
	or	$3, %edi
	and	$~FLAGS_IOPL_VM, %edx
	or	$FLAGS_IF, %edx
	mov	%rax, 0(%rsp)
	mov	%rcx, 8(%rsp)
	mov	%rdx, 16(%rsp)
	mov	%rsi, 24(%rsp)
	mov	%rdi, 32(%rsp)
	lea	VCPU_FRAME(%rbx), %rsp
	RESTORE_REGS
	mov	VCPU_CPU_STACK - VCPU_FRAME - FRAME_ERROR(%rsp), %rsp
iret_insn:
	iretq
	EXTABLE(iret_insn, iret_faulted)

exit_event:
	mov	%rbx, %rdi
	call	bounce_event		/* which masks events */
	/* Not asked again in this exit: another vCPU could clear the mask each
	 * time, and we would never leave. Events from now on come by interrupt. */
	cmpl	$0, CPU_FIELD(CPU_PENDING)
	je	exit_bounced
	mov	%rbx, %rdi
	call	exit_work_again
	mov	%rax, %rbx
	jmp	exit_bounced

exit_slow:
	mov	%rbx, %rdi
	call	exit_work		/* returns the vCPU to run */
	mov	%rax, %rbx
	jmp	exit_served
END(user_syscall)

/* The guest's words could not be loaded: the fault is the guest's.
 * in: rsp = this CPU's stack top; cpu.iret_fault_* say what happened */
FUNC(iret_faulted)
	mov	CPU_FIELD(CPU_CURRENT), %rbx
	mov	%rbx, %rdi
	call	trap_iret_fault
	jmp	exit_to_guest
END(iret_faulted)

/* enter_guest(vcpu, stack): leave boot for good.
 * in: rdi = vcpu, rsi = this CPU's stack top */
FUNC(enter_guest)
	mov	%rdi, %rbx
	mov	%rsi, %rsp
	jmp	exit_to_guest
END(enter_guest)
