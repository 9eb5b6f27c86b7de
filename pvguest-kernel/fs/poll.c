/* SPDX-License-Identifier: MIT */
/* poll.c - poll and select: waiting for any of several files.
 *
 * Guards: every file polled is held while a waiter of ours is on its queues.
 * Invariant: all waiters are off their queues whenever poll_sleep returns.
 */
#include "fs/poll.h"

#include "core/errno.h"
#include "core/process.h"
#include "core/signal.h"
#include "core/syscall.h"
#include "core/time.h"
#include "fs/file.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/user.h"

#define OVERFLOW_RETRY	(10 * NSEC_PER_MSEC)

struct pollfd {
	int32_t fd;
	int16_t events;
	int16_t revents;
};

/* One poll call: the descriptors, the files behind them (NULL where there is
 * none), and the waiters, in one allocation. */
struct polling {
	unsigned int n;
	struct pollfd *fds;
	struct file **files;
	struct poll_table pt;
};

void poll_wait(struct poll_table *pt, struct waitq *q)
{
	if (!pt)
		return;
	pt->seq += q->seq;
	if (!pt->waiter)
		return;
	if (pt->used < pt->size)
		waitq_add(q, &pt->waiter[pt->used]);
	pt->used++;	/* beyond size: poll_sleep looks again by the clock */
}

int poll_table_init(struct poll_table *pt, unsigned int size)
{
	*pt = (struct poll_table){ .waiter = kmalloc(size * sizeof(pt->waiter[0])) };
	if (!pt->waiter)
		return -ENOMEM;
	pt->size = size;
	for (unsigned int i = 0; i < size; i++)
		list_init(&pt->waiter[i].node);
	return 0;
}

void poll_table_reset(struct poll_table *pt)
{
	for (unsigned int i = 0; i < pt->used && i < pt->size; i++)
		waiter_remove(&pt->waiter[i]);
	if (pt->lender)
		list_remove(&pt->node);
	pt->lender = NULL;
	pt->by_clock = false;
	pt->used = 0;
	pt->seq = 0;
}

int poll_sleep(struct poll_table *pt, uint64_t deadline)
{
	uint64_t retry = clock_now() + OVERFLOW_RETRY;
	bool overflow = (pt->used > pt->size || pt->by_clock) && retry < deadline;
	int rc = thread_sleep(overflow ? retry : deadline);

	poll_table_reset(pt);
	return overflow && rc == -ETIMEDOUT ? 0 : rc;
}

unsigned int file_poll(struct file *f, struct poll_table *pt)
{
	if (f->ops->poll)
		return f->ops->poll(f, pt);
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static int polling_begin(struct polling *p, unsigned int n)
{
	int rc;

	p->n = n;
	p->fds = kzalloc((n + 1) * (sizeof(p->fds[0]) + sizeof(p->files[0])));
	if (!p->fds)
		return -ENOMEM;
	p->files = (struct file **)(p->fds + n + 1);
	rc = poll_table_init(&p->pt, 2 * n + 8);
	if (rc)
		kfree(p->fds);
	return rc;
}

static void polling_end(struct polling *p)
{
	poll_table_reset(&p->pt);
	for (unsigned int i = 0; i < p->n; i++)
		file_put(p->files[i]);
	kfree(p->pt.waiter);
	kfree(p->fds);
}

/* One look at everything; how many descriptors have something to say. Once one
 * has, no more waiters are needed. */
static int scan(struct polling *p)
{
	struct poll_table *pt = &p->pt;
	int ready = 0;

	for (unsigned int i = 0; i < p->n; i++) {
		struct pollfd *fd = &p->fds[i];
		unsigned int mask = 0;

		if (p->files[i])
			mask = file_poll(p->files[i], pt) &
			       ((uint16_t)fd->events | POLLERR | POLLHUP);
		else if (fd->fd >= 0)
			mask = POLLNVAL;
		fd->revents = (int16_t)mask;
		if (mask) {
			ready++;
			pt = NULL;
		}
	}
	return ready;
}

static int polling_run(struct polling *p, uint64_t deadline)
{
	bool last = false;
	int ready, rc;

	for (unsigned int i = 0; i < p->n; i++)
		p->files[i] = p->fds[i].fd < 0 ? NULL : file_from_fd(p->fds[i].fd);
	for (;;) {
		ready = scan(p);
		if (ready || last)
			return ready;
		rc = poll_sleep(&p->pt, deadline);
		if (rc == -ETIMEDOUT)
			last = true;
		else if (rc)
			return rc;
	}
}

static uint64_t deadline_after(uint64_t ns)
{
	uint64_t at;

	return __builtin_add_overflow(clock_now(), ns, &at) ? NO_DEADLINE : at;
}

static long poll_user(uint64_t ufds, uint64_t n, uint64_t deadline)
{
	struct polling p;
	long rc;

	if (n > FD_LIMIT)
		return -EINVAL;
	rc = polling_begin(&p, (unsigned int)n);
	if (rc)
		return rc;
	if (copy_from_user(p.fds, ufds, n * sizeof(p.fds[0])))
		rc = -EFAULT;
	else
		rc = polling_run(&p, deadline);
	if (rc >= 0 && copy_to_user(ufds, p.fds, n * sizeof(p.fds[0])))
		rc = -EFAULT;
	polling_end(&p);
	return rc;
}

long sys_poll(uint64_t ufds, uint64_t n, uint64_t timeout_ms)
{
	int32_t ms = (int32_t)timeout_ms;

	return poll_user(ufds, n, ms < 0 ? NO_DEADLINE :
			 deadline_after((uint64_t)ms * NSEC_PER_MSEC));
}

/* A user's timespec, or none, as a deadline. */
static int deadline_from_user(uint64_t utimeout, uint64_t *deadline)
{
	uint64_t ns;
	int rc;

	*deadline = NO_DEADLINE;
	if (!utimeout)
		return 0;
	rc = timespec_from_user(&ns, utimeout);
	if (rc == 0)
		*deadline = deadline_after(ns);
	return rc;
}

long sys_ppoll(uint64_t ufds, uint64_t n, uint64_t utimeout, uint64_t umask,
	       uint64_t masksize)
{
	uint64_t deadline;
	int rc = deadline_from_user(utimeout, &deadline);

	if (rc == 0)
		rc = signal_mask_during_sleep(umask, masksize);
	return rc ? rc : poll_user(ufds, n, deadline);
}

/* --- select --- */

#define SET_WORDS	(FD_LIMIT / 64)

static const int16_t set_events[3] = { POLLIN | POLLHUP | POLLERR,
				       POLLOUT | POLLERR, POLLPRI };

/* The three sets, and where in user memory they came from. */
struct selecting {
	uint64_t uset[3];
	uint64_t set[3][SET_WORDS];
};

static int sets_from_user(struct selecting *s, size_t bytes)
{
	for (int k = 0; k < 3; k++)
		if (s->uset[k] && copy_from_user(s->set[k], s->uset[k], bytes))
			return -EFAULT;
	return 0;
}

static int sets_to_user(struct selecting *s, size_t bytes)
{
	for (int k = 0; k < 3; k++)
		if (s->uset[k] && copy_to_user(s->uset[k], s->set[k], bytes))
			return -EFAULT;
	return 0;
}

static bool in_set(const uint64_t *set, unsigned int fd)
{
	return set[fd / 64] >> (fd % 64) & 1;
}

/* Descriptors in no set stay out of it by a negative number. */
static void sets_to_fds(struct selecting *s, struct polling *p)
{
	for (unsigned int fd = 0; fd < p->n; fd++) {
		p->fds[fd].fd = -1;
		for (int k = 0; k < 3; k++)
			if (in_set(s->set[k], fd)) {
				p->fds[fd].fd = (int)fd;
				p->fds[fd].events |= set_events[k];
			}
	}
}

/* The number of bits left set, or -EBADF. */
static long fds_to_sets(struct selecting *s, struct polling *p)
{
	long bits = 0;

	for (unsigned int fd = 0; fd < p->n; fd++)
		for (int k = 0; k < 3; k++) {
			if (!in_set(s->set[k], fd))
				continue;
			if (p->fds[fd].revents & POLLNVAL)
				return -EBADF;
			if (p->fds[fd].revents & set_events[k])
				bits++;
			else
				s->set[k][fd / 64] &= ~(1ul << (fd % 64));
		}
	return bits;
}

static long select_user(uint64_t n, uint64_t ur, uint64_t uw, uint64_t ue,
			uint64_t deadline)
{
	struct selecting s = { .uset = { ur, uw, ue } };
	struct polling p;
	size_t bytes;
	long rc;

	if ((int32_t)n < 0)
		return -EINVAL;
	n = min_u64((uint32_t)n, FD_LIMIT);
	bytes = (n + 63) / 64 * 8;
	if (sets_from_user(&s, bytes))
		return -EFAULT;
	rc = polling_begin(&p, (unsigned int)n);
	if (rc)
		return rc;
	sets_to_fds(&s, &p);
	rc = polling_run(&p, deadline);
	if (rc >= 0)
		rc = fds_to_sets(&s, &p);
	polling_end(&p);
	if (rc >= 0 && sets_to_user(&s, bytes))
		rc = -EFAULT;
	return rc;
}

long sys_select(uint64_t n, uint64_t ur, uint64_t uw, uint64_t ue, uint64_t utimeout)
{
	uint64_t deadline = NO_DEADLINE;
	struct timeval tv;

	if (utimeout) {
		if (get_user(tv, utimeout))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		deadline = tv.tv_sec > INT32_MAX ? NO_DEADLINE :
			deadline_after((uint64_t)tv.tv_sec * NSEC_PER_SEC +
				       (uint64_t)tv.tv_usec * NSEC_PER_USEC);
	}
	return select_user(n, ur, uw, ue, deadline);
}

long sys_pselect6(uint64_t n, uint64_t ur, uint64_t uw, uint64_t ue,
		  uint64_t utimeout, uint64_t umask)
{
	struct { uint64_t set, size; } mask = { 0, 0 };
	uint64_t deadline;
	int rc = deadline_from_user(utimeout, &deadline);

	if (rc == 0 && umask && get_user(mask, umask))
		rc = -EFAULT;
	if (rc == 0)
		rc = signal_mask_during_sleep(mask.set, mask.size);
	return rc ? rc : select_user(n, ur, uw, ue, deadline);
}
