/* SPDX-License-Identifier: MIT */
/* time.h - clocks in nanoseconds, and timers that call back.
 *
 * Timer callbacks run in the kernel with no current user context and must not
 * sleep.
 */
#ifndef KERNEL_CORE_TIME_H
#define KERNEL_CORE_TIME_H

#include "core/types.h"
#include "lib/list.h"

#define NSEC_PER_SEC 1000000000ul
#define NSEC_PER_MSEC 1000000ul
#define NSEC_PER_USEC 1000ul

struct timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};

struct timeval {
	int64_t tv_sec;
	int64_t tv_usec;
};

uint64_t clock_now(void);	/* since boot */
uint64_t clock_wall(void);	/* since 1970 */

/* User timespec to nanoseconds: 0, -EFAULT, or -EINVAL when out of range. */
int timespec_from_user(uint64_t *ns, uint64_t uaddr) MUST_CHECK;
struct timespec timespec_from_ns(uint64_t ns);

struct timer {
	struct list node;
	uint64_t expires;
	void (*fire)(struct timer *);
};

void timer_init(struct timer *t, void (*fire)(struct timer *));
void timer_arm(struct timer *t, uint64_t expires);	/* re-arms if armed */
void timer_cancel(struct timer *t);
bool timer_armed(const struct timer *t);

#endif
