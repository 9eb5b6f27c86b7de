/* SPDX-License-Identifier: MIT */
/* daemon.h - going into the background, and being found there. */
#ifndef TOOLS_BASE_DAEMON_H
#define TOOLS_BASE_DAEMON_H

#include "base/reason.h"

/* Runs `serve` in a process of its own session, which outlives this one.
 * Returns what this process is to exit with: 0 once `serve` has called
 * daemon_ready with the number it was given, 1 if it ended before. */
int daemon_background(const char *name, int (*serve)(int ready, void *context),
		      void *context);

/* The main function of a daemon that takes -F (or --foreground) and -h, and
 * nothing else: what it exits with. */
int daemon_main(const char *name, const char *usage, int argc, char **argv,
		int (*serve)(int ready, void *context));

/* All is open: lets go of the terminal and tells who waits. -1 stands for a
 * daemon in the foreground: nothing is done. */
int daemon_ready(int ready);

/* A socket that listens at `path`, for root only. A name that is there answers:
 * it is given to a socket that listens already. -EADDRINUSE when a daemon
 * answers there; one that a dead daemon left is replaced. */
int daemon_listen(const char *name, const char *path, struct reason *why);

/* A connection to the daemon `name`; -ENOENT or -ECONNREFUSED when it does not
 * run. `otherwise` goes on behind "start it: NAME". */
int daemon_connect(const char *name, const char *path, const char *otherwise,
		   struct reason *why);

#endif
