/* SPDX-License-Identifier: MIT */
/* unix.c - local sockets: names, connections and their end.
 *
 * A socket belongs to its file, or to a listener's queue until it is accepted;
 * whoever has it frees it. Peers point at each other without counting, and each
 * clears the other's pointer when it ends, so after any sleep a peer must be
 * looked at again.
 * Not here: the bytes in flight (unix_io.c), the system calls (socket.c).
 */
#include "fs/unix.h"

#include "core/errno.h"
#include "core/process.h"
#include "fs/path.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

#define BACKLOG_MAX	128

static struct list abstract_names = LIST_INIT(abstract_names);

struct sock *sock_new(int type)
{
	struct sock *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->type = type;
	s->pid = current->process->pid;
	list_init(&s->node);
	list_init(&s->named);
	list_init(&s->waiting);
	list_init(&s->inbox);
	waitq_init(&s->readable);
	waitq_init(&s->writable);
	return s;
}

static void wake_all(struct sock *s)
{
	waitq_wake(&s->readable);
	waitq_wake(&s->writable);
}

static void part_from_peer(struct sock *s)
{
	struct sock *peer = s->peer;

	if (!peer)
		return;
	s->peer = NULL;
	peer->peer = NULL;
	peer->state = SOCK_DEAD;
	wake_all(peer);
}

void sock_free(struct sock *s)
{
	part_from_peer(s);
	wake_all(s);		/* nobody may sleep on queues that go away */
	while (!list_empty(&s->waiting)) {
		struct sock *w = list_first(&s->waiting, struct sock, node);

		list_remove(&w->node);
		sock_free(w);
	}
	while (!list_empty(&s->inbox)) {
		struct list *m = s->inbox.next;

		list_remove(m);
		kfree(m);
	}
	list_remove(&s->named);
	if (s->bound) {
		s->bound->u.priv = NULL;
		inode_put(s->bound);
	}
	kfree(s);
}

void sock_join(struct sock *a, struct sock *b)
{
	a->peer = b;
	b->peer = a;
	a->peer_pid = b->pid;
	b->peer_pid = a->pid;
	a->state = b->state = SOCK_CONNECTED;
}

static bool same_name(const struct unix_addr *a, const struct unix_addr *b)
{
	return a->len == b->len && memcmp(a->path, b->path, a->len) == 0;
}

static struct sock *find_abstract(const struct unix_addr *addr)
{
	struct sock *s;

	list_for_each(s, &abstract_names, named)
		if (same_name(&s->addr, addr))
			return s;
	return NULL;
}

static int walk_addr(const struct unix_addr *addr, unsigned int flags, struct walk *w)
{
	struct fs_context *fs = current->process->fs;

	return path_walk(fs->root, fs->cwd, addr->path, flags, w);
}

static int find_named(const struct unix_addr *addr, struct sock **out)
{
	struct walk w;
	int rc;

	if (!addr->path[0]) {
		*out = find_abstract(addr);
		return *out ? 0 : -ECONNREFUSED;
	}
	rc = walk_addr(addr, WALK_FOLLOW, &w);
	if (rc)
		return rc;
	if (!w.found)
		rc = -ENOENT;
	else if (!inode_is(w.found, S_IFSOCK) || !w.found->u.priv)
		rc = -ECONNREFUSED;
	else
		*out = w.found->u.priv;
	walk_end(&w);
	return rc;
}

int sock_find(const struct unix_addr *addr, int type, struct sock **out)
{
	int rc = find_named(addr, out);

	return rc == 0 && (*out)->type != type ? -EPROTOTYPE : rc;
}

static int bind_path(struct sock *s, const struct unix_addr *addr)
{
	uint32_t mode = S_IFSOCK | (0777 & ~current->process->fs->umask);
	struct walk w;
	int rc;

	rc = walk_addr(addr, 0, &w);
	if (rc)
		return rc;
	if (w.found || w.slash)
		rc = -EADDRINUSE;
	else if (!w.dir->ops->create)
		rc = -EROFS;
	else
		rc = w.dir->ops->create(w.dir, w.name, mode, 0, NULL, &s->bound);
	if (rc == 0)
		s->bound->u.priv = s;
	walk_end(&w);
	return rc;
}

int sock_bind(struct sock *s, const struct unix_addr *addr)
{
	int rc = 0;

	if (s->addr.len || !addr->len)
		return -EINVAL;
	if (addr->path[0])
		rc = bind_path(s, addr);
	else if (find_abstract(addr))
		rc = -EADDRINUSE;
	else
		list_push_back(&abstract_names, &s->named);
	if (rc == 0)
		s->addr = *addr;
	return rc;
}

int sock_listen(struct sock *s, int backlog)
{
	if (s->type == SOCK_DGRAM)
		return -EOPNOTSUPP;
	if (!s->addr.len || (s->state != SOCK_OPEN && s->state != SOCK_LISTENING))
		return -EINVAL;
	s->state = SOCK_LISTENING;
	if (backlog < 1)
		backlog = 1;
	s->backlog = backlog > BACKLOG_MAX ? BACKLOG_MAX : (unsigned int)backlog;
	waitq_wake(&s->writable);
	return 0;
}

/* A listener at addr with room in its queue; waits for that. */
static int find_listener(const struct unix_addr *addr, int type, bool nonblock,
			 struct sock **out)
{
	struct sock *l;
	int rc;

	for (;;) {
		rc = sock_find(addr, type, &l);
		if (rc)
			return rc;
		if (l->state != SOCK_LISTENING)
			return -ECONNREFUSED;
		if (l->waiting_count < l->backlog)
			break;
		if (nonblock)
			return -EAGAIN;
		rc = waitq_wait(&l->writable, NO_DEADLINE);
		if (rc)
			return rc;
	}
	*out = l;
	return 0;
}

int sock_connect(struct sock *s, const struct unix_addr *addr, bool nonblock)
{
	struct sock *l, *other;
	int rc;

	if (s->type == SOCK_DGRAM) {
		rc = addr->len ? sock_find(addr, s->type, &l) : 0;
		if (rc == 0)
			s->dest = *addr;
		return rc;
	}
	if (s->state != SOCK_OPEN)
		return s->state == SOCK_LISTENING ? -EINVAL : -EISCONN;
	rc = find_listener(addr, s->type, nonblock, &l);
	if (rc)
		return rc;
	if (s->state != SOCK_OPEN)	/* another thread was faster */
		return -EISCONN;
	other = sock_new(s->type);
	if (!other)
		return -ENOMEM;
	other->pid = l->pid;
	other->addr = l->addr;
	sock_join(s, other);
	list_push_back(&l->waiting, &other->node);
	l->waiting_count++;
	waitq_wake(&l->readable);
	return 0;
}

int sock_accept(struct sock *s, bool nonblock, struct sock **out)
{
	int rc;

	if (s->type == SOCK_DGRAM)
		return -EOPNOTSUPP;
	if (s->state != SOCK_LISTENING)
		return -EINVAL;
	while (list_empty(&s->waiting)) {
		if (nonblock)
			return -EAGAIN;
		rc = waitq_wait(&s->readable, NO_DEADLINE);
		if (rc)
			return rc;
	}
	*out = list_first(&s->waiting, struct sock, node);
	list_remove(&(*out)->node);
	s->waiting_count--;
	waitq_wake(&s->writable);
	return 0;
}

/* how: 0 no more reading, 1 no more writing, 2 neither. */
int sock_shutdown(struct sock *s, int how)
{
	if (how < 0 || how > 2)
		return -EINVAL;
	if (s->state != SOCK_CONNECTED && s->state != SOCK_DEAD)
		return -ENOTCONN;
	s->no_read |= how != 1;
	s->no_write |= how != 0;
	if (s->peer) {
		s->peer->no_read |= how != 0 && s->type != SOCK_DGRAM;
		s->peer->no_write |= how != 1;
		wake_all(s->peer);
	}
	wake_all(s);
	return 0;
}
