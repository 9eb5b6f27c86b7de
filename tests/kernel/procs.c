/* SPDX-License-Identifier: MIT */
/* procs.c - processes, waiting, signals, job control and timers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static volatile sig_atomic_t got, depth;

static void count(int sig)
{
	got++;
}

static void handle(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void waiting(void)
{
	int status;
	pid_t pid = fork(), pid2;
	siginfo_t info;

	if (!pid)
		_exit(7);
	check("wait4 gives the exit status", waitpid(pid, &status, 0) == pid &&
	      WIFEXITED(status) && WEXITSTATUS(status) == 7);
	check("no child is ECHILD", waitpid(-1, &status, 0) == -1 && errno == ECHILD);
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	check("WNOHANG with a living child", waitpid(pid, &status, WNOHANG) == 0);
	kill(pid, SIGSTOP);
	check("a stop is reported", waitpid(pid, &status, WUNTRACED) == pid &&
	      WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	kill(pid, SIGCONT);
	check("a continue is reported", waitpid(pid, &status, WCONTINUED) == pid &&
	      WIFCONTINUED(status));
	kill(pid, SIGTERM);
	memset(&info, 0, sizeof(info));
	check("waitid with WNOWAIT leaves the zombie",
	      waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == pid &&
	      info.si_code == CLD_KILLED && info.si_status == SIGTERM);
	check("it is still there", waitpid(pid, &status, 0) == pid && WTERMSIG(status) == SIGTERM);
	pid = fork();
	if (!pid) {
		pid2 = fork();
		if (!pid2) {
			usleep(50000);
			_exit(getppid() == 1 ? 0 : 1);
		}
		_exit(0);
	}
	check("orphans do not hold their grandparent", waitpid(pid, &status, 0) == pid);
}

static void exec(void)
{
	char *argv[] = { "sh", "-c", "exit $1", "x", "5", NULL }, *envp[] = { NULL };
	pid_t pid;
	int status;

	check("posix_spawn", posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, envp) == 0);
	check("its status", waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 5);
	check("exec of nothing", execve("/nonexistent", argv, envp) == -1 && errno == ENOENT);
	check("exec of a directory", execve("/", argv, envp) == -1 && errno == EACCES);
	check("spawn of nothing", posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, envp) == ENOENT);
}

static void nested(int sig)
{
	if (++depth == 1) {
		raise(SIGUSR2);
		raise(SIGUSR1);	/* blocked while its own handler runs */
		got = depth;
	}
}

static void handlers(void)
{
	sigset_t set, old;
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } };
	struct timespec ts = { 1, 0 }, rem;
	int pipefd[2];
	char c;

	handle(SIGUSR1, nested, 0);
	handle(SIGUSR2, nested, 0);
	raise(SIGUSR1);
	check("handlers nest, but not their own signal", got == 2 && depth == 3);
	handle(SIGUSR1, count, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	got = 0;
	raise(SIGUSR1);
	check("a blocked signal waits", got == 0 && (sigpending(&set), sigismember(&set, SIGUSR1)));
	sigsuspend(&old);
	check("sigsuspend lets it in", got == 1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	handle(SIGALRM, count, SA_RESTART);
	got = 0;
	setitimer(ITIMER_REAL, &it, NULL);
	check("nanosleep is interrupted and tells the rest",
	      nanosleep(&ts, &rem) == -1 && errno == EINTR && rem.tv_nsec > 0 && rem.tv_sec == 0);
	if (pipe(pipefd))
		return;
	if (!fork()) {
		usleep(60000);
		_exit(write(pipefd[1], "x", 1) != 1);
	}
	check("SA_RESTART goes on reading", read(pipefd[0], &c, 1) == 1 && got > 1);
	memset(&it, 0, sizeof(it));
	setitimer(ITIMER_REAL, &it, NULL);
	wait(NULL);
	it = (struct itimerval){ { 0, 1 }, { 0, 1 } };
	got = 0;
	setitimer(ITIMER_REAL, &it, NULL);
	while (got < 5)
		;
	memset(&it, 0, sizeof(it));
	setitimer(ITIMER_REAL, &it, NULL);
	check("a timer of a microsecond leaves time for others", got >= 5);
	handle(SIGALRM, count, 0);
	alarm(1);
	check("without it: EINTR", read(pipefd[0], &c, 1) == -1 && errno == EINTR);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR2);
	check("sigtimedwait takes a pending signal", sigtimedwait(&set, NULL, &ts) == SIGUSR2);
	ts = (struct timespec){ 0, 1000000 };
	check("and times out", sigtimedwait(&set, NULL, &ts) == -1 && errno == EAGAIN);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static char altstack[16384] __attribute__((aligned(16)));
static volatile int on_alt;

static void segv(int sig, siginfo_t *info, void *uc)
{
	char here;

	on_alt = &here >= altstack && &here < altstack + sizeof(altstack);
	_exit(on_alt && info->si_addr == (void *)0x1234 ? 42 : 1);
}

static void faults(void)
{
	int status;

	if (!fork()) {
		stack_t ss = { .ss_sp = altstack, .ss_size = sizeof(altstack) };
		struct sigaction sa = { .sa_sigaction = segv, .sa_flags = SA_SIGINFO | SA_ONSTACK };

		sigaltstack(&ss, NULL);
		sigaction(SIGSEGV, &sa, NULL);
		*(volatile char *)0x1234 = 0;
	}
	wait(&status);
	check("SIGSEGV handler on its own stack, with the address",
	      WIFEXITED(status) && WEXITSTATUS(status) == 42);
	if (!fork())
		__builtin_trap();
	wait(&status);
	check("invalid instruction kills", WIFSIGNALED(status) && WTERMSIG(status) == SIGILL);
	if (!fork()) {
		volatile int zero = 0, big = 100;

		_exit(big / zero);
	}
	wait(&status);
	check("division by zero kills", WIFSIGNALED(status) && WTERMSIG(status) == SIGFPE);
	if (!fork())
		__asm__ volatile("hlt");
	wait(&status);
	check("privileged instruction kills", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	if (!fork())
		*(volatile char *)0xffffffff80100000ul = 0;
	wait(&status);
	check("kernel memory is out of reach", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	if (!fork())
		*(volatile char *)0xffff800000000000ul = 0;
	wait(&status);
	check("so is the hypervisor's", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	if (!fork()) {
		__asm__ volatile("movq $0x8000000000000000, %rsp; pushq %rax");
	}
	wait(&status);
	check("a wild stack pointer kills", WIFSIGNALED(status));
	check("a wild pointer is EFAULT", write(1, (void *)0xffffffff80100000ul, 10) == -1 &&
	      errno == EFAULT);
}

static void groups(void)
{
	int status, pipefd[2];
	pid_t pid, sid = getsid(0);
	char c;

	if (pipe(pipefd))
		return;
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		handle(SIGUSR1, count, 0);
		got = 0;
		if (write(pipefd[1], "r", 1) != 1)
			_exit(9);
		while (!got)
			usleep(1000);
		_exit(setsid() == -1 && errno == EPERM && getsid(0) == sid ? 3 : 4);
	}
	c = 0;
	check("child is ready", read(pipefd[0], &c, 1) == 1 && getpgid(pid) == pid);
	check("signal a group", kill(-pid, SIGUSR1) == 0);
	waitpid(pid, &status, 0);
	check("a group leader cannot make a session", WEXITSTATUS(status) == 3);
	check("no such group", kill(-pid, SIGUSR1) == -1 && errno == ESRCH);
	pid = fork();
	if (!pid)
		_exit(setsid() == getpid() && getpgrp() == getpid() ? 0 : 1);
	waitpid(pid, &status, 0);
	check("setsid", WEXITSTATUS(status) == 0);
}

static void preemption(void)
{
	struct timespec a, b, ts = { 0, 30000000 };
	pid_t pid = fork();

	if (!pid)
		for (;;)
			;
	clock_gettime(CLOCK_MONOTONIC, &a);
	nanosleep(&ts, NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	check("a looping process is preempted",
	      (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 20000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	waiting();
	exec();
	handlers();
	faults();
	groups();
	preemption();
	return finish();
}
