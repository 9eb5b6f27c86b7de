/* SPDX-License-Identifier: MIT */
/* eventfd.c - a 64-bit counter that can be waited for.
 *
 * Invariant: the count never reaches UINT64_MAX; a write that would bring it
 * there waits.
 */
#include "core/errno.h"
#include "core/syscall.h"
#include "core/wait.h"
#include "fs/file.h"
#include "fs/poll.h"
#include "mm/kmalloc.h"

#define EFD_SEMAPHORE	1u

struct eventfd {
	uint64_t count;
	bool semaphore;
	struct waitq changed;
};

static void eventfd_release(struct file *f)
{
	kfree(f->priv);
}

static long eventfd_read(struct file *f, struct iter *to, uint64_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t value;
	int rc;

	if (to->left < sizeof(value))
		return -EINVAL;
	while (!e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		rc = waitq_wait(&e->changed, NO_DEADLINE);
		if (rc)
			return rc;
	}
	value = e->semaphore ? 1 : e->count;
	if (iter_put(to, &value, sizeof(value)) != sizeof(value))
		return -EFAULT;
	e->count -= value;
	waitq_wake(&e->changed);
	return sizeof(value);
}

static long eventfd_write(struct file *f, struct iter *from, uint64_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t value;
	int rc;

	if (from->left < sizeof(value))
		return -EINVAL;
	if (iter_take(from, &value, sizeof(value)) != sizeof(value))
		return -EFAULT;
	if (value == UINT64_MAX)
		return -EINVAL;
	while (e->count >= UINT64_MAX - value) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		rc = waitq_wait(&e->changed, NO_DEADLINE);
		if (rc)
			return rc;
	}
	e->count += value;
	waitq_wake(&e->changed);
	return sizeof(value);
}

static unsigned int eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->priv;

	poll_wait(pt, &e->changed);
	return (e->count ? POLLIN : 0) |
	       (e->count < UINT64_MAX - 1 ? POLLOUT : 0);
}

static const struct file_ops eventfd_ops = {
	.release = eventfd_release,
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
};

long sys_eventfd2(uint64_t count, uint64_t flags)
{
	struct eventfd *e;
	struct file *f;
	int fd;

	if (flags & ~(uint64_t)(O_CLOEXEC | O_NONBLOCK | EFD_SEMAPHORE))
		return -EINVAL;
	e = kzalloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->count = (uint32_t)count;
	e->semaphore = flags & EFD_SEMAPHORE;
	waitq_init(&e->changed);
	f = file_anon(&eventfd_ops, 0600,
		      O_RDWR | ((uint32_t)flags & O_NONBLOCK), e);
	if (!f) {
		kfree(e);
		return -ENOMEM;
	}
	fd = fd_install(f, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

long sys_eventfd(uint64_t count)
{
	return sys_eventfd2(count, 0);
}
