/* SPDX-License-Identifier: MIT */
/* streams.c - pipes, local sockets, and waiting for them: poll, select, epoll. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

static char buf[65536];
static volatile int got;
static int p[2];

static int refused(long rc, int error)
{
	return rc == -1 && errno == error;
}

static void note(int sig)
{
	got = sig;
}

static void pipes(void)
{
	int n;

	check("pipe", pipe(p) == 0 && write(p[1], "abc", 3) == 3);
	check("FIONREAD", ioctl(p[0], FIONREAD, &n) == 0 && n == 3);
	close(p[1]);
	check("the rest, then the end", read(p[0], buf, 9) == 3 && read(p[0], buf, 9) == 0);
	close(p[0]);
	signal(SIGPIPE, note);
	pipe(p);
	close(p[0]);
	check("EPIPE and its signal", refused(write(p[1], "x", 1), EPIPE) && got == SIGPIPE);
	close(p[1]);
}

static void polling(void)
{
	struct pollfd fds[3];
	struct timeval tv = { 0, 20000 };
	fd_set set;

	pipe(p);
	fds[0] = (struct pollfd){ p[0], POLLIN, 0 };
	fds[1] = (struct pollfd){ p[1], POLLOUT, 0 };
	fds[2] = (struct pollfd){ 777, POLLIN, 0 };
	check("poll", poll(fds, 3, -1) == 2 && fds[0].revents == 0 &&
	      fds[1].revents == POLLOUT && fds[2].revents == POLLNVAL);
	check("poll times out", poll(fds, 1, 20) == 0);
	FD_ZERO(&set);
	FD_SET(p[0], &set);
	check("select times out", select(p[0] + 1, &set, NULL, NULL, &tv) == 0);
	write(p[1], "x", 1);
	FD_SET(p[0], &set);
	check("select", select(p[0] + 1, &set, NULL, NULL, NULL) == 1 && FD_ISSET(p[0], &set));
	read(p[0], buf, 1);
	close(p[1]);
	check("hang-up", poll(fds, 1, -1) == 1 && fds[0].revents == POLLHUP);
	close(p[0]);
}

/* With and without SA_RESTART: a read goes on, a poll never does. */
static void interrupted(void)
{
	struct sigaction sa = { .sa_handler = note };
	struct pollfd fd;

	pipe(p);
	sigaction(SIGALRM, &sa, NULL);
	alarm(1);
	check("a read is interrupted", refused(read(p[0], buf, 1), EINTR) && got == SIGALRM);
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	fd = (struct pollfd){ p[0], POLLIN, 0 };
	alarm(1);
	check("a poll is, even with SA_RESTART", refused(poll(&fd, 1, 9000), EINTR));
	close(p[0]);
	close(p[1]);
}

static void *late(void *arg)
{
	usleep(20000);
	eventfd_write(*(int *)arg, 5);
	return NULL;
}

static void *closer(void *arg)
{
	usleep(20000);
	close(*(int *)arg);
	return NULL;
}

static void epolling(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC), ev = eventfd(0, EFD_NONBLOCK);
	struct epoll_event e = { EPOLLIN, { .u64 = 42 } }, out[4];
	pthread_t thread;
	eventfd_t value;

	check("add", epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e) == 0 &&
	      refused(epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e), EEXIST));
	check("nothing yet", epoll_wait(ep, out, 4, 10) == 0);
	pthread_create(&thread, NULL, late, &ev);
	check("a thread's event", epoll_wait(ep, out, 4, 5000) == 1 && out[0].data.u64 == 42);
	pthread_join(thread, NULL);
	check("its value", eventfd_read(ev, &value) == 0 && value == 5 &&
	      refused(eventfd_read(ev, &value), EAGAIN));
	pipe(p);
	e.events = EPOLLIN | EPOLLET;
	epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
	write(p[1], "a", 1);
	check("an edge", epoll_wait(ep, out, 4, 5000) == 1);
	check("is reported once", epoll_wait(ep, out, 4, 10) == 0);
	write(p[1], "b", 1);
	check("the next edge", epoll_wait(ep, out, 4, 5000) == 1);
	pthread_create(&thread, NULL, closer, &p[0]);
	check("a file closed meanwhile", epoll_wait(ep, out, 4, 100) == 0);
	pthread_join(thread, NULL);
	close(p[1]);
	close(ep);
	close(ev);
}

static void *serve(void *arg)
{
	int c = accept4(*(int *)arg, NULL, NULL, SOCK_CLOEXEC);
	size_t total = 0;
	char answer[32];
	ssize_t n;

	while ((n = read(c, buf, 5000)) > 0)
		total += (size_t)n;
	n = snprintf(answer, sizeof(answer), "%zu", total);
	send(c, answer, (size_t)n, 0);
	close(c);
	return NULL;
}

static void connections(void)
{
	struct sockaddr_un addr = { AF_UNIX, "/tmp/streams.sock" };
	int l = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);
	static char data[65536];
	char answer[32] = "";
	struct ucred peer;
	socklen_t len = sizeof(peer);
	pthread_t thread;
	size_t total = 0;
	struct stat st;

	unlink(addr.sun_path);
	check("nobody there", refused(connect(c, (void *)&addr, sizeof(addr)), ENOENT));
	check("listen", bind(l, (void *)&addr, sizeof(addr)) == 0 && listen(l, 4) == 0);
	check("a socket in the tree", stat(addr.sun_path, &st) == 0 && S_ISSOCK(st.st_mode));
	pthread_create(&thread, NULL, serve, &l);
	check("connect", connect(c, (void *)&addr, sizeof(addr)) == 0);
	for (int i = 0; i < 20; i++)
		total += (size_t)write(c, data, sizeof(data));
	shutdown(c, SHUT_WR);
	check("all bytes arrive", read(c, answer, 31) > 0 && strtoul(answer, NULL, 10) == total &&
	      total == 20 * sizeof(data));
	check("the end", read(c, answer, 31) == 0);
	pthread_join(thread, NULL);
	check("who it is", getsockopt(c, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	      peer.pid == getpid());
	close(c);
	close(l);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	check("a dead listener", refused(connect(c, (void *)&addr, sizeof(addr)), ECONNREFUSED));
	close(c);
	unlink(addr.sun_path);
}

static void messages(void)
{
	struct iovec v[2] = { { "he", 2 }, { "llo", 3 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	int s[2];

	check("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
	check("sendmsg", sendmsg(s[0], &m, 0) == 5 && send(s[0], "zz", 2, 0) == 2);
	check("a message cut", recv(s[1], buf, 3, 0) == 3 && !memcmp(buf, "hel", 3));
	check("the next one whole", recv(s[1], buf, 9, MSG_PEEK) == 2 && recv(s[1], buf, 9, 0) == 2);
	check("none left", refused(recv(s[1], buf, 9, MSG_DONTWAIT), EAGAIN));
	close(s[0]);
	check("the peer is gone", recv(s[1], buf, 9, 0) == 0);
	close(s[1]);
}

int main(void)
{
	pipes();
	polling();
	interrupted();
	epolling();
	connections();
	messages();
	return finish();
}
