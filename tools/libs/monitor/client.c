/* SPDX-License-Identifier: MIT */
/* client.c - telling vane-monitord about a domain that is about to be made. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/paths.h"
#include "monitor/client.h"
#include "tree/tree.h"

static int connect_to_daemon(struct reason *why)
{
	char path[PATH_ROOM];

	run_path(path, MONITOR_SOCKET);
	return daemon_connect("vane-monitord", path,
			      "; or create with -e, and nothing is done at the domain's end",
			      why);
}

/* The answer is one short line, and nothing follows it. */
static int read_answer(int fd, char line[MONITOR_LINE_MAX])
{
	size_t length = 0;

	while (length < MONITOR_LINE_MAX - 1 &&
	       !memchr(line, '\n', length)) {
		ssize_t got = read(fd, line + length,
				   MONITOR_LINE_MAX - 1 - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EPIPE;
		length += (size_t)got;
	}
	line[length] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

int monitor_announce(const xen_domain_handle_t handle, struct reason *why)
{
	char line[MONITOR_LINE_MAX], uuid[UUID_TEXT];
	int fd = connect_to_daemon(why);
	int length, rc = 0;

	if (fd < 0)
		return fd;
	uuid_format(handle, uuid);
	length = snprintf(line, sizeof(line), "create %s %d %lld\n", uuid,
			  (int)getpid(), process_start(getpid()));
	/* a daemon that dies here must not kill its client by SIGPIPE */
	if (send(fd, line, (size_t)length, MSG_NOSIGNAL) != length)
		rc = -errno;
	if (!rc)
		rc = read_answer(fd, line);
	if (rc)
		refuse_errno(why, rc, "vane-monitord gave no answer");
	else if (strcmp(line, "ok"))
		rc = refuse(why, -EPROTO, "vane-monitord: %s",
			    strncmp(line, "error ", 6) ? line : line + 6);
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}
