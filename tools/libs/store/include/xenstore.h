/* SPDX-License-Identifier: MIT */
/* xenstore.h - the store's client library.
 *
 * Calls answer NULL, false or XBT_NULL when they fail, and set errno to what
 * the daemon said, or to what went wrong with the connection; once a
 * connection is broken, every later call fails, requests with EBADF and waiting
 * for events with EINVAL, and the handle is only good for xs_close. What a call returns is one block of memory that the
 * caller frees, pointers and strings together.
 *
 * Any number of threads may use one handle: requests wait for each other, and
 * a thread that waits in xs_read_watch does not keep others from asking.
 */
#ifndef XENSTORE_H
#define XENSTORE_H

#include <xenstore_lib.h>

/* No transaction. */
#define XBT_NULL 0

/* These two are accepted and mean nothing any more. */
#define XS_OPEN_READONLY	(1UL << 0)
#define XS_OPEN_SOCKETONLY	(1UL << 1)
/* When xs_unwatch returns, events of that token at or below that path that
 * have not been read yet are gone too. Without it they still arrive. A program
 * that gives one token to a path and to another below it must not use this. */
#define XS_UNWATCH_FILTER	(1UL << 2)

struct xs_handle;
typedef uint32_t xs_transaction_t;

/* Connects to the daemon's socket, or where there is none to the device of the
 * kernel (/dev/xen/xenbus). Only the process that opened a handle may use it:
 * a child closes it with xs_daemon_destroy_postfork. */
struct xs_handle *xs_open(unsigned long flags);
void xs_close(struct xs_handle *xsh);	/* NULL is fine */

/* Old names of xs_open(0) and xs_close. */
struct xs_handle *xs_daemon_open(void);
struct xs_handle *xs_domain_open(void);
struct xs_handle *xs_daemon_open_readonly(void);
void xs_daemon_close(struct xs_handle *);

/* Forgets the connection without a word to anyone: for the child of a fork. */
void xs_daemon_destroy_postfork(struct xs_handle *);

/* The names of a node's children; *num says how many. */
char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path,
		    unsigned int *num);

/* A node's value and, for the caller's ease, a zero byte that *len (unless
 * len is NULL) does not count. */
void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
	      unsigned int *len);

/* Gives a node its value, making it, and the nodes above it, if need be. */
bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path,
	      const void *data, unsigned int len);

/* Makes an empty node; also true if it is there already. */
bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path);

/* Removes a node and all below it. */
bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path);

/* Always false: restricting a connection is no longer possible. */
bool xs_restrict(struct xs_handle *h, unsigned domid);

/* A node's permissions; *num says how many entries. */
struct xs_permissions *xs_get_permissions(struct xs_handle *h,
					  xs_transaction_t t, const char *path,
					  unsigned int *num);

/* Replaces a node's permissions. Only its owner, or the control domain, may. */
bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t,
			const char *path, struct xs_permissions *perms,
			unsigned int num_perms);

/* Asks to be told of changes at or below a path. The first event comes at
 * once; each carries the token. */
bool xs_watch(struct xs_handle *h, const char *path, const char *token);

/* A descriptor that polls readable when events may be waiting; it is never
 * read from. Then call xs_check_watch until it fails with EAGAIN. */
int xs_fileno(struct xs_handle *h);

/* The next event: [XS_WATCH_PATH] and [XS_WATCH_TOKEN]. NULL and EAGAIN if
 * there is none. */
char **xs_check_watch(struct xs_handle *h);

/* The same, but waits for one; *num says how many strings. */
char **xs_read_watch(struct xs_handle *h, unsigned int *num);

/* Takes a watch back. */
bool xs_unwatch(struct xs_handle *h, const char *path, const char *token);

/* Between start and end a transaction sees the store as nobody else changes
 * it, and nobody sees its changes. If ending it fails with EAGAIN, others have
 * touched what it touched: do it again from the start. abort drops it. */
xs_transaction_t xs_transaction_start(struct xs_handle *h);
bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort);

/* Tells the daemon of a new domain: the frame of its ring and the port that
 * rings its bell. Only the control domain may, as with the three below. */
bool xs_introduce_domain(struct xs_handle *h, unsigned int domid,
			 unsigned long mfn, unsigned int eventchn);

/* Lets domid do in the store what target may. */
bool xs_set_target(struct xs_handle *h, unsigned int domid,
		   unsigned int target);

/* Forgets that the domain was shut down. */
bool xs_resume_domain(struct xs_handle *h, unsigned int domid);

/* Has the daemon let go of the domain's ring. */
bool xs_release_domain(struct xs_handle *h, unsigned int domid);

/* Where in the store a domain lives, introduced or not. */
char *xs_get_domain_path(struct xs_handle *h, unsigned int domid);

/* True if child is parent or below it, as strings go. */
bool xs_path_is_subpath(const char *parent, const char *child);

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid);

/* A command to the daemon itself, and its answer. */
char *xs_control_command(struct xs_handle *h, const char *cmd, void *data,
			 unsigned int len);
/* Its old name. */
char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data,
		       unsigned int len);

/* The event channel on which a domain wants to hear of its suspension, or -1.
 * Asks over a connection of its own. */
int xs_suspend_evtchn_port(int domid);

#endif
