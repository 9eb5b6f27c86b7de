/* SPDX-License-Identifier: MIT */
/* evtchn_device.c - /dev/xen/evtchn: event channels for user programs.
 *
 * An event masks its port and puts its number into the file's ring; reading
 * takes numbers out, writing them back unmasks. So a port is in a ring at most
 * once, and a ring as large as the number of ports cannot overflow.
 */
#include "core/errno.h"
#include "core/process.h"
#include "fs/file.h"
#include "fs/poll.h"
#include "mm/kmalloc.h"
#include "mm/user.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define PORT_COUNT 4096
#define RING_SIZE 1024u		/* ports one file may bind */
#define IOC(nr, size) ((uint32_t)(size) << 16 | 'E' << 8 | (nr))

#define IOCTL_BIND_VIRQ IOC(0, 4)
#define IOCTL_BIND_INTERDOMAIN IOC(1, 8)
#define IOCTL_BIND_UNBOUND_PORT IOC(2, 4)
#define IOCTL_UNBIND IOC(3, 4)
#define IOCTL_NOTIFY IOC(4, 4)
#define IOCTL_RESET IOC(5, 0)

struct evtchn_file {
	uint32_t head, tail;	/* free-running; head - tail are waiting */
	uint32_t ports;		/* bound */
	struct waitq readable;
	uint32_t ring[RING_SIZE];
};

static struct evtchn_file *owner[PORT_COUNT];

static void port_event(unsigned port)
{
	struct evtchn_file *e = owner[port];

	event_mask(port);
	e->ring[e->head++ % RING_SIZE] = port;
	waitq_wake(&e->readable);
}

static int evtchn_open(struct inode *inode, struct file *file)
{
	struct evtchn_file *e = kzalloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	waitq_init(&e->readable);
	file->priv = e;
	return 0;
}

static long bind(struct evtchn_file *e, unsigned port)
{
	owner[port] = e;
	e->ports++;
	event_bind(port, port_event);
	return (long)port;
}

static void drop_from_ring(struct evtchn_file *e, unsigned port)
{
	uint32_t kept = e->tail;

	for (uint32_t i = e->tail; i != e->head; i++)
		if (e->ring[i % RING_SIZE] != port)
			e->ring[kept++ % RING_SIZE] = e->ring[i % RING_SIZE];
	e->head = kept;
}

static void unbind(struct evtchn_file *e, unsigned port)
{
	struct evtchn_close op = { .port = port };

	event_unbind(port);
	hv_event_channel_op(EVTCHNOP_close, &op);
	owner[port] = NULL;
	e->ports--;
	drop_from_ring(e, port);
}

static void evtchn_release(struct file *file)
{
	struct evtchn_file *e = file->priv;

	for (unsigned port = 0; e->ports && port < PORT_COUNT; port++)
		if (owner[port] == e)
			unbind(e, port);
	kfree(e);
}

static long bind_virq(struct evtchn_file *e, uint32_t virq)
{
	struct evtchn_bind_virq op = { .virq = virq };
	long rc = hv_event_channel_op(EVTCHNOP_bind_virq, &op);

	return rc ? rc : bind(e, op.port);
}

static long bind_interdomain(struct evtchn_file *e, uint32_t domain, uint32_t port)
{
	struct evtchn_bind_interdomain op = {
		.remote_dom = (domid_t)domain, .remote_port = port,
	};
	long rc = hv_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	return rc ? rc : bind(e, op.local_port);
}

static long bind_unbound(struct evtchn_file *e, uint32_t domain)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = (domid_t)domain };
	long rc = hv_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	return rc ? rc : bind(e, op.port);
}

static bool owns(const struct evtchn_file *e, uint32_t port)
{
	return port < PORT_COUNT && owner[port] == e;
}

static long evtchn_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct evtchn_file *e = file->priv;
	uint32_t word[2] = { 0, 0 };

	if ((cmd >> 8 & 0xff) != 'E' || (cmd >> 16) > sizeof(word))
		return -ENOTTY;
	if (copy_from_user(word, arg, cmd >> 16))
		return -EFAULT;
	switch (cmd) {
	case IOCTL_BIND_VIRQ:
		return e->ports < RING_SIZE ? bind_virq(e, word[0]) : -ENOSPC;
	case IOCTL_BIND_INTERDOMAIN:
		return e->ports < RING_SIZE ? bind_interdomain(e, word[0], word[1]) : -ENOSPC;
	case IOCTL_BIND_UNBOUND_PORT:
		return e->ports < RING_SIZE ? bind_unbound(e, word[0]) : -ENOSPC;
	case IOCTL_UNBIND:
		if (!owns(e, word[0]))
			return -ENOTCONN;
		unbind(e, word[0]);
		return 0;
	case IOCTL_NOTIFY:
		return owns(e, word[0]) ? event_send(word[0]) : -ENOTCONN;
	case IOCTL_RESET:
		e->tail = e->head;
		return 0;
	default:
		return -ENOTTY;
	}
}

static long evtchn_read(struct file *file, struct iter *to, uint64_t *pos)
{
	struct evtchn_file *e = file->priv;
	size_t done = 0;
	uint32_t port;

	if (to->left < sizeof(port))
		return to->left ? -EINVAL : 0;
	while (e->head == e->tail) {
		int rc;

		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		rc = waitq_wait(&e->readable, NO_DEADLINE);
		if (rc)
			return rc;
	}
	while (e->head != e->tail && to->left >= sizeof(port)) {
		port = e->ring[e->tail % RING_SIZE];
		if (iter_put(to, &port, sizeof(port)) != sizeof(port))
			return done ? (long)done : -EFAULT;
		e->tail++;
		done += sizeof(port);
	}
	return (long)done;
}

static long evtchn_write(struct file *file, struct iter *from, uint64_t *pos)
{
	const struct evtchn_file *e = file->priv;
	size_t done = 0;
	uint32_t port;

	if (from->left < sizeof(port))
		return from->left ? -EINVAL : 0;
	while (from->left >= sizeof(port)) {
		if (iter_take(from, &port, sizeof(port)) != sizeof(port))
			return done ? (long)done : -EFAULT;
		if (owns(e, port))
			event_unmask(port);
		done += sizeof(port);
	}
	return (long)done;
}

static unsigned int evtchn_poll(struct file *file, struct poll_table *pt)
{
	struct evtchn_file *e = file->priv;

	poll_wait(pt, &e->readable);
	return POLLOUT | POLLWRNORM | (e->head != e->tail ? POLLIN | POLLRDNORM : 0);
}

static const struct file_ops evtchn_ops = {
	.open = evtchn_open,
	.release = evtchn_release,
	.read = evtchn_read,
	.write = evtchn_write,
	.ioctl = evtchn_ioctl,
	.poll = evtchn_poll,
};

void evtchn_device_init(void)
{
	dev_register("xen/evtchn", 0600, 10, 62, &evtchn_ops);
}
