/* SPDX-License-Identifier: MIT */
/* frame.h - a guest's registers as an entry leaves them.
 *
 * The frame sits at the top of the current vCPU's own frame area
 * (TSS.RSP0 is its end), so that a blocked vCPU needs no copying. The
 * argument registers lie in a row: a front reads its arguments in place.
 */
#ifndef PARAVANE_CPU_FRAME_H
#define PARAVANE_CPU_FRAME_H

#include "base/types.h"

/* The six arguments of a hypercall, in the ABI's order. */
struct hcall {
	uint64_t arg[6];	/* rdi rsi rdx r10 r8 r9 */
};

/* A call's result when it wrote the whole frame, RAX included (iret): the gate
 * leaves it alone. Neither this nor -ERESTART is an error that any front gives
 * a guest. */
#define HCALL_FRAME_SET	(-86L)

struct cpu_frame {
	uint64_t rbx, rbp, r12, r13, r14, r15;
	uint64_t rax, rcx, r11;
	union {
		struct hcall hcall;
		struct { uint64_t rdi, rsi, rdx, r10, r8, r9; };
	};
	uint32_t error;		/* hardware error code, or 0 */
	uint32_t vector;	/* how we came in: a vector, or ENTRY_SYSCALL */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* The registers by their numbers in instructions. */
static inline uint64_t *frame_gpr(struct cpu_frame *f, unsigned n)
{
#define AT(reg)	offsetof(struct cpu_frame, reg)
	static const uint8_t at[16] = {
		AT(rax), AT(rcx), AT(rdx), AT(rbx), AT(rsp), AT(rbp), AT(rsi), AT(rdi),
		AT(r8), AT(r9), AT(r10), AT(r11), AT(r12), AT(r13), AT(r14), AT(r15),
	};
#undef AT

	return (uint64_t *)((char *)f + at[n & 15]);
}

/* Not a vector: entered by SYSCALL, so SYSRET may be the way out. */
#define ENTRY_SYSCALL	0x100
/* Not a vector: nothing to return from yet (a vCPU that never ran). */
#define ENTRY_NONE	0x101

#endif
