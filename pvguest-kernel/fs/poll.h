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

struct poll_table {
	struct waiter *waiter;	/* NULL: only the sum of wake-ups is wanted */
	unsigned int used;
	unsigned int size;
	uint32_t seq;		/* sum of the queues' wake-up counts */
};

void poll_wait(struct poll_table *pt, struct waitq *q);

#endif
