/* SPDX-License-Identifier: MIT */
/* client.c - asking consoled for something. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/paths.h"
#include "console/client.h"
#include "console/protocol.h"

static int connect_to_daemon(struct reason *why)
{
	char path[PATH_ROOM];

	run_path(path, CONSOLED_SOCKET);
	return daemon_connect("consoled", path, "", why);
}

/* Byte by byte: what follows the line belongs to the caller. */
int consoled_line(int fd, char *line, int room)
{
	int length = 0;

	while (length < room - 1) {
		ssize_t got = read(fd, &line[length], 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return -EPIPE;
		if (line[length] == '\n')
			break;
		length++;
	}
	line[length] = '\0';
	return 0;
}

int consoled_request(const char *verb, domid_t id, struct reason *why)
{
	char line[CONSOLED_LINE_MAX];
	int length = snprintf(line, sizeof(line), "%s %u\n", verb, id);
	int fd = connect_to_daemon(why);
	ssize_t sent;
	int rc;

	if (fd < 0)
		return fd;
	/* a daemon that has hung up must not kill its client by SIGPIPE, and
	 * may have said why: that is read first */
	sent = send(fd, line, (size_t)length, MSG_NOSIGNAL);
	if (sent != length && !(sent < 0 && errno == EPIPE)) {
		rc = refuse_errno(why, -errno, "cannot talk to consoled");
		goto out;
	}
	rc = consoled_line(fd, line, sizeof(line));
	if (rc) {
		refuse_errno(why, rc, "consoled gave no answer");
		goto out;
	}
	if (strcmp(line, "ok"))
		rc = refuse(why, -EPROTO, "consoled: %s",
			    strncmp(line, "error ", 6) ? line : line + 6);
out:
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}
