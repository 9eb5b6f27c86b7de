/* SPDX-License-Identifier: MIT */
/* pty.c - pseudo-terminals: a terminal whose other side is a program.
 *
 * Opening /dev/ptmx makes a master and, in /dev/pts, a slave that is a struct
 * tty. What the slave's users write goes into the master's ring; what the
 * master writes is typed at the slave.
 * Guards: the pair lives until both sides are released; when the master goes,
 * the slave is hung up and its name removed.
 */
#include "core/errno.h"
#include "core/printk.h"
#include "core/types.h"
#include "fs/dev.h"
#include "fs/poll.h"
#include "fs/tty.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/user.h"

#define PTY_MAX		32u
#define PTY_MAJOR	136u
#define OUT_SIZE	4096u

#define TIOCGPTN	0x80045430u
#define TIOCSPTLCK	0x40045431u
#define FIONREAD	0x541bu

struct pty {
	struct tty tty;		/* its references keep the pair */
	unsigned int index;
	unsigned int slaves;	/* open files of the slave side */
	bool was_open;		/* a slave was: without one now, the master sees the end */
	unsigned int head, tail;
	struct waitq readable;	/* by the master */
	char out[OUT_SIZE];
};

static struct pty *ptys[PTY_MAX];

static void to_master(struct tty *t, const char *buf, size_t len)
{
	struct pty *p = t->priv;

	for (size_t i = 0; i < len && p->head - p->tail < OUT_SIZE; i++)
		p->out[p->head++ % OUT_SIZE] = buf[i];
	waitq_wake(&p->readable);
}

static size_t master_room(struct tty *t)
{
	struct pty *p = t->priv;

	return OUT_SIZE - (p->head - p->tail);
}

static void pty_destroy(struct tty *t)
{
	kfree(t->priv);
}

static void pts_name(unsigned int index, char *name, size_t size)
{
	snprintf(name, size, "%u", index);
}

/* --- the master --- */

static long master_read(struct file *f, struct iter *to, uint64_t *pos)
{
	struct pty *p = f->priv;
	long done = 0;
	int rc;

	while (to->left && p->head == p->tail) {
		if (p->was_open && !p->slaves)
			return -EIO;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		rc = waitq_wait(&p->readable, NO_DEADLINE);
		if (rc)
			return rc;
	}
	while (to->left && p->head != p->tail) {
		if (iter_put(to, &p->out[p->tail % OUT_SIZE], 1) != 1)
			return done ? done : -EFAULT;
		p->tail++;
		done++;
	}
	waitq_wake(&p->tty.writable);
	return done;
}

static long master_write(struct file *f, struct iter *from, uint64_t *pos)
{
	struct pty *p = f->priv;
	long done = 0;
	char chunk[64];

	while (from->left) {
		size_t n = iter_take(from, chunk, sizeof(chunk));

		if (n == 0)
			return done ? done : -EFAULT;
		tty_input(&p->tty, chunk, n);
		done += (long)n;
	}
	return done;
}

static unsigned int master_poll(struct file *f, struct poll_table *pt)
{
	struct pty *p = f->priv;
	unsigned int mask = POLLOUT | POLLWRNORM;

	poll_wait(pt, &p->readable);
	if (p->head != p->tail)
		mask |= POLLIN | POLLRDNORM;
	if (p->was_open && !p->slaves)
		mask |= POLLHUP;
	return mask;
}

static long master_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	struct pty *p = f->priv;
	uint32_t index = p->index;
	int32_t waiting = (int32_t)(p->head - p->tail);

	switch (cmd) {
	case TIOCGPTN:
		return put_user(index, arg);
	case TIOCSPTLCK:
		return 0;
	case FIONREAD:
		return put_user(waiting, arg);
	}
	return tty_ioctl_common(&p->tty, f, cmd, arg);
}

static void master_release(struct file *f)
{
	struct pty *p = f->priv;
	char name[12];

	pts_name(p->index, name, sizeof(name));
	dev_pts_root()->ops->unlink(dev_pts_root(), name);
	ptys[p->index] = NULL;
	tty_hangup(&p->tty);
	tty_put(&p->tty);
}

static const struct file_ops master_ops = {
	.release = master_release,
	.read = master_read,
	.write = master_write,
	.poll = master_poll,
	.ioctl = master_ioctl,
};

static struct pty *pty_new(unsigned int index)
{
	struct pty *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	tty_init(&p->tty, dev_make(PTY_MAJOR, index));
	p->tty.write = to_master;
	p->tty.room = master_room;
	p->tty.destroy = pty_destroy;
	p->tty.priv = p;
	p->index = index;
	waitq_init(&p->readable);
	return p;
}

static int ptmx_open(struct inode *ino, struct file *f)
{
	unsigned int index = 0;
	struct inode *made;
	struct pty *p;
	char name[12];
	int rc;

	while (index < PTY_MAX && ptys[index])
		index++;
	if (index == PTY_MAX)
		return -ENOSPC;
	p = pty_new(index);
	if (!p)
		return -ENOMEM;
	pts_name(index, name, sizeof(name));
	rc = dev_pts_root()->ops->create(dev_pts_root(), name, S_IFCHR | 0620,
					 p->tty.rdev, NULL, &made);
	if (rc) {
		kfree(p);
		return rc;
	}
	inode_put(made);
	ptys[index] = p;
	f->ops = &master_ops;
	f->priv = p;
	return 0;
}

/* --- the slave: a tty file that is counted --- */

static struct file_ops slave_ops;

static int pts_open(struct inode *ino, struct file *f)
{
	unsigned int index = dev_minor(ino->rdev);
	struct pty *p = index < PTY_MAX ? ptys[index] : NULL;

	if (!p)
		return -EIO;
	f->ops = &slave_ops;
	p->slaves++;
	p->was_open = true;
	return tty_attach(f, &p->tty);
}

static void slave_release(struct file *f)
{
	struct tty *t = f->priv;
	struct pty *p = t->priv;

	p->slaves--;
	waitq_wake(&p->readable);
	tty_put(t);
}

static const struct file_ops ptmx_ops = { .open = ptmx_open };
static const struct file_ops pts_ops = { .open = pts_open };

void pty_init(void)
{
	slave_ops = tty_file_ops;
	slave_ops.release = slave_release;
	if (dev_register("ptmx", 0666, 5, 2, &ptmx_ops))
		panic("cannot make /dev/ptmx");
	for (unsigned int i = 0; i < PTY_MAX; i++)
		if (dev_driver(PTY_MAJOR, i, &pts_ops))
			panic("too many drivers for terminals");
}
