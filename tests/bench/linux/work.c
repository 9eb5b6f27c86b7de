/* SPDX-License-Identifier: MIT */
/* work.c - the one program of a Linux guest whose instructions are counted.
 *
 * It is the kernel's init: it does four things that cost a PV guest much, each
 * between two marks that count.c knows, and powers the guest off. Every result
 * is looked at, so that nothing is left out.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PAGE 4096
enum { PROCESSES = 200, ROUNDS = 2000, MAPPINGS = 2000, STORMS = 4, PAGES = 2048 };
enum { NOTHING = 9 };	/* a part that is not counted */

/* A no-op of eight bytes. */
#define MARK(n) __asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, %c0, 0x52, 0x41, 0x50" \
				 : : "i"(n) : "memory")

static void must(int ok, const char *what)
{
	if (ok)
		return;
	printf("WORK failed: %s\n", what);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	reboot(RB_POWER_OFF);
}

static void wait_for(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0) == pid && status == 0, "a child's end");
}

static void processes(void)
{
	char *args[] = { "child", NULL };

	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			execv("/init", args);
			_exit(1);
		}
		must(pid > 0, "fork");
		wait_for(pid);
	}
}

/* One byte there and back. */
static void pipes(void)
{
	int there[2], back[2];
	unsigned char c;
	pid_t pid;

	must(pipe(there) == 0 && pipe(back) == 0, "pipe");
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) {
		for (int i = 0; i < ROUNDS; i++)
			if (read(there[0], &c, 1) != 1 || c != (i & 0xff) ||
			    write(back[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		c = i;
		must(write(there[1], &c, 1) == 1 && read(back[0], &c, 1) == 1 &&
		     c == (i & 0xff), "a byte through pipes");
	}
	wait_for(pid);
}

static volatile char *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED, "mmap");
	return p;
}

static void use(volatile char *p, size_t pages)
{
	for (size_t i = 0; i < pages; i++) {
		must(p[i * PAGE] == 0, "a fresh page");
		p[i * PAGE] = 1;
	}
}

static void mappings(void)
{
	for (int i = 0; i < MAPPINGS; i++) {
		volatile char *p = map(16 * PAGE);

		use(p, 1);
		must(munmap((void *)p, 16 * PAGE) == 0, "munmap");
	}
}

static void storms(void)
{
	for (int i = 0; i < STORMS; i++) {
		volatile char *p = map(PAGES * PAGE);

		use(p, PAGES);
		must(munmap((void *)p, PAGES * PAGE) == 0, "munmap");
	}
}

int main(int argc, char **argv)
{
	if (!strcmp(argv[0], "child"))
		return 0;
	MARK(1);
	processes();
	MARK(2);
	pipes();
	MARK(3);
	mappings();
	MARK(4);
	storms();
	MARK(NOTHING);
	printf("WORK done\nSUITE work: done\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
