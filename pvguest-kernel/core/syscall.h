/* SPDX-License-Identifier: MIT */
/* syscall.h - the system calls: one row each, in core/syscalls.def and
 * fs/syscalls.def.
 *
 *	SYSCALL(number, name, function, argument count)
 *
 * Every function takes its arguments as uint64_t (cast an int yourself: the
 * upper half of a register is the user's to leave dirty) and returns a result
 * or a negative errno. -EINTR from a sleep is simply returned.
 */
#ifndef KERNEL_CORE_SYSCALL_H
#define KERNEL_CORE_SYSCALL_H

#include "core/types.h"

#define SYSCALL_ARGS_0 void
#define SYSCALL_ARGS_1 uint64_t
#define SYSCALL_ARGS_2 uint64_t, uint64_t
#define SYSCALL_ARGS_3 uint64_t, uint64_t, uint64_t
#define SYSCALL_ARGS_4 uint64_t, uint64_t, uint64_t, uint64_t
#define SYSCALL_ARGS_5 uint64_t, uint64_t, uint64_t, uint64_t, uint64_t
#define SYSCALL_ARGS_6 uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t

#define SYSCALL(nr, name, function, nargs) long function(SYSCALL_ARGS_##nargs);
#include "core/syscalls.def"
#include "fs/syscalls.def"
#undef SYSCALL

struct user_regs;
void syscall_handle(struct user_regs *regs);	/* the result goes into rax */

#endif
