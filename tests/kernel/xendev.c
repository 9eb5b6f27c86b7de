/* SPDX-License-Identifier: MIT */
/* xendev.c - the control domain's /dev/xen files, from a user program.
 *
 * Run in a control domain as root; prints one line a check, exits 1 if any
 * failed. The ioctl numbers and structures are Linux's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define IOC(type, nr, size) ((unsigned long)(size) << 16 | (type) << 8 | (nr))

struct hypercall { uint64_t op, arg[5]; };
struct mmapbatch { uint32_t num; uint16_t dom; uint64_t addr; const uint64_t *frames; int *err; };
struct multicall { uint64_t op, result, args[6]; };

#define HYPERCALL IOC('P', 0, 48)
#define MMAPBATCH_V2 IOC('P', 4, 32)
#define BIND_VIRQ IOC('E', 0, 4)
#define BIND_INTERDOMAIN IOC('E', 1, 8)
#define BIND_UNBOUND IOC('E', 2, 4)
#define UNBIND IOC('E', 3, 4)
#define NOTIFY IOC('E', 4, 4)

static long call(int fd, uint64_t op, uint64_t a, uint64_t b, uint64_t c)
{
	struct hypercall hc = { op, { a, b, c, 0, 0 } };

	return ioctl(fd, HYPERCALL, &hc);
}

static void *buffer(int fd, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void hypercalls(int privcmd, int buf_fd)
{
	char *buf = buffer(buf_fd, 8192);
	struct multicall *mc = (struct multicall *)(buf + 4096);
	uint32_t version = (uint32_t)call(privcmd, 17, 0, 0, 0);

	check("xen_version", version == (4 << 16 | 17));
	check("extraversion into a hypercall buffer",
	      call(privcmd, 17, 1, (uint64_t)buf, 0) == 0 && buf[0] == '.');
	mc[0] = (struct multicall){ .op = 17, .args = { 0 } };
	mc[1] = (struct multicall){ .op = 17, .args = { 0x99 } };
	check("multicall", call(privcmd, 13, (uint64_t)mc, 2, 0) == 0 && mc[0].result == version &&
	      (long)mc[1].result == -ENOSYS);
	check("a hypercall's error becomes errno", call(privcmd, 17, 0x99, 0, 0) == -1 &&
	      errno == ENOSYS);
	check("unknown ioctl is ENOTTY", ioctl(privcmd, IOC('P', 255, 0), NULL) == -1 &&
	      errno == ENOTTY);
	check("private mapping of buffers refused",
	      mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, buf_fd, 0) == MAP_FAILED);
	munmap(buf, 8192);
}

/* A child must neither see the buffer nor make the parent's copy-on-write. */
static void fork_in_mid_use(int privcmd, int buf_fd)
{
	char *buf = buffer(buf_fd, 4096);
	int status;
	pid_t pid;

	strcpy(buf, "mine");
	pid = fork();
	if (pid == 0) {
		buf[0] = 'x';
		_exit(0);
	}
	check("hypercall works while a child lives", call(privcmd, 17, 1, (uint64_t)buf, 0) == 0);
	waitpid(pid, &status, 0);
	check("child has no hypercall buffer", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	check("parent's buffer is untouched", buf[0] == '.');
	munmap(buf, 4096);
}

static void events(void)
{
	int a = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC), port, remote;
	int b = open("/dev/xen/evtchn", O_RDWR | O_NONBLOCK);
	uint32_t arg[2] = { 0x7ff0, 0 }, got;
	struct pollfd pfd = { .fd = b, .events = POLLIN };

	port = ioctl(a, BIND_UNBOUND, arg);
	check("bind unbound port", port > 0);
	arg[1] = (uint32_t)port;
	remote = ioctl(b, BIND_INTERDOMAIN, arg);
	check("bind interdomain to ourselves", remote > 0 && remote != port);
	/* A fresh end of a channel starts pending. */
	if (poll(&pfd, 1, 100) == 1 && read(b, &got, 4) == 4)
		(void)!write(b, &got, 4);
	check("nothing to read is EAGAIN", read(b, &got, 4) == -1 && errno == EAGAIN);
	got = (uint32_t)port;
	check("notify", ioctl(a, NOTIFY, &got) == 0);
	check("poll sees it", poll(&pfd, 1, 1000) == 1 && (pfd.revents & POLLIN));
	check("read gives the port", read(b, &got, 4) == 4 && got == (uint32_t)remote);
	arg[0] = (uint32_t)port;
	ioctl(a, NOTIFY, arg);
	check("masked until written back", poll(&pfd, 1, 50) == 0);
	check("write unmasks", write(b, &got, 4) == 4 && poll(&pfd, 1, 1000) == 1);
	arg[0] = (uint32_t)remote;
	check("notify of another file's port", ioctl(a, NOTIFY, arg) == -1 && errno == ENOTCONN);
	check("unbind", ioctl(b, UNBIND, arg) == 0 && ioctl(b, UNBIND, arg) == -1);
	arg[0] = 8;	/* VIRQ_CON_RING: nobody else has it */
	port = ioctl(a, BIND_VIRQ, arg);
	check("bind virq", port > 0);
	check("bind virq twice", ioctl(b, BIND_VIRQ, arg) == -1 && errno == EEXIST);
	close(a);
	check("close gives the virq back", ioctl(b, BIND_VIRQ, arg) > 0);
	close(b);
}

static void foreign(int privcmd)
{
	uint64_t frames[3] = { ~0ul >> 12, ~0ul >> 12, ~0ul >> 12 };
	int err[3] = { 0, 0, 0 }, status;
	char *at = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, privcmd, 0);
	struct mmapbatch b = { 3, 0x7ff0, (uint64_t)at, frames, err };
	pid_t pid;

	check("mmap of privcmd", at != MAP_FAILED);
	check("bad frames are per-frame errors", ioctl(privcmd, MMAPBATCH_V2, &b) == 0 &&
	      err[0] < 0 && err[1] < 0 && err[2] < 0);
	b.num = 4;
	check("batch beyond its range", ioctl(privcmd, MMAPBATCH_V2, &b) == -1 && errno == EINVAL);
	pid = fork();
	if (pid == 0) {
		volatile char c = *at;

		_exit(c);
	}
	waitpid(pid, &status, 0);
	check("child has no foreign range", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	pid = fork();
	if (pid == 0) {
		at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, privcmd, 0);
		_exit(*(volatile char *)at);
	}
	waitpid(pid, &status, 0);
	check("unfilled foreign page is SIGBUS", WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	check("munmap of a part", munmap(at + 4096, 4096) == 0);
	check("munmap of the rest", munmap(at, 3 * 4096) == 0);
}

int main(void)
{
	int privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	int buf_fd = open("/dev/xen/hypercall", O_RDWR | O_CLOEXEC);

	check("device files open", privcmd >= 0 && buf_fd >= 0);
	hypercalls(privcmd, buf_fd);
	fork_in_mid_use(privcmd, buf_fd);
	events();
	foreign(privcmd);
	return finish();
}
