/* SPDX-License-Identifier: MIT */
/* fork.c - new processes and threads.
 *
 * Everything that can fail comes before the new one is published.
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "fs/file.h"
#include "fs/tty.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/user.h"
#include "platform/cpu.h"
#include "platform/regs.h"

#define CLONE_VM 0x100
#define CLONE_FS 0x200
#define CLONE_FILES 0x400
#define CLONE_SIGHAND 0x800
#define CLONE_VFORK 0x4000
#define CLONE_THREAD 0x10000
#define CLONE_SETTLS 0x80000
#define CLONE_PARENT_SETTID 0x100000
#define CLONE_CHILD_CLEARTID 0x200000
#define CLONE_CHILD_SETTID 0x1000000
#define CLONE_NEW_NAMESPACES 0x7e020000
#define CLONE_PIDFD 0x1000
#define CLONE_CLEAR_SIGHAND 0x100000000ul

/* The arguments of clone3; clone is a shorter way to say the same. */
struct clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls;
};

static struct thread *copy_thread(struct process *p, const struct clone_args *args)
{
	struct thread *t = thread_create(p), *self = current;

	if (!t)
		return NULL;
	*t->regs = *self->regs;
	t->regs->rax = 0;
	if (args->stack)
		t->regs->rsp = args->stack + args->stack_size;
	fpu_save(self->fpu);
	memcpy(t->fpu, self->fpu, fpu_size());
	t->fs_base = args->flags & CLONE_SETTLS ? args->tls : self->fs_base;
	t->gs_base = self->gs_base;
	t->blocked = self->blocked;
	if (!(args->flags & CLONE_VM) || (args->flags & CLONE_VFORK)) {
		t->altstack_base = self->altstack_base;
		t->altstack_size = self->altstack_size;
		t->altstack_flags = self->altstack_flags;
	}
	t->clear_tid = args->flags & CLONE_CHILD_CLEARTID ? args->child_tid : 0;
	memcpy(t->comm, self->comm, sizeof(t->comm));
	return t;
}

static int copy_resources(struct process *p, uint64_t flags)
{
	const struct process *self = current->process;

	if (flags & CLONE_VM) {
		mm_get(self->mm);
		p->mm = self->mm;
	} else {
		p->mm = mm_fork(self->mm);
	}
	p->files = flags & CLONE_FILES ? files_get(self->files) : files_copy(self->files);
	p->fs = flags & CLONE_FS ? fs_context_get(self->fs) : fs_context_copy(self->fs);
	return p->mm && p->files && p->fs ? 0 : -ENOMEM;
}

static void drop_unborn(struct process *p)
{
	if (p->mm)
		mm_put(p->mm);
	if (p->files)
		files_put(p->files);
	if (p->fs)
		fs_context_put(p->fs);
	tty_put(p->tty);
	kfree(p);
}

static int write_tids(const struct clone_args *args, struct process *p, const struct thread *t)
{
	uint32_t tid = (uint32_t)t->tid;

	if ((args->flags & CLONE_PARENT_SETTID) && put_user(tid, args->parent_tid))
		return -EFAULT;
	if (args->flags & CLONE_CHILD_SETTID) {
		int rc;

		/* In the child's memory, which may be another one than ours. */
		sched_use_mm(p->mm);
		rc = put_user(tid, args->child_tid);
		sched_use_mm(current->process->mm);
		return rc;
	}
	return 0;
}

static long create_thread(const struct clone_args *args)
{
	struct process *p = current->process;
	struct thread *t = copy_thread(p, args);
	int tid;

	if (!t)
		return -ENOMEM;
	if (write_tids(args, p, t)) {
		thread_free(t);
		return -EFAULT;
	}
	tid = t->tid;
	thread_start(t);
	return tid;
}

static long create_process(const struct clone_args *args)
{
	struct process *p = process_create(current->process);
	struct thread *t;
	int pid;

	if (!p)
		return -ENOMEM;
	if (copy_resources(p, args->flags) || !(t = copy_thread(p, args))) {
		drop_unborn(p);
		return -ENOMEM;
	}
	if (args->flags & CLONE_CLEAR_SIGHAND)
		signals_exec(p);
	p->exit_signal = (int)args->exit_signal;
	process_publish(p, t);
	/* As on Linux, a bad tid address does not undo the child. */
	(void)!write_tids(args, p, t);
	pid = p->pid;
	thread_start(t);
	if (args->flags & CLONE_VFORK)
		while (process_find(pid) == p && !p->execed && !p->zombie)
			waitq_wait_uninterruptible(&p->exec_or_exit);
	return pid;
}

static long do_clone(const struct clone_args *args)
{
	uint64_t flags = args->flags;

	if ((flags & CLONE_NEW_NAMESPACES) || (flags & CLONE_PIDFD) || args->exit_signal > SIG_COUNT)
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	return flags & CLONE_THREAD ? create_thread(args) : create_process(args);
}

long sys_fork(void)
{
	return do_clone(&(struct clone_args){ .exit_signal = SIGCHLD });
}

long sys_vfork(void)
{
	return do_clone(&(struct clone_args){ .flags = CLONE_VM | CLONE_VFORK,
					      .exit_signal = SIGCHLD });
}

long sys_clone(uint64_t flags, uint64_t stack, uint64_t parent_tid, uint64_t child_tid,
	       uint64_t tls)
{
	return do_clone(&(struct clone_args){
		.flags = flags & 0xffffff00, .exit_signal = flags & 0xff, .stack = stack,
		.parent_tid = parent_tid, .child_tid = child_tid, .tls = tls });
}

long sys_clone3(uint64_t uargs, uint64_t size)
{
	struct clone_args args;

	if (size < sizeof(args))
		return -EINVAL;
	if (copy_from_user(&args, uargs, sizeof(args)))
		return -EFAULT;
	if (!args.stack != !args.stack_size)
		return -EINVAL;
	return do_clone(&args);
}
