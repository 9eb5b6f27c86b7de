/* SPDX-License-Identifier: MIT */
/* unix_io.c - the bytes between local sockets.
 *
 * All types keep what they received as a list of messages; a stream reads
 * across their borders, the others lose what of one does not fit the reader.
 * Guards: no inbox holds more than INBOX_MAX bytes, except for one message
 * that arrived in an empty one.
 */
#include "core/errno.h"
#include "core/process.h"
#include "core/signal.h"
#include "core/types.h"
#include "fs/poll.h"
#include "fs/unix.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/user.h"

#define INBOX_MAX	(128u << 10)
#define CHUNK		(16u << 10)	/* of a stream, per message */
#define DATAGRAM_MAX	(128u << 10)
#define FIONREAD	0x541bu

struct message {
	struct list node;	/* first: sock_free() frees by it */
	struct unix_addr from;
	size_t len, at;		/* bytes, and how many of them were read */
	char data[];
};

static bool has_room(const struct sock *s, size_t n)
{
	return s->inbox_bytes == 0 || s->inbox_bytes + n <= INBOX_MAX;
}

/* Where the bytes go now; the answer may change with every sleep. */
static int find_receiver(struct sock *s, const struct unix_addr *to, struct sock **out)
{
	if (s->no_write)
		return -EPIPE;
	if (s->type == SOCK_DGRAM && !s->peer && s->state != SOCK_DEAD) {
		const struct unix_addr *addr = to ? to : &s->dest;

		return addr->len ? sock_find(addr, s->type, out) : -ENOTCONN;
	}
	if (to)
		return s->state == SOCK_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	if (s->state == SOCK_DEAD)
		return s->type == SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
	if (!s->peer)
		return -ENOTCONN;
	*out = s->peer;
	return 0;
}

/* Wait until there is a receiver with room for n bytes. */
static int wait_receiver(struct sock *s, const struct unix_addr *to, size_t n,
			 bool nonblock, struct sock **out)
{
	int rc;

	for (;;) {
		rc = find_receiver(s, to, out);
		if (rc)
			return rc;
		if (has_room(*out, n))
			return 0;
		if (nonblock)
			return -EAGAIN;
		/* a named datagram receiver wakes its own queue as it reads */
		rc = waitq_wait((*out)->peer == s ? &s->writable : &(*out)->writable,
				NO_DEADLINE);
		if (rc)
			return rc;
	}
}

static int deliver(struct sock *s, struct sock *to, struct iter *from, size_t n)
{
	struct message *m = kmalloc(sizeof(*m) + n);

	if (!m)
		return -ENOMEM;
	m->from = s->addr;
	m->len = n;
	m->at = 0;
	if (iter_take(from, m->data, n) != n) {
		kfree(m);
		return -EFAULT;
	}
	list_push_back(&to->inbox, &m->node);
	to->inbox_bytes += n;
	waitq_wake(&to->readable);
	return 0;
}

long sock_send(struct sock *s, struct iter *from, unsigned int flags,
	       const struct unix_addr *to)
{
	bool stream = s->type == SOCK_STREAM;
	struct sock *receiver;
	long done = 0;
	int rc = 0;

	if (!stream && from->left > DATAGRAM_MAX)
		return -EMSGSIZE;
	do {
		size_t n = stream ? min_u64(from->left, CHUNK) : from->left;

		rc = wait_receiver(s, to, n, flags & MSG_DONTWAIT, &receiver);
		if (rc == 0 && (n || !stream))
			rc = deliver(s, receiver, from, n);
		if (rc)
			break;
		done += (long)n;
	} while (from->left);
	if (rc == -EPIPE && !done && !(flags & MSG_NOSIGNAL))
		signal_thread(current, SIGPIPE);
	return done ? done : rc;
}

/* Something to read, or 0 with an empty inbox at the end of the stream. */
static int wait_inbox(struct sock *s, bool nonblock)
{
	int rc;

	while (list_empty(&s->inbox)) {
		if (s->no_read || s->state == SOCK_DEAD)
			return 0;
		if (s->type != SOCK_DGRAM && s->state != SOCK_CONNECTED)
			return s->state == SOCK_LISTENING ? -EINVAL : -ENOTCONN;
		if (nonblock)
			return -EAGAIN;
		rc = waitq_wait(&s->readable, NO_DEADLINE);
		if (rc)
			return rc;
	}
	return 0;
}

static void consume(struct sock *s, struct message *m, size_t n)
{
	m->at += n;
	s->inbox_bytes -= n;
	if (m->at < m->len)
		return;
	list_remove(&m->node);
	kfree(m);
	waitq_wake(s->peer ? &s->peer->writable : &s->writable);
}

/* Read over message borders; 0 bytes with something there means EFAULT. */
static long recv_stream(struct sock *s, struct iter *to, bool peek)
{
	struct message *m, *next;
	long done = 0;

	list_for_each_safe(m, next, &s->inbox, node) {
		size_t want = min_u64(m->len - m->at, to->left);
		size_t got = iter_put(to, m->data + m->at, want);

		done += (long)got;
		if (!peek)
			consume(s, m, got);
		if (got < want)
			return done ? done : -EFAULT;
		if (!to->left)
			break;
	}
	return done;
}

static long recv_message(struct sock *s, struct iter *to, unsigned int flags,
			 struct unix_addr *from, bool *truncated)
{
	struct message *m = list_first(&s->inbox, struct message, node);
	size_t len = m->len;
	size_t n = min_u64(len, to->left);

	if (iter_put(to, m->data, n) != n)
		return -EFAULT;
	if (from)
		*from = m->from;
	*truncated = n < len;
	if (!(flags & MSG_PEEK))
		consume(s, m, len);
	return (long)(flags & MSG_TRUNC ? len : n);
}

long sock_recv(struct sock *s, struct iter *to, unsigned int flags,
	       struct unix_addr *from, bool *truncated)
{
	long done = 0;
	long rc;

	if (from)
		from->len = 0;
	*truncated = false;
	if (s->type == SOCK_STREAM && !to->left)
		return 0;
	do {
		rc = wait_inbox(s, flags & MSG_DONTWAIT);
		if (rc || list_empty(&s->inbox))
			break;
		if (s->type != SOCK_STREAM)
			return recv_message(s, to, flags, from, truncated);
		rc = recv_stream(s, to, flags & MSG_PEEK);
		if (rc > 0)
			done += rc;
	} while (rc > 0 && to->left && (flags & MSG_WAITALL) && !(flags & MSG_PEEK));
	return done ? done : rc;
}

/* --- as files --- */

static unsigned int file_flags(const struct file *f)
{
	return f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

static long sock_read(struct file *f, struct iter *to, uint64_t *pos)
{
	bool truncated;

	return sock_recv(f->priv, to, file_flags(f), NULL, &truncated);
}

static long sock_write(struct file *f, struct iter *from, uint64_t *pos)
{
	return sock_send(f->priv, from, file_flags(f), NULL);
}

static unsigned int sock_poll(struct file *f, struct poll_table *pt)
{
	struct sock *s = f->priv;
	unsigned int mask = 0;

	poll_wait(pt, &s->readable);
	poll_wait(pt, &s->writable);
	if (!list_empty(&s->inbox) || !list_empty(&s->waiting))
		mask |= POLLIN | POLLRDNORM;
	if (s->no_read)
		mask |= POLLIN | POLLRDHUP;
	if (s->state == SOCK_DEAD || (s->no_read && s->no_write))
		mask |= POLLIN | POLLHUP | POLLRDHUP;
	if (s->state == SOCK_OPEN && s->type != SOCK_DGRAM)
		return mask | POLLHUP | POLLOUT;
	if (s->state != SOCK_LISTENING && (!s->peer || has_room(s->peer, CHUNK)))
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

static long sock_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	struct sock *s = f->priv;
	int32_t n = (int32_t)s->inbox_bytes;

	return cmd == FIONREAD ? put_user(n, arg) : -ENOTTY;
}

static void sock_release(struct file *f)
{
	sock_free(f->priv);
}

const struct file_ops sock_file_ops = {
	.release = sock_release,
	.read = sock_read,
	.write = sock_write,
	.poll = sock_poll,
	.ioctl = sock_ioctl,
};
