/* SPDX-License-Identifier: MIT */
/* wait.c - wait queues. The rule for their use is in wait.h.
 *
 * Invariant: a waiter that was woken is off its queue; a thread that sleeps is
 * on one, or has a timer, or can be signalled. No lock: the kernel is never
 * preempted, and a wake-up comes before the sleep or finds it.
 */
#include "core/wait.h"

#include "core/errno.h"
#include "core/process.h"
#include "core/sched.h"

void waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
	q->seq = 0;
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	w->thread = current;
	list_push_back(&q->waiters, &w->node);
}

void waiter_remove(struct waiter *w)
{
	list_remove(&w->node);
}

static void wake(struct waiter *w)
{
	struct thread *t = w->thread;

	list_remove(&w->node);
	if (t->state == THREAD_SLEEPING || t->state == THREAD_SLEEPING_HARD)
		thread_make_runnable(t);
}

void waitq_wake(struct waitq *q)
{
	q->seq++;
	while (!list_empty(&q->waiters))
		wake(list_first(&q->waiters, struct waiter, node));
}

static void sleep_timer_fired(struct timer *timer)
{
	struct thread *t = container_of(timer, struct thread, sleep_timer);

	t->timed_out = true;
	if (t->state == THREAD_SLEEPING)
		thread_make_runnable(t);
}

int thread_sleep(uint64_t deadline)
{
	struct thread *t = current;

	if (signal_is_pending(t))
		return -EINTR;
	t->timed_out = false;
	if (deadline != NO_DEADLINE) {
		if (deadline <= clock_now())
			return -ETIMEDOUT;
		timer_init(&t->sleep_timer, sleep_timer_fired);
		timer_arm(&t->sleep_timer, deadline);
	}
	t->state = THREAD_SLEEPING;
	schedule();
	if (deadline != NO_DEADLINE)
		timer_cancel(&t->sleep_timer);
	if (t->timed_out)
		return -ETIMEDOUT;
	return signal_is_pending(t) ? -EINTR : 0;
}

int waitq_wait(struct waitq *q, uint64_t deadline)
{
	struct waiter w;
	int rc;

	waitq_add(q, &w);
	rc = thread_sleep(deadline);
	waiter_remove(&w);
	return rc;
}

void waitq_wait_uninterruptible(struct waitq *q)
{
	struct waiter w;

	waitq_add(q, &w);
	current->state = THREAD_SLEEPING_HARD;
	schedule();
	waiter_remove(&w);
}
