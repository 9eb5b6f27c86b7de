/* SPDX-License-Identifier: MIT */
/* main.c - consoled, the daemon that keeps every guest's output.
 *
 * Reading order: server.c (the loop), guests.c, store.c and guest.c (one side),
 * requests.c and client.c (the other), ring.c, history.c, log_file.c.
 */
#include <signal.h>
#include <stdio.h>

#include "base/daemon.h"
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
static int serve(int ready, void *context)
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
	if (daemon_ready(ready))
		return 1;
	rc = server_run(&server);
	return rc < 0;
}

/* tour 25: and every guest's output is kept from its first byte. */
int main(int argc, char **argv)
{
	return daemon_main("consoled", usage, argc, argv, serve);
}
