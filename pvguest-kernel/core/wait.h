/* SPDX-License-Identifier: MIT */
/* wait.h - sleeping until something happens.
 *
 * Kernel mode is never preempted and takes no interrupts, so testing a
 * condition and then sleeping loses no wake-up. Every sleeper tests its
 * condition again after waking: a wake-up is a hint.
 *
 *	while (!condition) {
 *		rc = waitq_wait(&q, NO_DEADLINE);
 *		if (rc)
 *			return rc;
 *	}
 */
#ifndef KERNEL_CORE_WAIT_H
#define KERNEL_CORE_WAIT_H

#include "core/types.h"
#include "lib/list.h"

struct thread;

#define NO_DEADLINE UINT64_MAX

struct waitq {
	struct list waiters;
	uint32_t seq;		/* wake-ups so far: epoll sees a change by it */
};

#define WAITQ_INIT(name) { LIST_INIT((name).waiters), 0 }

/* One sleeper on one queue; poll puts several on the stack or the heap. */
struct waiter {
	struct list node;
	struct thread *thread;
};

void waitq_init(struct waitq *q);
void waitq_add(struct waitq *q, struct waiter *w);	/* w->thread = current */
void waiter_remove(struct waiter *w);	/* harmless when not linked */
void waitq_wake(struct waitq *q);	/* all of them */

/* Sleeps until woken (0), until a signal is pending (-EINTR; the system call
 * returns it and core/signal.c decides about restarting), or until clock_now()
 * reaches the deadline (-ETIMEDOUT). A deadline in the past does not sleep. */
int thread_sleep(uint64_t deadline) MUST_CHECK;
int waitq_wait(struct waitq *q, uint64_t deadline) MUST_CHECK;

/* As waitq_wait without the signals: for kernel work that must finish. */
void waitq_wait_uninterruptible(struct waitq *q);

#endif
