/* SPDX-License-Identifier: MIT */
/* pipe.c - pipes, with and without a name.
 *
 * Guards: a write of up to PIPE_BUF bytes appears in one piece; readers and
 * writers are counted per open file, so that end-of-file and EPIPE come when
 * the last of the other kind is gone.
 * Invariant: head - tail is the number of bytes held, at most PIPE_SIZE.
 */
#include "fs/pipe.h"

#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "core/types.h"
#include "fs/poll.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/user.h"

#define PIPE_ORDER	4
#define PIPE_SIZE	(PAGE_SIZE << PIPE_ORDER)
#define PIPE_BUF	4096u
#define FIONREAD	0x541b

struct pipe {
	unsigned int readers, writers;
	uint32_t opens[2];	/* of a named pipe, ever: by readers, by writers */
	uint64_t head, tail;
	struct page *buf;
	struct waitq readable, writable;
};

static struct pipe *pipe_new(void)
{
	struct pipe *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->buf = page_alloc(PIPE_ORDER);
	if (!p->buf) {
		kfree(p);
		return NULL;
	}
	waitq_init(&p->readable);
	waitq_init(&p->writable);
	return p;
}

static void pipe_free(struct pipe *p)
{
	page_put(p->buf);
	kfree(p);
}

static bool reads(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_WRONLY;
}

static bool writes(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_RDONLY;
}

static void pipe_release(struct file *f)
{
	struct pipe *p = f->priv;

	p->readers -= reads(f);
	p->writers -= writes(f);
	waitq_wake(&p->readable);
	waitq_wake(&p->writable);
	if (p->readers || p->writers)
		return;
	f->inode->u.priv = NULL;
	pipe_free(p);
}

/* The longest piece at `at` that does not wrap. */
static char *piece(struct pipe *p, uint64_t at, size_t *n)
{
	uint64_t offset = at % PIPE_SIZE;

	*n = min_u64(*n, PIPE_SIZE - offset);
	return (char *)page_virt(p->buf) + offset;
}

static long pipe_read(struct file *f, struct iter *to, uint64_t *pos)
{
	struct pipe *p = f->priv;
	long done = 0;
	int rc;

	while (to->left && p->head == p->tail) {
		if (!p->writers)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		rc = waitq_wait(&p->readable, NO_DEADLINE);
		if (rc)
			return rc;
	}
	while (to->left && p->head != p->tail) {
		size_t n = min_u64(to->left, p->head - p->tail);
		char *from = piece(p, p->tail, &n);
		size_t got = iter_put(to, from, n);

		p->tail += got;
		done += (long)got;
		if (got < n) {
			done = done ? done : -EFAULT;
			break;
		}
	}
	waitq_wake(&p->writable);
	return done;
}

/* Move in what fits; 0 or -EFAULT. */
static int fill(struct pipe *p, struct iter *from, long *done)
{
	while (from->left && p->head - p->tail < PIPE_SIZE) {
		size_t n = min_u64(from->left, PIPE_SIZE - (p->head - p->tail));
		char *to = piece(p, p->head, &n);
		size_t got = iter_take(from, to, n);

		p->head += got;
		*done += (long)got;
		if (got < n)
			return -EFAULT;
	}
	return 0;
}

static long pipe_write(struct file *f, struct iter *from, uint64_t *pos)
{
	struct pipe *p = f->priv;
	size_t whole = from->left <= PIPE_BUF ? from->left : 1;
	long done = 0;
	int rc = 0;

	while (from->left) {
		if (!p->readers) {
			signal_thread(current, SIGPIPE);
			rc = -EPIPE;
			break;
		}
		if (PIPE_SIZE - (p->head - p->tail) >= whole) {
			rc = fill(p, from, &done);
			waitq_wake(&p->readable);
			whole = 1;
			if (rc || !from->left)
				break;
		}
		rc = -EAGAIN;
		if (!(f->flags & O_NONBLOCK))
			rc = waitq_wait(&p->writable, NO_DEADLINE);
		if (rc)
			break;
	}
	return done ? done : rc;
}

static long pipe_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	struct pipe *p = f->priv;
	int32_t n = (int32_t)(p->head - p->tail);

	return cmd == FIONREAD ? put_user(n, arg) : -ENOTTY;
}

static unsigned int pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->priv;
	unsigned int mask = 0;

	if (reads(f)) {
		poll_wait(pt, &p->readable);
		if (p->head != p->tail)
			mask |= POLLIN | POLLRDNORM;
		if (!p->writers)
			mask |= POLLHUP;
	}
	if (writes(f)) {
		poll_wait(pt, &p->writable);
		if (PIPE_SIZE - (p->head - p->tail) >= PIPE_BUF)
			mask |= POLLOUT | POLLWRNORM;
		if (!p->readers)
			mask |= POLLERR;
	}
	return mask;
}

static const struct file_ops pipe_ops = {
	.release = pipe_release,
	.read = pipe_read,
	.write = pipe_write,
	.ioctl = pipe_ioctl,
	.poll = pipe_poll,
};

/* Opening a named pipe waits until somebody opened the other end, even if they
 * are gone again; one without a name (by /proc/N/fd) never waits. A writer that
 * will not wait gets ENXIO. */
static int fifo_open(struct inode *ino, struct file *f)
{
	bool wait = ino->parent && !(f->flags & O_NONBLOCK);
	struct pipe *p;
	uint32_t *partners, before;
	int rc = 0;

	if (!ino->u.priv)
		ino->u.priv = pipe_new();
	p = ino->u.priv;
	if (!p)
		return -ENFILE;
	f->ops = &pipe_ops;
	f->priv = p;
	p->readers += reads(f);
	p->writers += writes(f);
	p->opens[0] += reads(f);
	p->opens[1] += writes(f);
	partners = &p->opens[reads(f)];
	before = *partners;
	waitq_wake(&p->readable);
	waitq_wake(&p->writable);
	if ((f->flags & O_NONBLOCK) && !reads(f) && !p->readers)
		rc = -ENXIO;
	while (rc == 0 && wait && *partners == before &&
	       !(reads(f) ? p->writers : p->readers))
		rc = waitq_wait(&p->readable, NO_DEADLINE);
	if (rc)
		pipe_release(f);
	return rc;
}

const struct file_ops fifo_ops = {
	.open = fifo_open,
};

/* A named pipe without a name: both ends share one inode, which can be opened
 * again through /proc/N/fd. Neither open waits, in this order. */
static int open_both(uint32_t flags, struct file **r, struct file **w)
{
	struct inode *ino = inode_anon(S_IFIFO | 0600);
	int rc;

	if (!ino)
		return -ENFILE;
	ino->fops = &fifo_ops;
	rc = file_open_inode(ino, O_RDONLY | O_NONBLOCK, r);
	if (rc == 0) {
		rc = file_open_inode(ino, O_WRONLY | O_NONBLOCK, w);
		if (rc)
			file_put(*r);
	}
	inode_put(ino);
	if (rc)
		return rc;
	(*r)->flags = O_RDONLY | (flags & O_NONBLOCK);
	(*w)->flags = O_WRONLY | (flags & O_NONBLOCK);
	return 0;
}

long sys_pipe2(uint64_t ufds, uint64_t flags)
{
	struct file *r, *w;
	int fd[2], rc;

	if (flags & ~(uint64_t)(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	rc = open_both((uint32_t)flags, &r, &w);
	if (rc)
		return rc;
	rc = fd_install_pair(r, w, flags & O_CLOEXEC, fd);
	if (rc)
		return rc;
	if (put_user(fd, ufds)) {
		fd_close(fd[0]);
		fd_close(fd[1]);
		return -EFAULT;
	}
	return 0;
}

long sys_pipe(uint64_t ufds)
{
	return sys_pipe2(ufds, 0);
}
