/* SPDX-License-Identifier: MIT */
/* daemon.c - going into the background, and being found there.
 *
 * Guards: two daemons of one kind never serve one name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/paths.h"

/* The handle on the hypervisor does not survive a fork, so the child opens
 * everything and the parent waits for its word. */
int daemon_background(const char *name, int (*serve)(int ready, void *context),
		      void *context)
{
	int pipe_ends[2];
	char word;
	pid_t child;

	if (pipe2(pipe_ends, O_CLOEXEC) < 0) {
		fprintf(stderr, "%s: pipe: %s\n", name, strerror(errno));
		return 1;
	}
	child = fork();
	if (child < 0) {
		fprintf(stderr, "%s: fork: %s\n", name, strerror(errno));
		return 1;
	}
	if (child == 0) {
		close(pipe_ends[0]);
		setsid();
		_exit(serve(pipe_ends[1], context));
	}
	close(pipe_ends[1]);
	return read(pipe_ends[0], &word, 1) == 1 ? 0 : 1;
}

int daemon_main(const char *name, const char *usage, int argc, char **argv,
		int (*serve)(int ready, void *context))
{
	const char *option = argc == 2 ? argv[1] : "";

	if (argc == 1)
		return daemon_background(name, serve, NULL);
	if (!strcmp(option, "-F") || !strcmp(option, "--foreground"))
		return serve(-1, NULL);
	if (!strcmp(option, "-h") || !strcmp(option, "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	fputs(usage, stderr);
	return 2;
}

int daemon_ready(int ready)
{
	int null;

	if (ready < 0)
		return 0;
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (write(ready, "", 1) != 1)
		return -errno;
	close(ready);
	return 0;
}

static int make_socket(struct sockaddr_un *address, const char *path,
		       int flags, struct reason *why)
{
	int fd;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(address->sun_path))
		return refuse(why, -ENAMETOOLONG, "%s is too long for a socket",
			      path);
	strcpy(address->sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	return fd < 0 ? refuse_errno(why, -errno, "cannot make a socket") : fd;
}

static int refuse_a_second(const char *name, const char *path,
			   struct reason *why)
{
	struct sockaddr_un address;
	int fd = make_socket(&address, path, SOCK_NONBLOCK, why);
	int rc = 0;

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    errno != EAGAIN)
		rc = -errno;
	close(fd);
	if (rc == -ENOENT || rc == -ECONNREFUSED)
		return 0;
	if (rc)
		return refuse_errno(why, rc, "cannot ask at %s", path);
	return refuse(why, -EADDRINUSE, "another %s answers at %s", name, path);
}

int daemon_listen(const char *name, const char *path, struct reason *why)
{
	struct sockaddr_un address;
	char part[PATH_ROOM + 8];
	int rc = refuse_a_second(name, path, why), fd;

	if (rc)
		return rc;
	snprintf(part, sizeof(part), "%s.part", path);
	fd = make_socket(&address, part, SOCK_NONBLOCK, why);
	if (fd < 0)
		return fd;
	unlink(part);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    chmod(part, 0600) || listen(fd, 16) || rename(part, path)) {
		rc = refuse_errno(why, -errno, "cannot listen at %s", path);
		close(fd);
		return rc;
	}
	return fd;
}

int daemon_connect(const char *name, const char *path, const char *otherwise,
		   struct reason *why)
{
	struct sockaddr_un address;
	int fd = make_socket(&address, path, 0, why), rc;

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		rc = refuse_errno(why, -errno,
				  "%s does not answer at %s (start it: %s%s)",
				  name, path, name, otherwise);
		close(fd);
		return rc;
	}
	return fd;
}
