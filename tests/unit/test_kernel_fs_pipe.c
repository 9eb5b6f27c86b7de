/* SPDX-License-Identifier: MIT */
/* test_kernel_fs_pipe.c - pipes, poll, epoll and local sockets.
 *
 * Rule: bytes arrive once and in order, ends are noticed, a sleeper that wakes
 * looks again, and a file that is closed is forgotten by whoever waited for it.
 */
#include "kernel.h"

#include "core/signal.h"
#include "fs/unix.h"

#define EPOLL_ADD	1
#define EPOLL_DEL	2
#define EPOLL_MOD	3
#define EPOLLET		(1u << 31)
#define EPOLLONESHOT	(1u << 30)

struct epoll_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

struct pollfd {
	int32_t fd;
	int16_t events, revents;
};

static char buf[200000];
static int fds[2];

static void both_ends(void **state)
{
	unsigned long objects = fake_objects + 1;	/* and their first superblock */

	assert_int_equal(sys_pipe2(U(fds), O_CLOEXEC), 0);
	assert_int_equal(sys_fcntl(U(fds[0]), F_GETFD, 0), FD_CLOEXEC);
	assert_int_equal(sys_write(U(fds[1]), U("abc"), 3), 3);
	assert_int_equal(sys_read(U(fds[0]), U(buf), 2), 2);
	assert_int_equal(sys_write(U(fds[0]), U("x"), 1), -EBADF);
	assert_int_equal(sys_lseek(U(fds[0]), 0, 0), -ESPIPE);
	assert_int_equal(sys_pread64(U(fds[0]), U(buf), 1, 0), -ESPIPE);
	sys_close(U(fds[1]));
	assert_int_equal(sys_read(U(fds[0]), U(buf), 2), 1);
	assert_int_equal(sys_read(U(fds[0]), U(buf), 2), 0);
	sys_close(U(fds[0]));
	assert_int_equal(sys_pipe2(U(fds), 0), 0);
	sys_close(U(fds[0]));
	assert_int_equal(sys_write(U(fds[1]), U("x"), 1), -EPIPE);
	assert_int_equal(fake_signal, SIGPIPE);
	sys_close(U(fds[1]));
	assert_int_equal(sys_pipe2(8, 0), -EFAULT);
	assert_int_equal(sys_pipe2(U(fds), 1), -EINVAL);
	assert_int_equal(fake_objects, objects);
}

static void whole_or_not(void **state)
{
	long n, total = 0;

	assert_int_equal(sys_pipe2(U(fds), O_NONBLOCK), 0);
	assert_int_equal(sys_read(U(fds[0]), U(buf), 1), -EAGAIN);
	while ((n = sys_write(U(fds[1]), U(buf), 1000)) > 0) {
		assert_int_equal(n, 1000);	/* up to 4096: in one piece */
		total += n;
	}
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(total, 65000);
	n = sys_write(U(fds[1]), U(buf), 5000);
	assert_int_equal(n, 536);		/* more: what fits */
	assert_int_equal(sys_read(U(fds[0]), U(buf), sizeof(buf)), 65536);
	sys_close(U(fds[0]));
	sys_close(U(fds[1]));
}

static void around_the_end(void **state)
{
	uint8_t next_in = 0, next_out = 0;

	assert_int_equal(sys_pipe2(U(fds), 0), 0);
	for (int round = 0; round < 300; round++) {
		for (int i = 0; i < 1777; i++)
			buf[i] = (char)next_in++;
		assert_int_equal(sys_write(U(fds[1]), U(buf), 1777), 1777);
		assert_int_equal(sys_read(U(fds[0]), U(buf), 1777), 1777);
		for (int i = 0; i < 1777; i++)
			assert_int_equal((uint8_t)buf[i], next_out++);
	}
	assert_int_equal(sys_write(U(fds[1]), U("abc"), 3), 3);
	assert_int_equal(sys_read(U(fds[0]), 16, 3), -EFAULT);
	assert_int_equal(sys_read(U(fds[0]), U(buf), 3), 3);	/* not lost */
	sys_close(U(fds[0]));
	sys_close(U(fds[1]));
}

static void write_late(void)
{
	assert_int_equal(sys_write(U(fds[1]), U("late"), 4), 4);
}

static void close_writer(void)
{
	sys_close(U(fds[1]));
}

static void sleepers_look_again(void **state)
{
	assert_int_equal(sys_pipe2(U(fds), 0), 0);
	assert_int_equal(sys_read(U(fds[0]), U(buf), 9), -EINTR);
	fake_while_asleep = write_late;
	assert_int_equal(sys_read(U(fds[0]), U(buf), 9), 4);
	fake_while_asleep = close_writer;
	assert_int_equal(sys_read(U(fds[0]), U(buf), 9), 0);
	sys_close(U(fds[0]));
}

static void polling(void **state)
{
	struct pollfd p[3];
	uint64_t set;

	assert_int_equal(sys_pipe2(U(fds), 0), 0);
	p[0] = (struct pollfd){ fds[0], 1, 9 };
	p[1] = (struct pollfd){ -1, 1, 9 };
	p[2] = (struct pollfd){ 500, 1, 9 };
	assert_int_equal(sys_poll(U(p), 2, 0), 0);
	assert_int_equal(p[0].revents, 0);
	assert_int_equal(p[1].revents, 0);
	assert_int_equal(sys_poll(U(p), 3, 0), 1);
	assert_int_equal(p[2].revents, 0x20);
	fake_while_asleep = write_late;
	assert_int_equal(sys_poll(U(p), 2, 1000), 1);
	assert_int_equal(p[0].revents, 1);
	set = 1ul << fds[0];
	assert_int_equal(sys_select(U(fds[0] + 1), U(&set), 0, 0, 0), 1);
	assert_int_equal(set, 1ul << fds[0]);
	set |= 1ul << 60;
	assert_int_equal(sys_select(61, U(&set), 0, 0, 0), -EBADF);
	close_writer();
	p[0].events = 0;
	assert_int_equal(sys_poll(U(p), 1, 0), 1);
	assert_int_equal(p[0].revents, 0x10);
	assert_int_equal(sys_poll(U(p), U(UINT32_MAX), 0), -EINVAL);
	sys_close(U(fds[0]));
}

static long ctl(int ep, int op, int fd, uint32_t events)
{
	struct epoll_event ev = { events, 77 };

	return sys_epoll_ctl(U(ep), U(op), U(fd), U(&ev));
}

static int doomed;

static void close_doomed(void)
{
	sys_close(U(doomed));
}

static void epolling(void **state)
{
	unsigned long objects = fake_objects;
	int ep = (int)sys_epoll_create1(0);
	struct epoll_event out[4];

	assert_int_equal(sys_pipe2(U(fds), 0), 0);
	assert_int_equal(ctl(ep, EPOLL_MOD, fds[0], 1), -ENOENT);
	assert_int_equal(ctl(ep, EPOLL_ADD, fds[0], 1), 0);
	assert_int_equal(ctl(ep, EPOLL_ADD, fds[0], 1), -EEXIST);
	assert_int_equal(ctl(ep, EPOLL_ADD, ep, 1), -EINVAL);
	assert_int_equal(ctl(fds[0], EPOLL_ADD, ep, 1), -EINVAL);
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 0), 0);
	fake_while_asleep = write_late;
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 1000), 1);
	assert_int_equal(out[0].data, 77);
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 0), 1);
	assert_int_equal(ctl(ep, EPOLL_MOD, fds[0], 1 | EPOLLET), 0);
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 0), 1);
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 10), 0);
	write_late();
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 0), 1);
	assert_int_equal(ctl(ep, EPOLL_MOD, fds[0], 1 | EPOLLONESHOT), 0);
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 0), 1);
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 0), 0);
	assert_int_equal(ctl(ep, EPOLL_MOD, fds[0], 4), 0);
	/* a file goes away while we sleep on its queues: the sanitizer would
	 * see a waiter left behind */
	doomed = (int)sys_eventfd2(0, 0);
	assert_int_equal(ctl(ep, EPOLL_ADD, doomed, 1), 0);
	fake_while_asleep = close_doomed;
	assert_int_equal(sys_epoll_wait(U(ep), U(out), 4, 1000), 0);
	sys_close(U(fds[0]));
	assert_int_equal(sys_epoll_wait(U(ep), 8, 0, 0), -EINVAL);
	close_writer();
	sys_close(U(ep));
	assert_int_equal(fake_objects, objects);
}

static void named_pipes(void **state)
{
	unsigned long objects;
	int r, w;

	assert_int_equal(sys_mknod(U("/fifo"), S_IFIFO | 0600, 0), 0);
	objects = fake_objects;
	assert_int_equal(fake_open("/fifo", O_WRONLY | O_NONBLOCK), -ENXIO);
	assert_int_equal(fake_open("/fifo", O_RDONLY), -EINTR);
	r = fake_open("/fifo", O_RDONLY | O_NONBLOCK);
	w = fake_open("/fifo", O_WRONLY);
	assert_true(r >= 0 && w >= 0);
	assert_int_equal(sys_write(U(w), U("f"), 1), 1);
	assert_int_equal(sys_read(U(r), U(buf), 5), 1);
	sys_close(U(w));
	assert_int_equal(sys_read(U(r), U(buf), 5), 0);
	sys_close(U(r));
	assert_int_equal(fake_objects, objects);
	sys_unlink(U("/fifo"));
}

struct sockaddr {
	uint16_t family;
	char path[108];
};

static const struct sockaddr addr = { AF_UNIX, "/sock" };

static void connections(void **state)
{
	unsigned long objects = fake_objects;
	int l = (int)sys_socket(AF_UNIX, SOCK_STREAM | O_NONBLOCK, 0);
	int c = (int)sys_socket(AF_UNIX, SOCK_STREAM, 0);
	int c2 = (int)sys_socket(AF_UNIX, SOCK_STREAM | O_NONBLOCK, 0);
	int s;

	assert_int_equal(sys_connect(U(c), U(&addr), sizeof(addr)), -ENOENT);
	assert_int_equal(sys_listen(U(l), 1), -EINVAL);
	assert_int_equal(sys_bind(U(l), U(&addr), 1), -EINVAL);
	assert_int_equal(sys_bind(U(l), U(&addr), sizeof(addr)), 0);
	assert_int_equal(sys_bind(U(c), U(&addr), sizeof(addr)), -EADDRINUSE);
	assert_int_equal(sys_connect(U(c), U(&addr), sizeof(addr)), -ECONNREFUSED);
	assert_int_equal(sys_listen(U(l), 1), 0);
	assert_int_equal(sys_accept(U(l), 0, 0), -EAGAIN);
	assert_int_equal(sys_read(U(c), U(buf), 1), -ENOTCONN);
	assert_int_equal(sys_connect(U(c), U(&addr), sizeof(addr)), 0);
	assert_int_equal(sys_connect(U(c), U(&addr), sizeof(addr)), -EISCONN);
	assert_int_equal(sys_connect(U(c2), U(&addr), sizeof(addr)), -EAGAIN);
	assert_int_equal(sys_write(U(c), U("early"), 5), 5);
	s = (int)sys_accept(U(l), 0, 0);
	assert_true(s >= 0);
	assert_int_equal(sys_read(U(s), U(buf), 9), 5);
	assert_int_equal(sys_shutdown(U(c), 1), 0);
	assert_int_equal(sys_read(U(s), U(buf), 9), 0);
	assert_int_equal(sys_write(U(s), U("answer"), 6), 6);
	sys_close(U(s));
	assert_int_equal(sys_read(U(c), U(buf), 9), 6);
	assert_int_equal(sys_read(U(c), U(buf), 9), 0);
	fake_signal = 0;
	assert_int_equal(sys_sendto(U(c), U("x"), 1, MSG_NOSIGNAL, 0, 0), -EPIPE);
	assert_int_equal(fake_signal, 0);
	/* one that nobody accepts ends with the listener, and so does one that
	 * waits for a place in its queue */
	assert_int_equal(sys_connect(U(c2), U(&addr), sizeof(addr)), 0);
	sys_close(U(c));
	c = (int)sys_socket(AF_UNIX, SOCK_STREAM, 0);
	doomed = l;
	fake_while_asleep = close_doomed;
	assert_int_equal(sys_connect(U(c), U(&addr), sizeof(addr)), -ECONNREFUSED);
	assert_int_equal(sys_read(U(c2), U(buf), 9), 0);
	sys_close(U(c));
	sys_close(U(c2));
	sys_unlink(U("/sock"));
	assert_int_equal(fake_objects, objects);
}

static void a_full_inbox(void **state)
{
	uint32_t sum_in = 0, sum_out = 0;
	long n, total = 0;

	assert_int_equal(sys_socketpair(AF_UNIX, SOCK_STREAM | O_NONBLOCK, 0, U(fds)), 0);
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i * 7);
	while ((n = sys_write(U(fds[0]), U(buf + total % 1000), 9999)) > 0) {
		for (long i = 0; i < n; i++)
			sum_in += (uint8_t)buf[total % 1000 + i];
		total += n;
	}
	assert_int_equal(n, -EAGAIN);
	assert_true(total >= 100000 && total <= 140000);
	while ((n = sys_read(U(fds[1]), U(buf), 777)) > 0) {
		for (long i = 0; i < n; i++)
			sum_out += (uint8_t)buf[i];
		total -= n;
	}
	assert_int_equal(total, 0);
	assert_int_equal(sum_in, sum_out);
	assert_int_equal(sys_write(U(fds[0]), 8, 5), -EFAULT);
	sys_close(U(fds[0]));
	sys_close(U(fds[1]));
}

static void datagrams(void **state)
{
	struct sockaddr abstract = { AF_UNIX, "\0hidden" };
	unsigned long objects = fake_objects;
	int a = (int)sys_socket(AF_UNIX, SOCK_DGRAM, 0);
	int b = (int)sys_socket(AF_UNIX, SOCK_DGRAM | O_NONBLOCK, 0);

	assert_int_equal(sys_bind(U(b), U(&abstract), 9), 0);
	assert_int_equal(sys_sendto(U(a), U("lost"), 4, 0, U(&abstract), 8), -ECONNREFUSED);
	assert_int_equal(sys_sendto(U(a), U("first"), 5, 0, U(&abstract), 9), 5);
	assert_int_equal(sys_connect(U(a), U(&abstract), 9), 0);
	assert_int_equal(sys_write(U(a), U("2nd"), 3), 3);
	assert_int_equal(sys_recvfrom(U(b), U(buf), 2, MSG_TRUNC, 0, 0), 5);
	assert_int_equal(sys_recvfrom(U(b), U(buf), 9, MSG_PEEK, 0, 0), 3);
	assert_int_equal(sys_read(U(b), U(buf), 9), 3);
	assert_int_equal(sys_read(U(b), U(buf), 9), -EAGAIN);
	assert_int_equal(sys_listen(U(b), 1), -EOPNOTSUPP);
	sys_close(U(b));
	assert_int_equal(sys_write(U(a), U("x"), 1), -ECONNREFUSED);
	sys_close(U(a));
	assert_int_equal(sys_socket(2, SOCK_STREAM, 0), -EAFNOSUPPORT);
	assert_int_equal(sys_bind(0, U(&abstract), 9), -ENOTSOCK);
	assert_int_equal(fake_objects, objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends),
		cmocka_unit_test(whole_or_not),
		cmocka_unit_test(around_the_end),
		cmocka_unit_test(sleepers_look_again),
		cmocka_unit_test(polling),
		cmocka_unit_test(epolling),
		cmocka_unit_test(named_pipes),
		cmocka_unit_test(connections),
		cmocka_unit_test(a_full_inbox),
		cmocka_unit_test(datagrams),
	};

	return cmocka_run_group_tests(tests, fake_boot, NULL);
}
