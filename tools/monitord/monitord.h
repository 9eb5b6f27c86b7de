/* SPDX-License-Identifier: MIT */
/* monitord.h - the daemon's state, and which file does what with it.
 *
 * Invariant: killed at any moment and started again, it does what it would
 * have done. What is to be done is in the store, in the hypervisor, and in
 * RUN/again/; what is here is only who is being waited for.
 */
#ifndef MONITORD_MONITORD_H
#define MONITORD_MONITORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ctl/ctl.h"
#include "monitor/client.h"
#include "tree/tree.h"

/* Somebody who makes a domain. */
struct creator {
	struct creator *next;
	/* -1: announced to an earlier daemon, or gone */
	int fd;
	/* it has spoken, so the fields below count */
	bool announced;
	bool gone;
	char line[MONITOR_LINE_MAX];
	size_t length;
	xen_domain_handle_t handle;
	pid_t pid;
	long long start;
};

/* A program that we run for a domain. */
struct child {
	struct child *next;
	pid_t pid;
	/* ends with the program */
	int pipe;
	/* it writes the memory of this domain to a file; 0: it makes a domain */
	domid_t dumps;
	/* the domain file that it is made from, to be removed afterwards */
	char file[PATH_ROOM];
	/* what that was written from; "" if nobody knows any more */
	char made_from[PATH_ROOM];
	/* how often making it has failed */
	unsigned int failures;
};

struct monitord {
	struct ctl *ctl;
	/* NULL while the store daemon does not answer */
	struct xs_handle *store;
	int listener;
	struct creator *creators;
	struct child *children;
};

/* notes.c: one line into the log, with the time. At this size the log becomes
 * monitord.log.1, and a new one begins. */
#define NOTES_BYTES (256U << 10)
void open_notes(void);
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* server.c */
int monitord_open(struct monitord *m, struct reason *why);
int monitord_run(struct monitord *m);

/* creators.c: who makes domains; and the end of what they left half made. */
void creators_accept(struct monitord *m);
void creator_speaks(struct monitord *m, struct creator *c);
/* True while there is one to look after that says nothing of itself. */
bool creators_to_watch(const struct monitord *m);
void creators_look(struct monitord *m);
/* At the start: those that an earlier daemon knew. */
void creators_adopt(struct monitord *m);

/* domains.c: looks at everything. `all` also looks for what an earlier daemon
 * left undone. A negative errno when the store failed. */
int domains_look(struct monitord *m, bool all);

/* ends.c: does what on_poweroff=, on_reboot= or on_crash= say for a domain
 * that has shut down. */
int domain_ended(struct monitord *m,
		 const struct xen_domctl_getdomaininfo *info,
		 const struct tree_kept *kept, bool dumped);

/* again.c: domains that are to be made again. RUN/again/UUID.cfg is the
 * promise: it is there before the old domain ends, and goes when the new one
 * is made or cannot be. A negative errno when the store failed; `file` is empty
 * when it could not be written, and the domain is to be kept. */
int again_promise(struct monitord *m,
		  const struct xen_domctl_getdomaininfo *info,
		  const struct tree_kept *kept, char file[PATH_ROOM]);
void again_make(struct monitord *m, const char *file, const char *made_from);
/* `vane create` has ended. The promise is kept a few times more. */
void again_made(struct monitord *m, const struct child *c, int status);
void again_adopt(struct monitord *m);

/* children.c */
int child_start(struct monitord *m, struct child *c, unsigned int pause_s,
		char *const arguments[]);
void child_ended(struct monitord *m, struct child *c);
bool child_has(const struct monitord *m, domid_t dumps, const char *file);

#endif
