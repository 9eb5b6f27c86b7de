/* SPDX-License-Identifier: MIT */
/* lifecycle.h - birth, change and death of processes and threads. */
#ifndef KERNEL_CORE_LIFECYCLE_H
#define KERNEL_CORE_LIFECYCLE_H

#include "core/process.h"

struct user_regs;

#define SS_DISABLE 2
#define UNBLOCKABLE (SIG_BIT(SIGKILL) | SIG_BIT(SIGSTOP))

/* process.c */
struct thread *thread_create(struct process *p) MUST_CHECK;	/* not yet runnable */
void thread_start(struct thread *t);
/* `run` never returns, and calls sched_after_switch() first. */
bool kernel_thread_start(void (*run)(void)) MUST_CHECK;
struct process *process_create(struct process *parent) MUST_CHECK;
void process_publish(struct process *p, const struct thread *first);

/* switch.S: where a new thread's first switch returns to. */
extern char thread_first_return[];

/* exec.c: the current process becomes the program; its registers are set.
 * Kernel strings; argv and envp end with NULL. */
int exec_kernel(const char *path, const char *const *argv, const char *const *envp);

/* exit.c */
void thread_exit(void) NORETURN;		/* this thread only */
void process_exit(int status) NORETURN;	/* all of them */
void process_begin_exit(struct process *p, int status);
void process_end_other_threads(struct process *p);
void process_notify_parent(struct process *p);
void process_free(struct process *p);	/* a zombie's record */

/* signal.c */
void signals_deliver(struct user_regs *regs);	/* before returning to user mode */
void signals_exec(struct process *p);		/* handlers are gone, ignores stay */
/* A fault of the program itself: delivered even if blocked or ignored. */
void signal_force(int sig, int code, uint64_t addr);
bool signal_is_ignored(const struct process *p, int sig);
int signal_take(struct thread *t);		/* off the pending ones; 0: none */
void signals_forget(struct process *p, uint64_t signals);

/* sigframe.c */
int sigframe_push(struct user_regs *regs, int sig, const struct sigaction *act);

/* futex.c */
void futex_wake_all_at(uint64_t uaddr);

#endif
