/* SPDX-License-Identifier: MIT */
/* poll.h - waiting for several files at once.
 *
 * A file's poll operation calls poll_wait() on every queue whose wake-up could
 * change its answer, then returns the answer. The same call serves a single
 * look (pt may be NULL), poll(), select() and epoll.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include <stdint.h>

#include "core/wait.h"
#include "lib/list.h"

struct epoll;
struct file;

struct poll_table {
	struct waiter *waiter;	/* NULL: only the sum of wake-ups is wanted */
	unsigned int used;
	unsigned int size;
	uint32_t seq;		/* sum of the queues' wake-up counts */
	bool by_clock;		/* look again soon, whether woken or not */
	/* an epoll with waiters of this table on the queues of its items */
	struct epoll *lender;
	struct list node;	/* its borrowers */
};

void poll_wait(struct poll_table *pt, struct waitq *q);

/* For those who wait: the table's waiters are kmalloc'ed by init and freed by
 * the caller, after a reset. */
int poll_table_init(struct poll_table *pt, unsigned int size);
void poll_table_reset(struct poll_table *pt);	/* off all queues */
/* Sleep until a queue of the table wakes us (0: look again), the deadline, or
 * a signal; off all queues afterwards. */
int poll_sleep(struct poll_table *pt, uint64_t deadline);
unsigned int file_poll(struct file *f, struct poll_table *pt);

#endif
