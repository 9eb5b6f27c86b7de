/* SPDX-License-Identifier: MIT */
/* process.h - processes and their threads.
 *
 * A process is what has a pid, an address space and open files; a thread is
 * what runs. A process with no thread left is a zombie until its parent waits.
 * One CPU, kernel never preempted: no locks.
 */
#ifndef KERNEL_CORE_PROCESS_H
#define KERNEL_CORE_PROCESS_H

#include "core/signal.h"
#include "core/time.h"
#include "core/types.h"
#include "core/wait.h"
#include "lib/list.h"

struct files;		/* fs: the descriptor table */
struct fs_context;	/* fs: root, working directory, umask */
struct mm;
struct tty;		/* fs: the controlling terminal */
struct user_regs;

#define COMM_LEN 16
#define RLIMIT_COUNT 16

struct sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

struct process {
	struct list node;		/* process_list */
	struct list sibling;		/* parent->children */
	struct list children;
	struct list threads;
	struct process *parent;
	int pid, pgid, sid;
	char comm[COMM_LEN];
	struct mm *mm;			/* NULL once exited */
	struct files *files;		/* NULL once exited */
	struct fs_context *fs;		/* NULL once exited */
	struct tty *tty;		/* controlling terminal, or NULL */
	struct sigaction actions[SIG_COUNT];
	uint64_t pending;		/* signals for any thread */
	struct waitq child_event;	/* wait4 sleeps here */
	struct waitq exec_or_exit;	/* a vfork parent, and exec, sleep here */
	int exit_status;		/* as wait4 reports it */
	int exit_signal;		/* to the parent; SIGCHLD as a rule */
	bool exiting;
	bool zombie;
	bool stopped, stop_reported, continued;
	bool execed;			/* since fork: setpgid refuses */
	struct timer alarm;
	uint64_t alarm_interval;
	uint64_t utime, stime;		/* of threads that ended */
	uint64_t child_utime, child_stime;
	uint64_t start_time;
	uint64_t rlimit_cur[RLIMIT_COUNT], rlimit_max[RLIMIT_COUNT];
};

enum thread_state {
	THREAD_RUNNABLE,
	THREAD_SLEEPING,	/* signals wake it */
	THREAD_SLEEPING_HARD,	/* they do not */
	THREAD_STOPPED,
	THREAD_DEAD,
};

struct thread {
	struct list run_node;		/* run queue, when runnable and not current */
	struct list node;		/* process->threads */
	struct process *process;
	int tid;
	enum thread_state state;
	void *stack;
	void *saved_sp;			/* of the kernel stack, when switched out */
	struct user_regs *regs;		/* at the stack's top */
	void *fpu;
	uint64_t fs_base, gs_base;
	uint64_t blocked, pending;
	uint64_t saved_blocked;		/* to restore after sigsuspend, ppoll */
	bool restore_blocked;
	uint64_t altstack_base, altstack_size;
	uint32_t altstack_flags;
	uint64_t clear_tid;		/* user address, or 0 */
	uint64_t restart_deadline;	/* of an interrupted nanosleep, or 0 */
	bool ending;			/* is to end at its next way out */
	int fault_code;			/* si_code and si_addr of a forced signal */
	uint64_t fault_addr;
	struct timer sleep_timer;
	bool timed_out;
	uint64_t utime, stime;
	char comm[COMM_LEN];
};

extern struct list process_list;	/* all, zombies included, by age */
extern struct thread *current;

struct process *process_find(int pid);	/* NULL if none */
struct thread *thread_find(int tid);

/* Kernel stacks in use: where a process spends its time, for /proc. */
char process_state_letter(const struct process *p);	/* R S D T Z */
void process_times(const struct process *p, uint64_t *user, uint64_t *system);

void sched_yield(void);

#endif
