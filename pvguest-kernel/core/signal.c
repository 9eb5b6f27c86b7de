/* SPDX-License-Identifier: MIT */
/* signal.c - sending, blocking and acting on signals.
 *
 * A signal is acted on when a thread is about to return to user mode: it ends
 * the process, stops it, or becomes a frame on the user's stack (sigframe.c).
 * Invariant: an ignored signal is never pending.
 * Not here: the system calls (signal_calls.c).
 */
#include "core/signal.h"

#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/printk.h"
#include "core/sched.h"
#include "lib/string.h"
#include "platform/regs.h"

#define SIG_DFL 0
#define SIG_IGN 1
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000ul
#define SA_RESTART 0x10000000

#define STOPPERS (SIG_BIT(SIGSTOP) | SIG_BIT(SIGTSTP) | SIG_BIT(SIGTTIN) | SIG_BIT(SIGTTOU))
#define IGNORED_BY_DEFAULT \
	(SIG_BIT(SIGCHLD) | SIG_BIT(SIGURG) | SIG_BIT(SIGWINCH) | SIG_BIT(SIGCONT))
#define DUMPERS \
	(SIG_BIT(SIGQUIT) | SIG_BIT(SIGILL) | SIG_BIT(SIGTRAP) | SIG_BIT(SIGABRT) | \
	 SIG_BIT(SIGBUS) | SIG_BIT(SIGFPE) | SIG_BIT(SIGSEGV) | SIG_BIT(SIGSYS) | \
	 SIG_BIT(SIGXCPU) | SIG_BIT(SIGXFSZ))

bool signal_is_ignored(const struct process *p, int sig)
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

bool signal_blocked_or_ignored(int sig)
{
	return (current->blocked & SIG_BIT(sig)) || signal_is_ignored(current->process, sig);
}

static void kick(struct thread *t)
{
	if (t->state == THREAD_SLEEPING && signal_is_pending(t))
		thread_make_runnable(t);
}

void signals_forget(struct process *p, uint64_t signals)
{
	struct thread *t;

	p->pending &= ~signals;
	list_for_each(t, &p->threads, node)
		t->pending &= ~signals;
}

static void continue_process(struct process *p)
{
	struct thread *t;

	signals_forget(p, STOPPERS);
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
		signals_forget(p, SIG_BIT(SIGCONT));
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
	if (signal_is_ignored(p, sig))
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
	if (signal_is_ignored(t->process, sig))
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

int signal_take(struct thread *t)
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
		sig = signal_take(t);
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
