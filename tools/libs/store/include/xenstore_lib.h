/* SPDX-License-Identifier: MIT */
/* xenstore_lib.h - permissions, paths of the daemon, and the wire's limits.
 *
 * What programs need beside the calls of <xenstore.h>, which includes this.
 */
#ifndef XENSTORE_LIB_H
#define XENSTORE_LIB_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

/* One entry of a node's list of permissions. The first entry names the owner,
 * and its bits hold for every domain that no later entry names. */
struct xs_permissions {
	unsigned int id;
	unsigned int perms;		/* XS_PERM_* bits */
};

#define XS_PERM_NONE		0x00
#define XS_PERM_READ		0x01
#define XS_PERM_WRITE		0x02
/* For the daemon's own book-keeping: never on the wire. */
#define XS_PERM_ENOENT_OK	0x04
#define XS_PERM_OWNER		0x08
#define XS_PERM_IGNORE		0x10

/* Room that surely holds the number x as decimal digits, sign and final zero:
 * three digits for each ten bits begun. */
#define MAX_STRLEN(x) (2 + 3 * ((CHAR_BIT * (sizeof(x) + 1) - 1) / 10))

/* Where the daemon is: XENSTORED_RUNDIR and XENSTORED_PATH of the environment
 * decide, or /var/run/xenstored and the socket in it. There is one socket for
 * all, so the read-only one is the same. NULL if the path is too long. */
const char *xs_daemon_rundir(void);
const char *xs_daemon_socket(void);
const char *xs_daemon_socket_ro(void);

/* Writes everything, however many calls it takes. False with errno set. */
bool xs_write_all(int fd, const void *data, unsigned int len);

/* Reads num strings like "n0" and "r5", each with its final zero. False and
 * EINVAL for any other. */
bool xs_strings_to_perms(struct xs_permissions *perms, unsigned int num,
			 const char *strings);

#endif
