/* SPDX-License-Identifier: MIT */
/* signal.c - sending, blocking and acting on signals.
 *
 * A signal is acted on when a thread is about to return to user mode: it ends
 * the process, stops it, or becomes a frame on the user's stack (sigframe.c).
 * Invariant: an ignored signal is never pending.
 */
#include "core/signal.h"

#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/printk.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "lib/string.h"
#include "mm/user.h"
#include "platform/regs.h"

#define SIG_DFL 0
#define SIG_IGN 1
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000ul
#define SA_RESTART 0x10000000
#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define STOPPERS (SIG_BIT(SIGSTOP) | SIG_BIT(SIGTSTP) | SIG_BIT(SIGTTIN) | SIG_BIT(SIGTTOU))
#define IGNORED_BY_DEFAULT \
	(SIG_BIT(SIGCHLD) | SIG_BIT(SIGURG) | SIG_BIT(SIGWINCH) | SIG_BIT(SIGCONT))
#define DUMPERS \
	(SIG_BIT(SIGQUIT) | SIG_BIT(SIGILL) | SIG_BIT(SIGTRAP) | SIG_BIT(SIGABRT) | \
	 SIG_BIT(SIGBUS) | SIG_BIT(SIGFPE) | SIG_BIT(SIGSEGV) | SIG_BIT(SIGSYS) | \
	 SIG_BIT(SIGXCPU) | SIG_BIT(SIGXFSZ))
#define UNBLOCKABLE (SIG_BIT(SIGKILL) | SIG_BIT(SIGSTOP))

static bool is_ignored(const struct process *p, int sig)
{
	uint64_t handler = p->actions[sig - 1].handler;

	if (p->pid == 1 && handler == SIG_DFL && sig != SIGSEGV && sig != SIGBUS &&
	    sig != SIGILL && sig != SIGFPE && sig != SIGABRT)
		return true;
	return handler == SIG_IGN || (handler == SIG_DFL && (SIG_BIT(sig) & IGNORED_BY_DEFAULT));
}

bool signal_is_pending(const struct thread *t)
{
	return t->ending || ((t->pending | t->process->pending) & ~t->blocked) ||
	       (t->process->stopped);
}

bool thread_must_end(const struct thread *t)
{
	return t->ending;
}

bool signal_blocked_or_ignored(int sig)
{
	return (current->blocked & SIG_BIT(sig)) || is_ignored(current->process, sig);
}

static void kick(struct thread *t)
{
	if (t->state == THREAD_SLEEPING && signal_is_pending(t))
		thread_make_runnable(t);
}

static void clear_pending(struct process *p, uint64_t signals)
{
	struct thread *t;

	p->pending &= ~signals;
	list_for_each(t, &p->threads, node)
		t->pending &= ~signals;
}

static void continue_process(struct process *p)
{
	struct thread *t;

	clear_pending(p, STOPPERS);
	if (!p->stopped)
		return;
	p->stopped = false;
	p->continued = true;
	list_for_each(t, &p->threads, node)
		if (t->state == THREAD_STOPPED)
			thread_make_runnable(t);
	process_notify_parent(p);
}

/* What a signal does at once, whatever becomes of it later. */
static void on_send(struct process *p, int sig)
{
	struct thread *t;

	if (sig == SIGCONT || sig == SIGKILL)
		continue_process(p);
	if (SIG_BIT(sig) & STOPPERS)
		clear_pending(p, SIG_BIT(SIGCONT));
	if (sig == SIGKILL && p->pid != 1)
		list_for_each(t, &p->threads, node)
			if (t->state == THREAD_STOPPED)
				thread_make_runnable(t);
}

void signal_process(struct process *p, int sig)
{
	struct thread *t;

	if (p->zombie || list_empty(&p->threads))
		return;
	on_send(p, sig);
	if (is_ignored(p, sig))
		return;
	p->pending |= SIG_BIT(sig);
	list_for_each(t, &p->threads, node) {
		if (!(t->blocked & SIG_BIT(sig))) {
			kick(t);
			if (sig != SIGKILL)
				return;
		}
	}
}

void signal_thread(struct thread *t, int sig)
{
	on_send(t->process, sig);
	if (is_ignored(t->process, sig))
		return;
	t->pending |= SIG_BIT(sig);
	kick(t);
}

int signal_group(int pgid, int sig)
{
	struct process *p;
	int rc = -ESRCH;

	list_for_each(p, &process_list, node) {
		if (p->pgid != pgid || p->zombie)
			continue;
		rc = 0;
		if (sig)
			signal_process(p, sig);
	}
	return rc;
}

void signal_force(int sig, int code, uint64_t addr)
{
	struct process *p = current->process;
	struct sigaction *act = &p->actions[sig - 1];

	if ((current->blocked & SIG_BIT(sig)) || act->handler == SIG_IGN || p->pid == 1)
		act->handler = SIG_DFL;
	current->blocked &= ~SIG_BIT(sig);
	current->pending |= SIG_BIT(sig);
	current->fault_code = code;
	current->fault_addr = addr;
}

static int take_next(struct thread *t)
{
	uint64_t ready = (t->pending | t->process->pending) & ~t->blocked;
	int sig;

	if (!ready)
		return 0;
	sig = __builtin_ctzl(ready) + 1;
	if (ready & SIG_BIT(SIGKILL))
		sig = SIGKILL;
	if (t->pending & SIG_BIT(sig))
		t->pending &= ~SIG_BIT(sig);
	else
		t->process->pending &= ~SIG_BIT(sig);
	return sig;
}

static void stop_process(struct process *p, int sig)
{
	struct thread *t;

	p->stopped = true;
	p->stop_reported = false;
	p->exit_status = sig << 8 | 0x7f;
	list_for_each(t, &p->threads, node)
		kick(t);
	process_notify_parent(p);
}

static void stay_stopped(struct thread *t)
{
	while (t->process->stopped && !t->ending &&
	       !((t->pending | t->process->pending) & SIG_BIT(SIGKILL))) {
		t->state = THREAD_STOPPED;
		schedule();
	}
}

/* Calls that Linux ends with EINTR even if the handler says SA_RESTART. */
static bool never_restarts(uint64_t nr)
{
	switch (nr) {
	case 7: case 23: case 270: case 271:		/* poll, select, pselect6, ppoll */
	case 232: case 281:				/* epoll_wait, epoll_pwait */
	case 34: case 130: case 128:			/* pause, rt_sigsuspend, rt_sigtimedwait */
	case 35: case 230:				/* nanosleep, clock_nanosleep */
		return true;
	default:
		return false;
	}
}

static bool was_interrupted(const struct user_regs *regs)
{
	return regs->vector == VECTOR_SYSCALL && (int64_t)regs->rax == -EINTR;
}

/* The SYSCALL instruction has two bytes. */
static void restart_syscall(struct user_regs *regs)
{
	regs->rax = regs->error;
	regs->rip -= 2;
	regs->vector = VECTOR_INTERRUPT;
}

static void run_handler(struct user_regs *regs, int sig)
{
	struct sigaction *act = &current->process->actions[sig - 1], copy = *act;

	if (was_interrupted(regs)) {
		current->restart_deadline = 0;
		if ((act->flags & SA_RESTART) && !never_restarts(regs->error))
			restart_syscall(regs);
	}
	if (act->flags & SA_RESETHAND)
		act->handler = SIG_DFL;
	if (sigframe_push(regs, sig, &copy)) {
		printk("%s[%d]: no room for a signal frame at %#lx\n", current->comm,
		       current->process->pid, regs->rsp);
		process_begin_exit(current->process, SIGSEGV);
		return;
	}
	current->blocked |= copy.mask;
	if (!(copy.flags & SA_NODEFER))
		current->blocked |= SIG_BIT(sig);
	current->blocked &= ~UNBLOCKABLE;
	current->restore_blocked = false;
}

static void act_on(struct user_regs *regs, int sig)
{
	struct process *p = current->process;

	if (p->actions[sig - 1].handler > SIG_IGN && sig != SIGKILL && sig != SIGSTOP) {
		run_handler(regs, sig);
		return;
	}
	if (p->actions[sig - 1].handler == SIG_IGN)
		return;
	if (SIG_BIT(sig) & STOPPERS) {
		stop_process(p, sig);
		return;
	}
	if (!(SIG_BIT(sig) & IGNORED_BY_DEFAULT))
		process_begin_exit(p, sig | (SIG_BIT(sig) & DUMPERS ? 0x80 : 0));
}

void signals_deliver(struct user_regs *regs)
{
	struct thread *t = current;
	int sig;

	do {
		if (t->process->stopped)
			stay_stopped(t);
		if (t->ending)
			thread_exit();
		sig = take_next(t);
		if (sig)
			act_on(regs, sig);
	} while (sig || t->process->stopped || t->ending);
	if (was_interrupted(regs))
		restart_syscall(regs);
	if (t->restore_blocked) {
		t->restore_blocked = false;
		t->blocked = t->saved_blocked;
	}
}

void signals_exec(struct process *p)
{
	for (int i = 0; i < SIG_COUNT; i++) {
		if (p->actions[i].handler != SIG_IGN)
			p->actions[i].handler = SIG_DFL;
		p->actions[i].flags = 0;
		p->actions[i].mask = 0;
	}
}

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
		if (is_ignored(p, (int)sig))
			clear_pending(p, SIG_BIT(sig));
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
			info[0] = take_next(t);
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
