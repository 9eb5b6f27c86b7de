/* SPDX-License-Identifier: MIT */
/* terminals.c - pseudo-terminals: lines, signals, sessions, hang-up. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "check.h"

static char buf[4096];
static int master, slave;
static char name[64];

/* Everything the master has said so far ends up in buf; until `text` is in it. */
static int heard(const char *text)
{
	size_t n = 0;

	memset(buf, 0, sizeof(buf));
	while (n < sizeof(buf) - 1) {
		ssize_t got = read(master, buf + n, sizeof(buf) - 1 - n);

		if (got <= 0)
			return 0;
		n += (size_t)got;
		if (strstr(buf, text))
			return 1;
	}
	return 0;
}

static void lines(void)
{
	struct termios t;

	check("openpty", openpty(&master, &slave, name, NULL, NULL) == 0 &&
	      !strncmp(name, "/dev/pts/", 9) && isatty(slave));
	check("a line", write(master, "hey\n", 4) == 4 && read(slave, buf, 100) == 4);
	check("its echo", heard("hey\r\n"));
	check("output", write(slave, "o\n", 2) == 2 && heard("o\r\n"));
	write(master, "ab\177c\025d\004", 7);
	check("erase, kill, end", read(slave, buf, 100) == 1 && buf[0] == 'd');
	tcgetattr(slave, &t);
	cfmakeraw(&t);
	tcsetattr(slave, TCSAFLUSH, &t);
	write(master, "\003x", 2);
	check("raw", read(slave, buf, 100) == 2 && buf[0] == 3);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 1;
	tcsetattr(slave, TCSANOW, &t);
	check("VTIME", read(slave, buf, 100) == 0);
	close(slave);
	close(master);
	check("the name is gone", access(name, F_OK) == -1);
}

/* Runs a shell line in a session of its own on a new terminal. */
static pid_t session(const char *line)
{
	pid_t child;

	if (openpty(&master, &slave, name, NULL, NULL))
		return -1;
	child = fork();
	if (!child) {
		close(master);
		login_tty(slave);
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(99);
	}
	close(slave);
	return child;
}

static void control(void)
{
	struct winsize size = { 24, 80, 0, 0 };
	pid_t child = session("trap 'echo sized; exit' WINCH; echo started; "
			      "while :; do sleep 0.1; done");
	int status;

	check("started", heard("started"));
	check("a new size", ioctl(master, TIOCSWINSZ, &size) == 0 && heard("sized"));
	waitpid(child, &status, 0);
	close(master);
	child = session("echo started; cat; echo no");
	check("a reader", heard("started"));
	usleep(200000);		/* cat is to read, not to be started */
	write(master, "\003", 1);
	waitpid(child, &status, 0);
	check("^C", WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	check("the end of the session", !heard("no") && errno == EIO);
	close(master);
	child = session("echo started; cat; echo no");
	check("another", heard("started"));
	close(master);
	waitpid(child, &status, 0);
	check("hang-up", WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
	child = session("echo started; exec 3<>/dev/tty; echo tty >&3; test -t 3");
	check("/dev/tty", heard("tty"));
	waitpid(child, &status, 0);
	check("is the terminal", status == 0);
	close(master);
}

int main(void)
{
	signal(SIGTTOU, SIG_IGN);
	lines();
	control();
	return finish();
}
