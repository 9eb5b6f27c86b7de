/* SPDX-License-Identifier: MIT */
/* signal.h - asynchronous notices to processes, with Linux's numbers. */
#ifndef KERNEL_CORE_SIGNAL_H
#define KERNEL_CORE_SIGNAL_H

#include "core/types.h"

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGSTKFLT 16
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGIO 29
#define SIGPWR 30
#define SIGSYS 31
#define SIG_COUNT 64

#define SIG_BIT(n) (1ul << ((n) - 1))

struct process;
struct thread;

/* To one process, to every process of a group (0 if any was reached, else
 * -ESRCH), to one thread. From the kernel: no permission is checked. */
void signal_process(struct process *p, int sig);
int signal_group(int pgid, int sig);
void signal_thread(struct thread *t, int sig);

bool signal_is_pending(const struct thread *t);	/* unblocked and not ignored */
/* Whether `p` ignores `sig` or the current thread blocks it (for SIGTTIN/TTOU). */
bool signal_blocked_or_ignored(int sig);

/* ppoll, pselect, epoll_pwait, sigsuspend: wait under another mask. The old one
 * returns with the system call. uaddr 0 changes nothing. 0, -EFAULT, -EINVAL. */
int signal_mask_during_sleep(uint64_t uaddr, uint64_t size);

#endif
