/* SPDX-License-Identifier: MIT */
/* debug.h - what the files of this suite share.
 */
#ifndef DEBUG_H
#define DEBUG_H

#include "lib.h"

#define TRAP_DB		1
#define DR6_CLEAR	0xffff0ff0ul
#define DR6_STEP	0x4000ul
#define DR7_CLEAR	0x400ul

/* DR7 for one breakpoint: enabled locally; what and how many bytes. */
enum what { EXECUTE, WRITE, PORT, ACCESS };
enum length { ONE, TWO, EIGHT, FOUR };
#define ARM(n, what, length) \
	(1ul << 2 * (n) | (uint64_t)((what) | (length) << 2) << (16 + 4 * (n)))

#define set_debugreg(reg, v)	call(set_debugreg, reg, v)
#define get_debugreg(reg)	call(get_debugreg, reg)
/* All breakpoints off and DR6 as after reset. */
void disarm(void);
/* Runs until a breakpoint is heeded (instructions.c). */
void run_to_breakpoint(struct frame *f);

void watches(void);
void instructions(void);
void steps(void);
void values(void);
void ports(void);

#endif
