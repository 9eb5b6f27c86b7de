/* SPDX-License-Identifier: MIT */
/* memory.c - mappings, copy-on-write, and running out. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define PAGE 4096ul

static char *anon(size_t len, int prot, int flags)
{
	return mmap(NULL, len, prot, MAP_ANONYMOUS | flags, -1, 0);
}

/* Runs `touch` on an address in a child: the signal that killed it, or 0. */
static int touch(volatile char *at, int write)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (write)
			*at = 1;
		else
			(void)*at;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void mappings(void)
{
	char *p = anon(8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE), *q;

	check("anonymous memory is zero", p != MAP_FAILED && p[0] == 0 && p[8 * PAGE - 1] == 0);
	memset(p, 'a', 8 * PAGE);
	check("munmap a hole", munmap(p + 2 * PAGE, PAGE) == 0 && touch(p + 2 * PAGE, 0) == SIGSEGV &&
	      p[PAGE] == 'a' && p[3 * PAGE] == 'a');
	check("mprotect read-only", mprotect(p, PAGE, PROT_READ) == 0 && p[0] == 'a' &&
	      touch(p, 1) == SIGSEGV);
	check("mprotect none and back", mprotect(p, PAGE, PROT_NONE) == 0 && touch(p, 0) == SIGSEGV &&
	      mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0 && p[0] == 'a' && touch(p, 1) == 0);
	check("mprotect over a hole", mprotect(p, 4 * PAGE, PROT_READ) == -1 && errno == ENOMEM);
	check("no execution of data", touch(p, 0) == 0);
	q = mremap(p + 3 * PAGE, 5 * PAGE, 200 * PAGE, MREMAP_MAYMOVE);
	check("mremap grows and keeps", q != MAP_FAILED && q[0] == 'a' && q[5 * PAGE - 1] == 'a' &&
	      q[199 * PAGE] == 0);
	q[199 * PAGE] = 1;
	check("mremap shrinks", mremap(q, 200 * PAGE, PAGE, 0) == q && touch(q + PAGE, 0) == SIGSEGV);
	madvise(q, PAGE, MADV_DONTNEED);
	check("MADV_DONTNEED zeroes", q[0] == 0);
	check("fixed mapping replaces", mmap(q, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
					     -1, 0) == q && q[0] == 0 && touch(q, 1) == SIGSEGV);
	check("kernel addresses refused",
	      mmap((void *)0xffffffff80000000ul, PAGE, PROT_READ,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
	check("unaligned refused", munmap(q + 1, PAGE) == -1 && errno == EINVAL);
}

static void files(void)
{
	int fd = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600), i, ok = 1;
	char buf[PAGE + 100], *priv, *shared;

	memset(buf, 'f', sizeof(buf));
	if (write(fd, buf, sizeof(buf)) != (ssize_t)sizeof(buf))
		check("write", 0);
	priv = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check("file pages", priv[PAGE + 99] == 'f' && shared[0] == 'f');
	for (i = PAGE + 100; i < 2 * (int)PAGE; i++)
		ok &= priv[i] == 0;
	check("zero after the end of the file", ok);
	check("SIGBUS beyond it", touch(priv + 2 * PAGE, 0) == SIGBUS);
	priv[0] = 'p';
	check("private writes stay private", shared[0] == 'f');
	shared[1] = 's';
	check("shared writes reach the file", pread(fd, buf, 2, 0) == 2 && buf[1] == 's');
	check("and earlier-read private pages keep their copy", priv[0] == 'p');
	close(fd);
	unlink("/tmp/mapped");
	check("a mapping outlives its name", shared[1] == 's');
	munmap(priv, 3 * PAGE);
	munmap(shared, 2 * PAGE);
}

static void forks(void)
{
	size_t len = 512 * PAGE;
	char *p = anon(len, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	int *shared = (int *)anon(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), ok = 1, status;

	memset(p, 1, len);
	for (int round = 0; round < 20; round++) {
		pid_t pid = fork();

		if (!pid) {
			for (size_t i = 0; i < len; i += PAGE)
				ok &= p[i] == (char)(round + 1);
			memset(p, 99, len);
			(*shared)++;
			_exit(!ok);
		}
		waitpid(pid, &status, 0);
		ok &= status == 0;
		for (size_t i = 0; i < len; i += PAGE) {
			ok &= p[i] == (char)(round + 1);
			p[i] = (char)(round + 2);
		}
	}
	check("copy-on-write both ways", ok);
	check("shared anonymous memory is shared", *shared == 20);
	munmap(p, len);
}

static volatile char *deep(int levels)
{
	volatile char frame[4000];

	frame[0] = (char)levels;
	return levels ? deep(levels - 1) + (frame[0] ? 1 : 0) : NULL;
}

static unsigned long free_bytes(void)
{
	struct sysinfo si;

	sysinfo(&si);
	return si.freeram;
}

static void exhaustion(void)
{
	unsigned long before = free_bytes(), after;
	int status;
	pid_t pid;

	check("the stack grows", deep(1000) || 1);
	pid = fork();
	if (!pid)
		deep(1 << 20);
	waitpid(pid, &status, 0);
	check("and ends", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	pid = fork();
	if (!pid) {
		for (;;) {
			char *p = anon(1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE);

			if (p == MAP_FAILED)
				_exit(1);
			for (size_t i = 0; i < 1 << 20; i += PAGE)
				p[i] = 1;
		}
	}
	waitpid(pid, &status, 0);
	check("out of memory kills who asked", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	pid = fork();
	if (!pid) {
		size_t len = before / 10 * 6;
		char *p = anon(len, PROT_READ | PROT_WRITE, MAP_PRIVATE);
		int n = 0;

		for (size_t i = 0; i < len; i += PAGE)
			p[i] = 1;
		while (n < 100000) {
			pid = fork();
			if (pid == -1)
				_exit(errno == ENOMEM ? 8 : 9);
			if (!pid) {
				for (size_t i = 0; i < len; i += PAGE)
					p[i] = 2;
				_exit(0);
			}
			waitpid(pid, &status, 0);
			if (WIFSIGNALED(status))
				_exit(8);
			n++;
		}
		_exit(7);
	}
	waitpid(pid, &status, 0);
	check("a fork that cannot be paid for fails", WIFEXITED(status) && WEXITSTATUS(status) == 8);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		for (int n = 0; n < 40; n++)
			if (!fork())
				for (;;)
					pause();
		_exit(5);
	}
	waitpid(pid, &status, 0);
	check("forty orphans", WIFEXITED(status) && WEXITSTATUS(status) == 5);
	kill(-pid, SIGKILL);
	/* on a slow machine they take a while to go */
	for (int i = 0; i < 600; i++) {
		after = free_bytes();
		if (after + (256 << 10) >= before)
			break;
		usleep(100000);
	}
	printf("     free before %lu KiB, after %lu KiB\n", before >> 10, after >> 10);
	check("all of it came back", after + (256 << 10) >= before);
}

int main(int argc, char **argv)
{
	mappings();
	files();
	forks();
	if (argc > 1)
		exhaustion();
	return finish();
}
