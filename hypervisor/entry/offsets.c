/* SPDX-License-Identifier: MIT */
/* offsets.c - structure offsets for the assembly files.
 *
 * Compiled to assembly text, from which the build takes the numbers; never
 * linked. Assembly uses no literal offset.
 */
#include "base/errno.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "mm/layout.h"

#define OFFSET(name, type, field) \
	__asm__ volatile("\n.ascii \"->" #name " %0\"" :: "i"(offsetof(type, field)))
#define VALUE(name, v)	__asm__ volatile("\n.ascii \"->" #name " %0\"" :: "i"(v))

void offsets(void);

void offsets(void)
{
	OFFSET(VCPU_PENDING, struct vcpu, pending);
	OFFSET(VCPU_KERNEL_MODE, struct vcpu, kernel_mode);
	OFFSET(VCPU_FRAME, struct vcpu, frame);
	OFFSET(VCPU_CPU_STACK, struct vcpu, cpu_stack);
	OFFSET(VCPU_INFO, struct vcpu, info);
	OFFSET(VCPU_HCALL, struct vcpu, frame.hcall);
	OFFSET(VCPU_RAX, struct vcpu, frame.rax);
	OFFSET(FRAME_RBX, struct cpu_frame, rbx);
	OFFSET(FRAME_RBP, struct cpu_frame, rbp);
	OFFSET(FRAME_R12, struct cpu_frame, r12);
	OFFSET(FRAME_R13, struct cpu_frame, r13);
	OFFSET(FRAME_R14, struct cpu_frame, r14);
	OFFSET(FRAME_R15, struct cpu_frame, r15);
	OFFSET(FRAME_RAX, struct cpu_frame, rax);
	OFFSET(FRAME_RCX, struct cpu_frame, rcx);
	OFFSET(FRAME_R11, struct cpu_frame, r11);
	OFFSET(FRAME_RDI, struct cpu_frame, rdi);
	OFFSET(FRAME_RSI, struct cpu_frame, rsi);
	OFFSET(FRAME_RDX, struct cpu_frame, rdx);
	OFFSET(FRAME_R10, struct cpu_frame, r10);
	OFFSET(FRAME_R8, struct cpu_frame, r8);
	OFFSET(FRAME_R9, struct cpu_frame, r9);
	OFFSET(FRAME_ERROR, struct cpu_frame, error);
	OFFSET(FRAME_RIP, struct cpu_frame, rip);
	OFFSET(FRAME_CS, struct cpu_frame, cs);
	OFFSET(FRAME_VECTOR, struct cpu_frame, vector);
	OFFSET(FRAME_RFLAGS, struct cpu_frame, rflags);
	OFFSET(FRAME_RSP, struct cpu_frame, rsp);
	OFFSET(FRAME_SS, struct cpu_frame, ss);
	VALUE(FRAME_SIZE, sizeof(struct cpu_frame));
	OFFSET(CPU_SCRATCH_RSP, struct cpu, scratch_rsp);
	OFFSET(CPU_FRAME_END, struct cpu, frame_end);
	OFFSET(CPU_CURRENT, struct cpu, current);
	OFFSET(CPU_BUDGET, struct cpu, budget);
	OFFSET(CPU_PENDING, struct cpu, pending);
	VALUE(SPECIAL_FIRST, -4095);
	_Static_assert(RESULT_IS_SPECIAL(-4095) && !RESULT_IS_SPECIAL(-4096) &&
		       RESULT_IS_SPECIAL(HCALL_FRAME_SET) && RESULT_IS_SPECIAL(-ERESTART),
		       "entry.S tests for all at once");
	VALUE(BUDGET, BUDGET_PER_ENTRY);
	VALUE(CPU_BLOCK, CPU_BLOCK_SIZE);
	VALUE(CPU_DATA, CPU_DATA_OFFSET);
	VALUE(CPU_STACK, CPU_STACK_TOP);
	VALUE(SYSCALL_ENTRY, ENTRY_SYSCALL);
	VALUE(LINK_BASE, TEXT_BASE);
	VALUE(CPU_BLOCKS, PERCPU_BASE);
	VALUE(NMI_PAGE, CPU_NMI_PAGE);
	VALUE(MC_PAGE, CPU_MC_PAGE);
	VALUE(DF_PAGE, CPU_DF_PAGE);
	VALUE(DB_PAGE, CPU_DB_PAGE);
	VALUE(STACK_PAGE, CPU_STACK_PAGE);
	VALUE(GDT_PAGE, CPU_GDT_PAGE);
	_Static_assert(offsetof(struct vcpu, traced) ==
		       offsetof(struct vcpu, kernel_mode) + 1,
		       "entry.S reads both at once");
	_Static_assert((offsetof(struct vcpu, frame) + sizeof(struct cpu_frame)) % 16 == 0,
		       "RSP0 must be 16-byte aligned");
	_Static_assert(offsetof(struct vcpu, cpu_stack) ==
		       offsetof(struct vcpu, frame) + sizeof(struct cpu_frame),
		       "the way out reads it right above RSP0");
}
