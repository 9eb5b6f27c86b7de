/* SPDX-License-Identifier: MIT */
/* time.c - clocks, the ordered list of timers, and the calls about time.
 *
 * Invariant: the list is in order of expiry, and a timer is off it before its
 * callback runs, so a callback may arm it again. An interval never keeps the
 * kernel busy: ALARM_SHORTEST lies between two signals.
 * Not here: what the machine's clock and alarm are (platform).
 */
#include "core/time.h"

#include "core/errno.h"
#include "core/process.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "mm/user.h"
#include "platform/platform.h"

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7
#define TIMER_ABSTIME 1
#define ITIMER_REAL 0
#define ALARM_SHORTEST (100 * NSEC_PER_USEC)

static struct list timers = LIST_INIT(timers);

uint64_t clock_now(void)
{
	return platform_clock();
}

uint64_t clock_wall(void)
{
	return platform_wall_clock();
}

void timer_init(struct timer *t, void (*fire)(struct timer *))
{
	list_init(&t->node);
	t->fire = fire;
}

void timer_arm(struct timer *t, uint64_t expires)
{
	struct list *at;

	list_remove(&t->node);
	t->expires = expires;
	for (at = timers.next; at != &timers; at = at->next)
		if (list_entry(at, struct timer, node)->expires > expires)
			break;
	list_insert_before(at, &t->node);
}

void timer_cancel(struct timer *t)
{
	list_remove(&t->node);
}

bool timer_armed(const struct timer *t)
{
	return !list_empty(&t->node);
}

uint64_t timers_next(void)
{
	const struct timer *t = list_first(&timers, struct timer, node);

	return t ? t->expires : NO_DEADLINE;
}

void timers_run(void)
{
	uint64_t now = clock_now();
	struct timer *t;

	/* One reading: a timer that re-arms itself is not due again in this round. */
	while ((t = list_first(&timers, struct timer, node)) && t->expires <= now) {
		list_remove(&t->node);
		t->fire(t);
	}
}

int timespec_from_user(uint64_t *ns, uint64_t uaddr)
{
	struct timespec ts;

	if (get_user(ts, uaddr))
		return -EFAULT;
	if (ts.tv_sec < 0 || (uint64_t)ts.tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	*ns = (uint64_t)ts.tv_sec > INT64_MAX / NSEC_PER_SEC ? INT64_MAX :
	      (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
	return 0;
}

struct timespec timespec_from_ns(uint64_t ns)
{
	return (struct timespec){ (int64_t)(ns / NSEC_PER_SEC), (int64_t)(ns % NSEC_PER_SEC) };
}

static struct timeval timeval_from_ns(uint64_t ns)
{
	return (struct timeval){ (int64_t)(ns / NSEC_PER_SEC),
				 (int64_t)(ns % NSEC_PER_SEC / NSEC_PER_USEC) };
}

static int read_clock(uint64_t id, uint64_t *ns)
{
	uint64_t user, system;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = clock_wall();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_now();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		process_times(current->process, &user, &system);
		*ns = user + system;
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = current->utime + current->stime;
		return 0;
	default:
		return -EINVAL;
	}
}

static long put_timespec(uint64_t uaddr, uint64_t ns)
{
	struct timespec ts = timespec_from_ns(ns);

	return put_user(ts, uaddr);
}

long sys_clock_gettime(uint64_t id, uint64_t uts)
{
	uint64_t ns;
	int rc = read_clock((uint32_t)id, &ns);

	return rc ? rc : put_timespec(uts, ns);
}

long sys_clock_settime(uint64_t id, uint64_t uts)
{
	uint64_t ns;
	int rc = timespec_from_user(&ns, uts);

	if (rc)
		return rc;
	return (uint32_t)id == CLOCK_REALTIME ? platform_set_wall_clock(ns) : -EINVAL;
}

long sys_clock_getres(uint64_t id, uint64_t uts)
{
	uint64_t ns;
	int rc = read_clock((uint32_t)id, &ns);

	if (rc || !uts)
		return rc;
	return put_timespec(uts, 1);
}

long sys_gettimeofday(uint64_t utv, uint64_t utz)
{
	struct timeval tv = timeval_from_ns(clock_wall());
	uint32_t tz[2] = { 0, 0 };

	if ((utv && put_user(tv, utv)) || (utz && put_user(tz, utz)))
		return -EFAULT;
	return 0;
}

/* No time zone is kept. */
long sys_settimeofday(uint64_t utv, uint64_t utz)
{
	struct timeval tv;

	if (!utv)
		return 0;
	if (get_user(tv, utv))
		return -EFAULT;
	if (tv.tv_sec < 0 || (uint64_t)tv.tv_usec >= NSEC_PER_SEC / NSEC_PER_USEC)
		return -EINVAL;
	return platform_set_wall_clock((uint64_t)tv.tv_sec * NSEC_PER_SEC +
				       (uint64_t)tv.tv_usec * NSEC_PER_USEC);
}

long sys_time(uint64_t uaddr)
{
	int64_t now = (int64_t)(clock_wall() / NSEC_PER_SEC);

	if (uaddr && put_user(now, uaddr))
		return -EFAULT;
	return now;
}

/* A restarted sleep goes on to its first deadline. */
static long sleep_until(uint64_t deadline, uint64_t urem)
{
	int rc;

	do
		rc = thread_sleep(deadline);
	while (!rc);
	if (rc == -ETIMEDOUT)
		return 0;
	current->restart_deadline = deadline;
	if (urem) {
		uint64_t now = clock_now();

		if (put_timespec(urem, deadline > now ? deadline - now : 0))
			return -EFAULT;
	}
	return rc;
}

long sys_nanosleep(uint64_t ureq, uint64_t urem)
{
	return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, ureq, urem);
}

long sys_clock_nanosleep(uint64_t id, uint64_t flags, uint64_t ureq, uint64_t urem)
{
	uint64_t ns, now, deadline;
	int rc = timespec_from_user(&ns, ureq);

	if (!rc)
		rc = read_clock((uint32_t)id, &now);
	if (rc)
		return rc;
	if (current->restart_deadline) {
		deadline = current->restart_deadline;
		current->restart_deadline = 0;
		return sleep_until(deadline, urem);
	}
	if (!(flags & TIMER_ABSTIME))
		return sleep_until(clock_now() + ns, urem);
	return sleep_until(clock_now() + (ns > now ? ns - now : 0), 0);
}

static void alarm_fired(struct timer *t)
{
	struct process *p = container_of(t, struct process, alarm);

	if (p->alarm_interval)
		timer_arm(t, max_u64(t->expires + p->alarm_interval,
				     clock_now() + ALARM_SHORTEST));
	signal_process(p, SIGALRM);
}

static uint64_t alarm_left(const struct process *p)
{
	uint64_t now = clock_now();

	if (!timer_armed(&p->alarm))
		return 0;
	return p->alarm.expires > now ? p->alarm.expires - now : 1;
}

static void alarm_set(struct process *p, uint64_t after, uint64_t interval)
{
	timer_cancel(&p->alarm);
	timer_init(&p->alarm, alarm_fired);
	p->alarm_interval = interval;
	if (after)
		timer_arm(&p->alarm, clock_now() + after);
}

long sys_alarm(uint64_t seconds)
{
	struct process *p = current->process;
	uint64_t left = alarm_left(p);

	alarm_set(p, (uint32_t)seconds * NSEC_PER_SEC, 0);
	return (long)((left + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
}

struct itimerval {
	struct timeval interval, value;
};

static uint64_t timeval_ns(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * NSEC_PER_SEC + (uint64_t)tv->tv_usec * NSEC_PER_USEC;
}

long sys_getitimer(uint64_t which, uint64_t uvalue)
{
	const struct process *p = current->process;
	struct itimerval it = { { 0, 0 }, { 0, 0 } };

	if (which == ITIMER_REAL) {
		it.interval = timeval_from_ns(p->alarm_interval);
		it.value = timeval_from_ns(alarm_left(p));
	}
	return put_user(it, uvalue);
}

long sys_setitimer(uint64_t which, uint64_t unew, uint64_t uold)
{
	struct itimerval it;

	if (which != ITIMER_REAL)
		return -EINVAL;
	if (uold && sys_getitimer(which, uold))
		return -EFAULT;
	if (get_user(it, unew))
		return -EFAULT;
	alarm_set(current->process, timeval_ns(&it.value), timeval_ns(&it.interval));
	return 0;
}
