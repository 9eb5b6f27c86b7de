/* SPDX-License-Identifier: MIT */
/* signal_calls.c - the system calls about signals. What signals do is in
 * signal.c, what a handler finds on its stack in sigframe.c.
 *
 * Invariant: no call leaves SIGKILL or SIGSTOP in a mask or with a handler.
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/syscall.h"
#include "mm/user.h"

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

int signal_mask_during_sleep(uint64_t uaddr, uint64_t size)
{
	uint64_t mask;

	if (!uaddr)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (get_user(mask, uaddr))
		return -EFAULT;
	current->saved_blocked = current->blocked;
	current->restore_blocked = true;
	current->blocked = mask & ~UNBLOCKABLE;
	return 0;
}

long sys_rt_sigsuspend(uint64_t umask, uint64_t size)
{
	int rc = umask ? signal_mask_during_sleep(umask, size) : -EFAULT;

	while (!rc)
		rc = thread_sleep(NO_DEADLINE);
	return rc;
}

long sys_pause(void)
{
	int rc;

	do
		rc = thread_sleep(NO_DEADLINE);
	while (!rc);
	return rc;
}

long sys_rt_sigaction(uint64_t sig, uint64_t unew, uint64_t uold, uint64_t size)
{
	struct process *p = current->process;
	struct sigaction act, *slot;

	if (size != sizeof(uint64_t) || sig < 1 || sig > SIG_COUNT)
		return -EINVAL;
	if (unew && (sig == SIGKILL || sig == SIGSTOP))
		return -EINVAL;
	slot = &p->actions[sig - 1];
	if (unew && get_user(act, unew))
		return -EFAULT;
	if (uold && put_user(*slot, uold))
		return -EFAULT;
	if (unew) {
		act.mask &= ~UNBLOCKABLE;
		*slot = act;
		if (signal_is_ignored(p, (int)sig))
			signals_forget(p, SIG_BIT(sig));
	}
	return 0;
}

long sys_rt_sigprocmask(uint64_t how, uint64_t unew, uint64_t uold, uint64_t size)
{
	uint64_t old = current->blocked, set;

	if (size != sizeof(set))
		return -EINVAL;
	if (unew) {
		if (get_user(set, unew))
			return -EFAULT;
		if (how == SIG_BLOCK)
			set |= old;
		else if (how == SIG_UNBLOCK)
			set = old & ~set;
		else if (how != SIG_SETMASK)
			return -EINVAL;
		current->blocked = set & ~UNBLOCKABLE;
	}
	return uold ? put_user(old, uold) : 0;
}

long sys_rt_sigpending(uint64_t uset, uint64_t size)
{
	uint64_t set = (current->pending | current->process->pending) & current->blocked;

	return size == sizeof(set) ? put_user(set, uset) : -EINVAL;
}

long sys_rt_sigtimedwait(uint64_t uset, uint64_t uinfo, uint64_t utimeout, uint64_t size)
{
	struct thread *t = current;
	uint64_t set, ns, deadline = NO_DEADLINE, old = t->blocked;
	int32_t info[32] = { 0 };
	int rc;

	if (size != sizeof(set))
		return -EINVAL;
	if (get_user(set, uset))
		return -EFAULT;
	if (utimeout) {
		rc = timespec_from_user(&ns, utimeout);
		if (rc)
			return rc;
		deadline = clock_now() + ns;
	}
	for (;;) {
		uint64_t ready = (t->pending | t->process->pending) & set;

		if (ready) {
			t->blocked = ~ready;
			info[0] = signal_take(t);
			t->blocked = old;
			return uinfo && put_user(info, uinfo) ? -EFAULT : info[0];
		}
		t->blocked = old & ~set;
		rc = thread_sleep(deadline);
		t->blocked = old;
		if (rc == -ETIMEDOUT)
			return -EAGAIN;
		if (rc && !((t->pending | t->process->pending) & set))
			return rc;
	}
}

static int signal_checked(struct process *p, uint64_t sig)
{
	if (!p)
		return -ESRCH;
	if (sig)
		signal_process(p, (int)sig);
	return 0;
}

static int signal_everybody(uint64_t sig)
{
	struct process *p;
	int rc = -ESRCH;

	list_for_each(p, &process_list, node)
		if (p->pid != 1 && p != current->process)
			rc = signal_checked(p, sig);
	return rc;
}

long sys_kill(uint64_t upid, uint64_t sig)
{
	int pid = (int)upid;

	if (sig > SIG_COUNT)
		return -EINVAL;
	if (pid > 0)
		return signal_checked(process_find(pid), sig);
	if (pid == -1)
		return signal_everybody(sig);
	return signal_group(pid ? -pid : current->process->pgid, (int)sig);
}

long sys_tgkill(uint64_t tgid, uint64_t tid, uint64_t sig)
{
	struct thread *t = thread_find((int)tid);

	if (sig > SIG_COUNT || (int)tid <= 0)
		return -EINVAL;
	if (!t || t->process->pid != (int)tgid)
		return -ESRCH;
	if (sig)
		signal_thread(t, (int)sig);
	return 0;
}

long sys_tkill(uint64_t tid, uint64_t sig)
{
	const struct thread *t = thread_find((int)tid);

	return t ? sys_tgkill((uint64_t)t->process->pid, tid, sig) : -ESRCH;
}
