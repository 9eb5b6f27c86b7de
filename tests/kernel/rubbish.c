/* SPDX-License-Identifier: MIT */
/* rubbish.c - system calls with arguments that make no sense.
 *
 * Rule: whatever a program passes, the kernel goes on, and the memory that the
 * program held comes back. Each round is a child with its own random numbers,
 * the same on every run; it may well be killed by what it does to itself.
 * Left out: calls that end, stop or replace the caller, touch other processes,
 * or mount (a root program may take /dev away from everybody).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define ROUNDS	30
#define CALLS	1500
#define NUMBERS	440

static uint64_t state;
static char buf[65536];
static char *edge;	/* the last byte before a hole */

static const int left_out[] = {
	SYS_exit, SYS_exit_group, SYS_kill, SYS_tkill, SYS_tgkill, SYS_reboot,
	SYS_pause, SYS_rt_sigsuspend, SYS_vfork, SYS_fork, SYS_clone, SYS_clone3,
	SYS_rt_sigreturn, SYS_mount, SYS_umount2, SYS_chroot, SYS_vhangup,
	SYS_execve, SYS_execveat, SYS_rt_sigtimedwait, SYS_unlink, SYS_unlinkat,
	SYS_rename, SYS_renameat, SYS_renameat2, SYS_setpgid, SYS_setsid,
};

static unsigned rnd(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static long number(void)
{
	for (;;) {
		int nr = (int)rnd(NUMBERS);
		size_t i = 0;

		while (i < sizeof(left_out) / sizeof(left_out[0]) && left_out[i] != nr)
			i++;
		if (i == sizeof(left_out) / sizeof(left_out[0]))
			return nr;
	}
}

static long argument(void)
{
	static const unsigned long odd[] = {
		0, 1, 2, 3, 8, 100, 4095, 4096, 65536, -1ul, -100ul, 0x800,
		0x7ffffffffffful, 0x800000000000ul, 0xffff800000000000ul,
		0xffff880000000000ul, 0xffffffff80000000ul, 0xffffffff80100000ul,
		0x80000000ul, 0xffffffff, 0x7fffffffffffffff,
	};
	static const char *const names[] = { "z", "/proc/self/maps", ".", "y/../z", "/dev/tty" };

	switch (rnd(8)) {
	case 0:
	case 1:
		return (long)odd[rnd(sizeof(odd) / sizeof(odd[0]))];
	case 2:
		return (long)(buf + rnd(sizeof(buf)));
	case 3:
		return (long)(edge - rnd(64));
	case 4:
		return rnd(20);
	case 5:
		return (long)names[rnd(5)];
	case 6:
		return (long)buf;
	}
	return (long)state;
}

static void wake(int sig)
{
	(void)sig;
}

static void child(void)
{
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	for (int i = 0; i < CALLS; i++) {
		for (int k = 0; rnd(8) == 0 && k < 64; k++)
			buf[rnd(sizeof(buf))] = (char)rnd(256);
		signal(SIGALRM, wake);
		setitimer(ITIMER_REAL, &often, NULL);
		syscall(number(), argument(), argument(), argument(), argument(),
			argument(), argument());
	}
	_exit(0);
}

/* Ends a child that sleeps where signals cannot help it. */
static void reap(pid_t pid)
{
	int status;

	for (int i = 0; i < 200; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return;
		usleep(50000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

int main(void)
{
	char folder[] = "/tmp/rubbish-XXXXXX";
	char line[600];
	int done = 0;

	edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(edge + 4096, 4096);
	edge += 4095;
	if (!mkdtemp(folder) || chdir(folder))
		return 2;
	for (int round = 0; round < ROUNDS; round++) {
		pid_t pid = fork();

		state = (uint64_t)round;
		if (!pid)
			child();
		if (pid > 0) {
			reap(pid);
			done++;
		}
	}
	check("every round began and ended", done == ROUNDS);
	snprintf(line, sizeof(line), "cd / && rm -rf %s && echo alive", folder);
	check("the shell still works", system(line) == 0);
	return finish();
}
