/* SPDX-License-Identifier: MIT */
/* regs.h - a user thread's registers, as every entry pushes them.
 *
 * The frame ends at the top of the kernel stack. Offsets are used by the
 * platforms' entry.S and asserted there against REGS_SIZE.
 */
#ifndef KERNEL_PLATFORM_REGS_H
#define KERNEL_PLATFORM_REGS_H

#define VECTOR_SYSCALL 0x100
#define VECTOR_INTERRUPT 0x101
#define VECTOR_BAD_RETURN 0x102	/* the user's segments could not be restored */

#define REGS_SIZE 176
#define REGS_CS 144

#ifndef __ASSEMBLY__
#include "core/types.h"

struct user_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8;
	uint64_t rax, rcx, rdx, rsi, rdi;
	uint64_t vector;
	uint64_t error;		/* of an exception; the number of a system call */
	uint64_t rip, cs, rflags, rsp, ss;
};

_Static_assert(sizeof(struct user_regs) == REGS_SIZE, "entry.S");
_Static_assert(offsetof(struct user_regs, cs) == REGS_CS, "entry.S");

static inline bool regs_from_user(const struct user_regs *regs)
{
	return (regs->cs & 3) == 3;
}
#endif

#endif
