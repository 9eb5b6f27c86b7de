/* SPDX-License-Identifier: MIT */
/* main.c - vane-monitord, the daemon that knows what becomes of domains.
 *
 * Reading order: monitord.h, server.c (the loop), creators.c, domains.c,
 * ends.c, again.c, children.c.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "monitord.h"

static const char usage[] =
	"usage: vane-monitord [-F]\n"
	"\n"
	"Does what on_poweroff=, on_reboot= and on_crash= say when a domain shuts\n"
	"down, and takes away what a `vane create` left that died. What it does goes\n"
	"to /var/log/vane/monitord.log. Returns once it is ready and goes on in the\n"
	"background.\n"
	"\n"
	"  -F, --foreground   stay in the foreground\n"
	"  -h, --help         show this help\n";

/* Opens, tells whoever waits on `ready` (-1: nobody), and serves. */
static int serve(int ready)
{
	struct monitord m;
	struct reason why = { 0 };

	signal(SIGPIPE, SIG_IGN);
	open_notes();
	if (monitord_open(&m, &why)) {
		fprintf(stderr, "vane-monitord: %s\n", why.text);
		return 1;
	}
	if (ready >= 0) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd <= 2 && null >= 0; fd++)
			dup2(null, fd);
		if (null > 2)
			close(null);
		if (write(ready, "", 1) != 1)
			return 1;
		close(ready);
	}
	return monitord_run(&m) < 0;
}

/* The handle on the hypervisor does not survive a fork, so the child opens
 * everything and the parent waits for its word. */
static int serve_in_background(void)
{
	int pipe_ends[2];
	char word;
	pid_t child;

	if (pipe2(pipe_ends, O_CLOEXEC) < 0) {
		perror("vane-monitord: pipe");
		return 1;
	}
	child = fork();
	if (child < 0) {
		perror("vane-monitord: fork");
		return 1;
	}
	if (child == 0) {
		close(pipe_ends[0]);
		setsid();
		return serve(pipe_ends[1]);
	}
	close(pipe_ends[1]);
	return read(pipe_ends[0], &word, 1) == 1 ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return serve_in_background();
	if (argc == 2 && (!strcmp(argv[1], "-F") ||
			  !strcmp(argv[1], "--foreground")))
		return serve(-1);
	if (argc == 2 && (!strcmp(argv[1], "-h") ||
			  !strcmp(argv[1], "--help"))) {
		fputs(usage, stdout);
		return 0;
	}
	fputs(usage, stderr);
	return 2;
}
