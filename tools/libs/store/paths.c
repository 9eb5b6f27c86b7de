/* SPDX-License-Identifier: MIT */
/* paths.c - where the daemon is, and paths in the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xenstore.h>

#include "store/text.h"

const char *xs_daemon_rundir(void)
{
	const char *directory = getenv("XENSTORED_RUNDIR");

	return directory ? directory : "/var/run/xenstored";
}

const char *xs_daemon_socket(void)
{
	static char path[PATH_MAX];
	const char *chosen = getenv("XENSTORED_PATH");

	if (chosen)
		return chosen;
	if (snprintf(path, sizeof(path), "%s/socket", xs_daemon_rundir()) >=
	    (int)sizeof(path))
		return NULL;
	return path;
}

const char *xs_daemon_socket_ro(void)
{
	return xs_daemon_socket();
}

const char *xs_domain_dev(void)
{
	const char *chosen = getenv("XENSTORED_PATH");

	if (chosen)
		return chosen;
	/* Where it was before there were devices. */
	return access("/dev/xen/xenbus", F_OK) == 0 ? "/dev/xen/xenbus" :
						      "/proc/xen/xenbus";
}

bool xs_write_all(int fd, const void *data, unsigned int len)
{
	const char *next = data;

	while (len > 0) {
		ssize_t written = write(fd, next, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		next += written;
		len -= written;
	}
	return true;
}

bool xs_path_is_subpath(const char *parent, const char *child)
{
	size_t length = strlen(parent);

	if (strncmp(parent, child, length) != 0)
		return false;
	return child[length] == '\0' || child[length] == '/';
}
