/* SPDX-License-Identifier: MIT */
/* epoll.c - a standing list of files to wait for.
 *
 * Guards: an item does not hold its file (closing the descriptor must be
 * able to release it); instead every release of a file asks all epolls to
 * forget it (epoll_forget), which is cheap because there are few, and which
 * takes sleeping waiters off the file's queues before those are freed.
 * Edge trigger: a file's queues count their wake-ups, and an item is reported
 * again only when that sum has moved. An epoll inside an epoll is refused.
 */
#include "fs/epoll.h"

#include "core/errno.h"
#include "core/process.h"
#include "core/signal.h"
#include "core/syscall.h"
#include "core/time.h"
#include "fs/poll.h"
#include "lib/list.h"
#include "mm/kmalloc.h"
#include "mm/user.h"

#define EPOLL_CTL_ADD	1
#define EPOLL_CTL_DEL	2
#define EPOLL_CTL_MOD	3
#define EPOLLONESHOT	(1u << 30)
#define EPOLLET		(1u << 31)
#define EPOLL_MODES	(EPOLLONESHOT | EPOLLET | 1u << 29 | 1u << 28)
#define ITEMS_MAX	FD_LIMIT

struct epoll_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

struct item {
	struct list node;
	struct file *file;	/* not counted: see epoll_forget */
	int fd;
	bool reported;		/* once since the sum was seen */
	uint32_t seq;
	struct epoll_event ev;	/* events 0 but for modes: disarmed */
};

/* One thread in epoll_wait. */
struct sleeper {
	struct list node;
	struct poll_table pt;
};

struct epoll {
	struct list node;	/* all_epolls */
	struct list sleepers;
	struct list borrowers;	/* who polls this epoll, and so its items */
	struct list items;
	unsigned int count;
	struct waitq changed;	/* the list of items */
};

static struct list all_epolls = LIST_INIT(all_epolls);

static void item_free(struct epoll *ep, struct item *it)
{
	list_remove(&it->node);
	ep->count--;
	kfree(it);
}

/* An item goes away: whoever sleeps on its file's queues looks again. */
static void wake_sleepers(struct epoll *ep)
{
	struct poll_table *pt, *next;
	struct sleeper *s;

	waitq_wake(&ep->changed);
	list_for_each(s, &ep->sleepers, node)
		poll_table_reset(&s->pt);
	list_for_each_safe(pt, next, &ep->borrowers, node)
		poll_table_reset(pt);
}

void epoll_forget(struct file *f)
{
	struct epoll *ep;
	struct item *it, *next;

	list_for_each(ep, &all_epolls, node)
		list_for_each_safe(it, next, &ep->items, node)
			if (it->file == f) {
				wake_sleepers(ep);
				item_free(ep, it);
			}
}

static void epoll_release(struct file *f)
{
	struct epoll *ep = f->priv;

	while (!list_empty(&ep->items))
		item_free(ep, list_first(&ep->items, struct item, node));
	list_remove(&ep->node);
	kfree(ep);
}

/* What the item has to report now, 0 for nothing. Registers with *pt. */
static uint32_t item_ready(struct item *it, struct poll_table *pt)
{
	struct poll_table one = { 0 };
	uint32_t mask;

	if (!(it->ev.events & ~EPOLL_MODES))
		return 0;
	mask = file_poll(it->file, &one);
	mask &= it->ev.events | POLLERR | POLLHUP;
	if (mask && (it->ev.events & EPOLLET) && it->reported &&
	    it->seq == one.seq)
		mask = 0;
	else
		it->reported = false;
	it->seq = one.seq;
	if (!mask && pt)
		file_poll(it->file, pt);
	return mask;
}

/* Says whether the table may have waiters on the items' queues: the caller
 * holds this epoll's file, but not those of the items. Two epolls in one poll
 * are too many for that. */
static bool lend(struct epoll *ep, struct poll_table *pt)
{
	if (!pt || !pt->waiter)
		return false;
	if (pt->lender && pt->lender != ep) {
		pt->by_clock = true;
		return false;
	}
	if (!pt->lender) {
		pt->lender = ep;
		list_push_back(&ep->borrowers, &pt->node);
	}
	poll_wait(pt, &ep->changed);
	return true;
}

static unsigned int epoll_poll(struct file *f, struct poll_table *pt)
{
	struct epoll *ep = f->priv;
	bool lent = lend(ep, pt);
	unsigned int mask = 0;
	struct item *it;

	list_for_each(it, &ep->items, node) {
		bool reported = it->reported;

		if (item_ready(it, lent ? pt : NULL))
			mask = POLLIN | POLLRDNORM;
		it->reported = reported;
	}
	return mask;
}

static const struct file_ops epoll_ops = {
	.release = epoll_release,
	.poll = epoll_poll,
};

/* Copy out up to max ready items; their number or -EFAULT. Reported items go
 * to the list's end, so that a small buffer starves nobody. */
static int collect(struct epoll *ep, uint64_t uevents, int max,
		   struct poll_table *pt)
{
	struct list done = LIST_INIT(done);
	struct item *it, *next;
	int n = 0;

	list_for_each_safe(it, next, &ep->items, node) {
		struct epoll_event ev;

		if (n == max)
			break;
		ev.events = item_ready(it, n ? NULL : pt);
		if (!ev.events)
			continue;
		ev.data = it->ev.data;
		if (copy_to_user(uevents + (uint64_t)n * sizeof(ev), &ev, sizeof(ev))) {
			n = n ? n : -EFAULT;
			break;
		}
		n++;
		it->reported = true;
		if (it->ev.events & EPOLLONESHOT)
			it->ev.events &= EPOLL_MODES;
		list_remove(&it->node);
		list_push_back(&done, &it->node);
	}
	while (!list_empty(&done)) {
		it = list_first(&done, struct item, node);
		list_remove(&it->node);
		list_push_back(&ep->items, &it->node);
	}
	return n;
}

/* Room for every queue of every item: two each is what files have. */
static int make_room(struct epoll *ep, struct poll_table *pt)
{
	if (pt->size >= 2 * ep->count + 4)
		return 0;
	kfree(pt->waiter);
	return poll_table_init(pt, 4 * ep->count + 8);
}

static long epoll_run(struct epoll *ep, uint64_t uevents, int max, uint64_t deadline)
{
	struct sleeper s = { .pt = { 0 } };
	bool last = false;
	long rc;

	list_push_back(&ep->sleepers, &s.node);
	for (;;) {
		rc = make_room(ep, &s.pt);
		if (rc)
			break;
		poll_wait(&s.pt, &ep->changed);
		rc = collect(ep, uevents, max, &s.pt);
		if (rc || last)
			break;
		rc = poll_sleep(&s.pt, deadline);
		if (rc && rc != -ETIMEDOUT)
			break;
		last = rc == -ETIMEDOUT;
	}
	poll_table_reset(&s.pt);
	list_remove(&s.node);
	kfree(s.pt.waiter);
	return rc;
}

static struct file *epoll_from_fd(int fd, long *rc)
{
	struct file *f = file_from_fd(fd);

	*rc = f ? 0 : -EBADF;
	if (f && f->ops != &epoll_ops) {
		file_put(f);
		f = NULL;
		*rc = -EINVAL;
	}
	return f;
}

long sys_epoll_wait(uint64_t epfd, uint64_t uevents, uint64_t max, uint64_t timeout_ms)
{
	int32_t ms = (int32_t)timeout_ms;
	uint64_t deadline = NO_DEADLINE;
	struct file *f;
	long rc;

	if ((int32_t)max <= 0)
		return -EINVAL;
	f = epoll_from_fd((int)epfd, &rc);
	if (!f)
		return rc;
	if (ms >= 0)
		deadline = clock_now() + (uint64_t)ms * NSEC_PER_MSEC;
	rc = epoll_run(f->priv, uevents, (int)max, deadline);
	file_put(f);
	return rc;
}

long sys_epoll_pwait(uint64_t epfd, uint64_t uevents, uint64_t max,
		     uint64_t timeout_ms, uint64_t umask, uint64_t masksize)
{
	int rc = signal_mask_during_sleep(umask, masksize);

	return rc ? rc : sys_epoll_wait(epfd, uevents, max, timeout_ms);
}

static struct item *find(struct epoll *ep, int fd, struct file *file)
{
	struct item *it;

	list_for_each(it, &ep->items, node)
		if (it->fd == fd && it->file == file)
			return it;
	return NULL;
}

static int item_add(struct epoll *ep, int fd, struct file *file)
{
	struct item *it;

	if (ep->count >= ITEMS_MAX)
		return -ENOSPC;
	it = kzalloc(sizeof(*it));
	if (!it)
		return -ENOMEM;
	it->fd = fd;
	it->file = file;
	list_push_back(&ep->items, &it->node);
	ep->count++;
	return 0;
}

static long control(struct epoll *ep, int op, int fd, struct file *file,
		    const struct epoll_event *ev)
{
	struct item *it = find(ep, fd, file);
	int rc = 0;

	if (!file->ops->poll)
		return -EPERM;
	if (file->ops == &epoll_ops)
		return -EINVAL;
	if (op == EPOLL_CTL_ADD && it)
		return -EEXIST;
	if (op != EPOLL_CTL_ADD && !it)
		return -ENOENT;
	switch (op) {
	case EPOLL_CTL_DEL:
		wake_sleepers(ep);
		item_free(ep, it);
		return 0;
	case EPOLL_CTL_ADD:
		rc = item_add(ep, fd, file);
		if (rc)
			return rc;
		it = find(ep, fd, file);
		break;
	case EPOLL_CTL_MOD:
		break;
	default:
		return -EINVAL;
	}
	it->ev = *ev;
	it->reported = false;
	waitq_wake(&ep->changed);
	return 0;
}

long sys_epoll_ctl(uint64_t epfd, uint64_t op, uint64_t fd, uint64_t uevent)
{
	struct epoll_event ev = { 0, 0 };
	struct file *f, *file;
	long rc;

	if ((int)op != EPOLL_CTL_DEL && get_user(ev, uevent))
		return -EFAULT;
	f = epoll_from_fd((int)epfd, &rc);
	if (!f)
		return rc;
	file = file_from_fd((int)fd);
	rc = file ? control(f->priv, (int)op, (int)fd, file, &ev) : -EBADF;
	file_put(file);
	file_put(f);
	return rc;
}

long sys_epoll_create1(uint64_t flags)
{
	struct epoll *ep;
	struct file *f;
	int fd;

	if (flags & ~(uint64_t)O_CLOEXEC)
		return -EINVAL;
	ep = kzalloc(sizeof(*ep));
	if (!ep)
		return -ENOMEM;
	list_init(&ep->items);
	list_init(&ep->sleepers);
	list_init(&ep->borrowers);
	waitq_init(&ep->changed);
	list_init(&ep->node);
	f = file_anon(&epoll_ops, 0600, O_RDWR, ep);
	if (!f) {
		kfree(ep);
		return -ENOMEM;
	}
	list_push_back(&all_epolls, &ep->node);
	fd = fd_install(f, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

long sys_epoll_create(uint64_t size)
{
	return (int32_t)size > 0 ? sys_epoll_create1(0) : -EINVAL;
}
