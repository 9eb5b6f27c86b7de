/* SPDX-License-Identifier: MIT */
/* syscall.c - from a number to its function, row by row.
 *
 * What has no row answers ENOSYS and is noted once in the log.
 */
#include "core/syscall.h"

#include "core/errno.h"
#include "core/printk.h"
#include "core/process.h"
#include "platform/regs.h"

#define NOTE_MAX 512

static const char *name_of(uint64_t nr)
{
	switch (nr) {
#define ABSENT(number, name) \
	case number: return #name;
#include "core/absent.def"
#undef ABSENT
	default:
		return "nameless";
	}
}

static long unknown(uint64_t nr)
{
	static uint64_t noted[NOTE_MAX / 64];

	if (nr < NOTE_MAX && !(noted[nr / 64] & (1ul << nr % 64))) {
		noted[nr / 64] |= 1ul << nr % 64;
		klog("%s[%d]: unknown system call %lu (%s), noted once\n", current->comm,
		     current->process->pid, nr, name_of(nr));
	}
	return -ENOSYS;
}

#define PASS_0(r)
#define PASS_1(r) r->rdi
#define PASS_2(r) PASS_1(r), r->rsi
#define PASS_3(r) PASS_2(r), r->rdx
#define PASS_4(r) PASS_3(r), r->r10
#define PASS_5(r) PASS_4(r), r->r8
#define PASS_6(r) PASS_5(r), r->r9

static long dispatch(const struct user_regs *r)
{
	switch (r->error) {
#define SYSCALL(nr, name, function, nargs) \
	case nr: return function(PASS_##nargs(r));
#include "core/syscalls.def"
#include "fs/syscalls.def"
#undef SYSCALL
	default:
		return unknown(r->error);
	}
}

void syscall_handle(struct user_regs *regs)
{
	regs->rax = (uint64_t)dispatch(regs);
}
