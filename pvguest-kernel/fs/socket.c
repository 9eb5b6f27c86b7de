/* SPDX-License-Identifier: MIT */
/* socket.c - the system calls about sockets, for the one family there is.
 *
 * Guards: user addresses and message headers are copied once and their lengths
 * checked. Passing descriptors is refused (EOPNOTSUPP), never ignored.
 */
#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "core/types.h"
#include "fs/unix.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/user.h"

#define SOCKET_FLAGS	(O_NONBLOCK | O_CLOEXEC)
#define SUN_PATH	108u
#define IOV_FAST	8

#define SOL_SOCKET	1
#define SO_TYPE		3
#define SO_ERROR	4
#define SO_SNDBUF	7
#define SO_RCVBUF	8
#define SO_PEERCRED	17
#define SO_ACCEPTCONN	30
#define SO_PROTOCOL	38
#define SO_DOMAIN	39

struct sockaddr_un {
	uint16_t family;
	char path[SUN_PATH];
};

struct msghdr {
	uint64_t name;
	uint32_t namelen, pad0;
	uint64_t iov, iovlen;
	uint64_t control, controllen;
	uint32_t flags, pad1;
};

static struct file *sock_file(uint64_t fd, long *rc)
{
	struct file *f = file_from_fd((int)fd);

	*rc = f ? 0 : -EBADF;
	if (f && f->ops != &sock_file_ops) {
		file_put(f);
		f = NULL;
		*rc = -ENOTSOCK;
	}
	return f;
}

static int addr_from_user(struct unix_addr *addr, uint64_t uaddr, uint64_t len)
{
	struct sockaddr_un sun = { 0 };

	memset(addr, 0, sizeof(*addr));
	if ((uint32_t)len < sizeof(sun.family) || (uint32_t)len > sizeof(sun))
		return -EINVAL;
	if (copy_from_user(&sun, uaddr, (uint32_t)len))
		return -EFAULT;
	if (sun.family != AF_UNIX)
		return -EINVAL;
	addr->len = (uint32_t)len - sizeof(sun.family);
	memcpy(addr->path, sun.path, addr->len);
	if (addr->len && addr->path[0])
		addr->len = (unsigned int)strlen(addr->path);
	return 0;
}

/* As Linux: what does not fit is cut, *ulen says how long it was. */
static int addr_to_user(const struct unix_addr *addr, uint64_t uaddr, uint64_t ulen)
{
	struct sockaddr_un sun = { .family = AF_UNIX };
	uint32_t room, len = sizeof(sun.family) + addr->len;

	if (!uaddr)
		return 0;
	if (addr->len && addr->path[0] && addr->len < SUN_PATH)
		len++;		/* the NUL */
	memcpy(sun.path, addr->path, min_u64(addr->len, SUN_PATH));
	if (get_user(room, ulen))
		return -EFAULT;
	if ((int32_t)room < 0)
		return -EINVAL;
	if (copy_to_user(uaddr, &sun, min_u64(room, len)) || put_user(len, ulen))
		return -EFAULT;
	return 0;
}

static struct file *file_of(struct sock *s, uint32_t flags)
{
	return file_anon(&sock_file_ops, S_IFSOCK | 0777,
			 O_RDWR | (flags & O_NONBLOCK), s);
}

static int check_kind(uint64_t family, uint64_t type, uint64_t protocol)
{
	uint32_t base = (uint32_t)type & ~SOCKET_FLAGS;

	if ((uint32_t)family != AF_UNIX)
		return -EAFNOSUPPORT;
	if (base != SOCK_STREAM && base != SOCK_DGRAM && base != SOCK_SEQPACKET)
		return -EPROTONOSUPPORT;
	return (uint32_t)protocol > 1 ? -EPROTONOSUPPORT : 0;
}

/* A file around a new socket; NULL: no memory. */
static struct file *new_file(uint64_t type)
{
	struct sock *s = sock_new((int)((uint32_t)type & ~SOCKET_FLAGS));
	struct file *f = s ? file_of(s, (uint32_t)type) : NULL;

	if (s && !f)
		sock_free(s);
	return f;
}

long sys_socket(uint64_t family, uint64_t type, uint64_t protocol)
{
	long rc = check_kind(family, type, protocol);
	struct file *f;

	if (rc)
		return rc;
	f = new_file(type);
	if (!f)
		return -ENOMEM;
	rc = fd_install(f, 0, type & O_CLOEXEC);
	if (rc < 0)
		file_put(f);
	return rc;
}

long sys_socketpair(uint64_t family, uint64_t type, uint64_t protocol, uint64_t ufds)
{
	long rc = check_kind(family, type, protocol);
	struct file *a, *b;
	int fd[2];

	if (rc)
		return rc;
	a = new_file(type);
	b = a ? new_file(type) : NULL;
	if (!b) {
		file_put(a);
		return -ENOMEM;
	}
	sock_join(a->priv, b->priv);
	rc = fd_install_pair(a, b, type & O_CLOEXEC, fd);
	if (rc)
		return rc;
	if (put_user(fd, ufds)) {
		fd_close(fd[0]);
		fd_close(fd[1]);
		return -EFAULT;
	}
	return 0;
}

long sys_bind(uint64_t fd, uint64_t uaddr, uint64_t len)
{
	struct unix_addr addr;
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	rc = addr_from_user(&addr, uaddr, len);
	if (rc == 0)
		rc = sock_bind(f->priv, &addr);
	file_put(f);
	return rc;
}

long sys_listen(uint64_t fd, uint64_t backlog)
{
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	rc = sock_listen(f->priv, (int)backlog);
	file_put(f);
	return rc;
}

long sys_connect(uint64_t fd, uint64_t uaddr, uint64_t len)
{
	struct unix_addr addr;
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	rc = addr_from_user(&addr, uaddr, len);
	if (rc == 0)
		rc = sock_connect(f->priv, &addr, f->flags & O_NONBLOCK);
	file_put(f);
	return rc;
}

long sys_accept4(uint64_t fd, uint64_t uaddr, uint64_t ulen, uint64_t flags)
{
	struct unix_addr peer = { 0 };
	struct file *f, *accepted;
	struct sock *s;
	long rc;

	if (flags & ~(uint64_t)SOCKET_FLAGS)
		return -EINVAL;
	f = sock_file(fd, &rc);
	if (!f)
		return rc;
	rc = sock_accept(f->priv, f->flags & O_NONBLOCK, &s);
	file_put(f);
	if (rc)
		return rc;
	accepted = file_of(s, (uint32_t)flags);
	if (!accepted) {
		sock_free(s);
		return -ENFILE;
	}
	if (s->peer)
		peer = s->peer->addr;
	rc = addr_to_user(&peer, uaddr, ulen);
	if (rc == 0)
		rc = fd_install(accepted, 0, flags & O_CLOEXEC);
	if (rc < 0)
		file_put(accepted);
	return rc;
}

long sys_accept(uint64_t fd, uint64_t uaddr, uint64_t ulen)
{
	return sys_accept4(fd, uaddr, ulen, 0);
}

long sys_shutdown(uint64_t fd, uint64_t how)
{
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	rc = sock_shutdown(f->priv, (int)how);
	file_put(f);
	return rc;
}

static unsigned int call_flags(struct file *f, uint64_t flags)
{
	return (unsigned int)flags | (f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0);
}

static long send_to(struct file *f, struct iter *it, uint64_t flags,
		    uint64_t uaddr, uint64_t len)
{
	struct unix_addr addr;
	int rc = uaddr ? addr_from_user(&addr, uaddr, len) : 0;

	return rc ? rc : sock_send(f->priv, it, call_flags(f, flags),
				   uaddr ? &addr : NULL);
}

long sys_sendto(uint64_t fd, uint64_t ubuf, uint64_t n, uint64_t flags,
		uint64_t uaddr, uint64_t len)
{
	struct iter it;
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	iter_user(&it, ubuf, min_u64(n, INT32_MAX));
	rc = send_to(f, &it, flags, uaddr, len);
	file_put(f);
	return rc;
}

long sys_recvfrom(uint64_t fd, uint64_t ubuf, uint64_t n, uint64_t flags,
		  uint64_t uaddr, uint64_t ulen)
{
	struct unix_addr from;
	struct iter it;
	bool truncated;
	long rc, rc2;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	iter_user(&it, ubuf, min_u64(n, INT32_MAX));
	rc = sock_recv(f->priv, &it, call_flags(f, flags), &from, &truncated);
	file_put(f);
	if (rc < 0)
		return rc;
	rc2 = addr_to_user(&from, uaddr, ulen);
	return rc2 ? rc2 : rc;
}

/* The header and its vector; the caller frees *vec if it is not fast. */
static int msg_from_user(struct msghdr *m, uint64_t umsg, struct iter *it,
			 struct iovec *fast, struct iovec **vec)
{
	size_t total;
	int rc;

	if (get_user(*m, umsg))
		return -EFAULT;
	rc = iovec_from_user(m->iov, m->iovlen, fast, IOV_FAST, vec, &total);
	if (rc == 0)
		iter_vector(it, *vec, (unsigned int)m->iovlen,
			    min_u64(total, INT32_MAX));
	return rc;
}

long sys_sendmsg(uint64_t fd, uint64_t umsg, uint64_t flags)
{
	struct iovec fast[IOV_FAST], *vec;
	struct msghdr m;
	struct iter it;
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	rc = msg_from_user(&m, umsg, &it, fast, &vec);
	if (rc == 0) {
		if (m.control && m.controllen)
			rc = -EOPNOTSUPP;
		else
			rc = send_to(f, &it, flags, m.name, m.namelen);
		if (vec != fast)
			kfree(vec);
	}
	file_put(f);
	return rc;
}

/* The header's fields that a receive changes, back to the user. */
static int msg_to_user(uint64_t umsg, struct msghdr *m,
		       const struct unix_addr *from, bool truncated)
{
	int rc = addr_to_user(from, m->name, umsg + offsetof(struct msghdr, namelen));

	m->controllen = 0;
	m->flags = truncated ? MSG_TRUNC : 0;
	if (rc == 0)
		rc = put_user(m->controllen, umsg + offsetof(struct msghdr, controllen));
	if (rc == 0)
		rc = put_user(m->flags, umsg + offsetof(struct msghdr, flags));
	return rc;
}

long sys_recvmsg(uint64_t fd, uint64_t umsg, uint64_t flags)
{
	struct iovec fast[IOV_FAST], *vec;
	struct unix_addr from;
	struct msghdr m;
	bool truncated;
	struct iter it;
	long rc;
	int rc2;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	rc = msg_from_user(&m, umsg, &it, fast, &vec);
	if (rc == 0) {
		rc = sock_recv(f->priv, &it, call_flags(f, flags), &from, &truncated);
		if (vec != fast)
			kfree(vec);
		rc2 = rc < 0 ? 0 : msg_to_user(umsg, &m, &from, truncated);
		rc = rc2 ? rc2 : rc;
	}
	file_put(f);
	return rc;
}

long sys_getsockname(uint64_t fd, uint64_t uaddr, uint64_t ulen)
{
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	rc = addr_to_user(&((struct sock *)f->priv)->addr, uaddr, ulen);
	file_put(f);
	return rc;
}

long sys_getpeername(uint64_t fd, uint64_t uaddr, uint64_t ulen)
{
	struct sock *s;
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	s = f->priv;
	if (s->peer)
		rc = addr_to_user(&s->peer->addr, uaddr, ulen);
	else if (s->dest.len)
		rc = addr_to_user(&s->dest, uaddr, ulen);
	else
		rc = -ENOTCONN;
	file_put(f);
	return rc;
}

/* Buffer sizes, timeouts and the like are accepted and change nothing. */
long sys_setsockopt(uint64_t fd, uint64_t level, uint64_t name, uint64_t uval,
		    uint64_t len)
{
	long rc;
	struct file *f = sock_file(fd, &rc);

	file_put(f);
	if (f && (uint32_t)level != SOL_SOCKET)
		rc = -ENOPROTOOPT;
	return rc;
}

static long get_option(const struct sock *s, uint64_t name, int32_t value[3])
{
	switch ((int)name) {
	case SO_TYPE:
		value[0] = s->type;
		return 4;
	case SO_DOMAIN:
		value[0] = AF_UNIX;
		return 4;
	case SO_ERROR:
	case SO_PROTOCOL:
		return 4;
	case SO_SNDBUF:
	case SO_RCVBUF:
		value[0] = 128 << 10;
		return 4;
	case SO_ACCEPTCONN:
		value[0] = s->state == SOCK_LISTENING;
		return 4;
	case SO_PEERCRED:	/* pid, uid, gid */
		value[0] = s->peer_pid;
		return 12;
	}
	return -ENOPROTOOPT;
}

long sys_getsockopt(uint64_t fd, uint64_t level, uint64_t name, uint64_t uval,
		    uint64_t ulen)
{
	int32_t value[3] = { 0 };
	uint32_t room, len;
	long rc;
	struct file *f = sock_file(fd, &rc);

	if (!f)
		return rc;
	rc = (uint32_t)level == SOL_SOCKET ? get_option(f->priv, name, value)
					   : -ENOPROTOOPT;
	file_put(f);
	if (rc < 0)
		return rc;
	if (get_user(room, ulen))
		return -EFAULT;
	len = (uint32_t)min_u64(room, (uint64_t)rc);
	if (copy_to_user(uval, value, len) || put_user(len, ulen))
		return -EFAULT;
	return 0;
}
