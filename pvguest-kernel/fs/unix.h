/* SPDX-License-Identifier: MIT */
/* unix.h - local sockets: connections between programs of one machine. */
#ifndef FS_UNIX_H
#define FS_UNIX_H

#include "core/wait.h"
#include "fs/file.h"
#include "lib/list.h"

#define AF_UNIX		1
#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_SEQPACKET	5

#define MSG_PEEK	0x2u
#define MSG_TRUNC	0x20u
#define MSG_DONTWAIT	0x40u
#define MSG_WAITALL	0x100u
#define MSG_NOSIGNAL	0x4000u

/* A name: a path, or (first byte 0) one of the abstract space; or none. */
struct unix_addr {
	unsigned int len;	/* bytes of path that count; 0: no name */
	char path[109];		/* always followed by a NUL */
};

enum sock_state { SOCK_OPEN, SOCK_LISTENING, SOCK_CONNECTED, SOCK_DEAD };

struct sock {
	struct list node;	/* a listener's queue; else unlinked */
	struct list named;	/* all sockets with an abstract name */
	int type;
	enum sock_state state;
	int pid;		/* who made it, for SO_PEERCRED */
	int peer_pid;
	struct sock *peer;	/* uncounted: each clears the other's at its end */
	struct unix_addr addr, dest;	/* dest: of a connected datagram socket */
	struct inode *bound;	/* counted; its u.priv points back */
	struct list waiting;	/* a listener's: connected, not yet accepted */
	unsigned int backlog, waiting_count;
	struct list inbox;	/* of struct message */
	size_t inbox_bytes;
	bool no_read, no_write;	/* shut down */
	struct waitq readable;	/* inbox, queue or state changed */
	struct waitq writable;	/* the PEER's inbox got room, or state changed */
};

struct sock *sock_new(int type);	/* NULL: no memory */
void sock_free(struct sock *s);
void sock_join(struct sock *a, struct sock *b);

/* The socket that has this name, uncounted: good until the next sleep. */
int sock_find(const struct unix_addr *addr, int type, struct sock **out);
int sock_bind(struct sock *s, const struct unix_addr *addr);
int sock_listen(struct sock *s, int backlog);
int sock_connect(struct sock *s, const struct unix_addr *addr, bool nonblock);
int sock_accept(struct sock *s, bool nonblock, struct sock **out);
int sock_shutdown(struct sock *s, int how);

/* `to` may be NULL; `from` (may be NULL) receives the sender's name. */
long sock_send(struct sock *s, struct iter *from, unsigned int flags,
	       const struct unix_addr *to);
long sock_recv(struct sock *s, struct iter *to, unsigned int flags,
	       struct unix_addr *from, bool *truncated);

extern const struct file_ops sock_file_ops;	/* f->priv is a sock */

#endif
