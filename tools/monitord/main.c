/* SPDX-License-Identifier: MIT */
/* main.c - vane-monitord, the daemon that knows what becomes of domains.
 *
 * Reading order: monitord.h, server.c (the loop), creators.c, domains.c,
 * ends.c, again.c, children.c.
 */
#include <signal.h>
#include <stdio.h>

#include "base/daemon.h"
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
static int serve(int ready, void *context)
{
	struct monitord m;
	struct reason why = { 0 };

	signal(SIGPIPE, SIG_IGN);
	open_notes();
	if (monitord_open(&m, &why)) {
		fprintf(stderr, "vane-monitord: %s\n", why.text);
		return 1;
	}
	if (daemon_ready(ready))
		return 1;
	return monitord_run(&m) < 0;
}

int main(int argc, char **argv)
{
	return daemon_main("vane-monitord", usage, argc, argv, serve);
}
