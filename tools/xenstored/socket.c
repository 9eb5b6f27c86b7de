/* SPDX-License-Identifier: MIT */
/* socket.c - clients on the local socket: programs of domain 0.
 *
 * Guards: sockets never block the daemon; one that ends, or asks for what no
 * message can be, is closed when its earlier requests are answered.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "server.h"

#define BACKLOG 64

int server_listen(struct server *server, const char *path, struct reason *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length = snprintf(address.sun_path, sizeof(address.sun_path),
			      "%s.new", path);
	int rc;

	if (length >= (int)sizeof(address.sun_path))
		return refuse(why, -ENAMETOOLONG, "%s is too long for a socket",
			      path);
	server->listen = socket(AF_UNIX,
				SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	unlink(address.sun_path);
	if (server->listen < 0 ||
	    bind(server->listen, (struct sockaddr *)&address,
		 sizeof(address)) < 0 ||
	    chmod(address.sun_path, 0600) < 0 ||
	    listen(server->listen, BACKLOG) < 0 ||
	    rename(address.sun_path, path) < 0) {
		rc = -errno;
		return refuse_errno(why, rc, "cannot listen on %s", path);
	}
	return 0;
}

bool socket_accept(struct server *server)
{
	struct store *s = &server->store;
	int fd = accept4(server->listen, NULL, NULL,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct conn *c;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			server->deaf_until = clock_seconds() + 1;
		return false;
	}
	c = conn_open(s, s->self->domain);
	if (!c) {
		close(fd);
		return false;
	}
	c->fd = fd;
	return true;
}

bool socket_read(struct store *s, struct conn *c)
{
	int missing = conn_missing(c);
	ssize_t got;

	while (missing > 0 && c->due) {
		got = recv(c->fd, c->in + c->in_used,
			   sizeof(c->in) - c->in_used, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN) {
			c->due = false;
			return false;
		}
		if (got <= 0) {
			conn_break(s, c, 0, "it has ended");
			return false;
		}
		c->in_used += (uint32_t)got;
		missing = conn_missing(c);
	}
	if (missing < 0)
		conn_break(s, c, 0, "its request is longer than allowed");
	return missing == 0;
}

void socket_send(struct store *s, struct conn *c)
{
	while (c->out_first && !c->broken) {
		const struct message *m = c->out_first;
		ssize_t sent = send(c->fd, m->bytes + m->sent,
				    m->length - m->sent, MSG_NOSIGNAL);

		if (sent > 0)
			conn_sent(s, c, (uint32_t)sent);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			conn_break(s, c, 0, "it has ended");
	}
}
