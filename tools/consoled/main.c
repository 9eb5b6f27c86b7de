/* SPDX-License-Identifier: MIT */
/* main.c - consoled, the daemon that keeps every guest's output.
 *
 * Reading order: server.c (the loop), guests.c, store.c and guest.c (one side),
 * requests.c and client.c (the other), ring.c, history.c, log_file.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server.h"

static const char usage[] =
	"usage: consoled [-F]\n"
	"\n"
	"Keeps the console output of every guest in /var/log/vane/guest-NAME.log\n"
	"and serves `vane console`. Returns once it is ready and goes on in the\n"
	"background.\n"
	"\n"
	"  -F, --foreground   stay in the foreground\n"
	"  -h, --help         show this help\n";

/* Opens, tells whoever waits on `ready` (-1: nobody), and serves. */
static int serve(int ready)
{
	struct server server;
	struct reason why = { 0 };
	int rc;

	signal(SIGPIPE, SIG_IGN);
	rc = server_open(&server, &why);
	if (rc) {
		fprintf(stderr, "consoled: %s\n", why.text);
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
	rc = server_run(&server);
	return rc < 0;
}

/* The handle on the hypervisor does not survive a fork, so the child opens
 * everything and the parent waits for its word. */
static int serve_in_background(void)
{
	int pipe_ends[2];
	char word;
	pid_t child;

	if (pipe(pipe_ends) < 0) {
		perror("consoled: pipe");
		return 1;
	}
	child = fork();
	if (child < 0) {
		perror("consoled: fork");
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

/* tour 25: and every guest's output is kept from its first byte. */
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
