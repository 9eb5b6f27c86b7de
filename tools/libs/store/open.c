/* SPDX-License-Identifier: MIT */
/* open.c - making and ending connections. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "store/handle.h"

static int connect_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = EINVAL;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static struct xs_handle *open_path(const char *path)
{
	struct xs_handle *h;
	struct stat what;
	int fd, error;

	if (!path) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	if (stat(path, &what) < 0)
		return NULL;
	fd = S_ISSOCK(what.st_mode) ? connect_socket(path) :
				      open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	h = calloc(1, sizeof(*h));
	if (!h) {
		error = errno;
		close(fd);
		errno = error;
		return NULL;
	}
	h->fd = fd;
	h->is_socket = S_ISSOCK(what.st_mode);
	pthread_mutex_init(&h->request, NULL);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->news, NULL);
	h->answers.end = &h->answers.first;
	h->events.end = &h->events.first;
	h->poll_fd = -1;
	h->events_fd = -1;
	return h;
}

struct xs_handle *xs_open(unsigned long flags)
{
	struct xs_handle *h = open_path(xs_daemon_socket());

	if (!h)
		h = open_path(xs_domain_dev());
	if (h)
		h->unwatch_filter = flags & XS_UNWATCH_FILTER;
	return h;
}

struct xs_handle *xs_daemon_open(void)
{
	return xs_open(0);
}

struct xs_handle *xs_domain_open(void)
{
	return xs_open(0);
}

struct xs_handle *xs_daemon_open_readonly(void)
{
	return xs_open(0);
}

static void empty(struct queue *queue)
{
	while (queue->first) {
		struct message *message = queue->first;

		queue->first = message->next;
		free(message);
	}
}

/* Everything that it has but its locks and itself. */
static void drop(struct xs_handle *h)
{
	close(h->fd);
	if (h->poll_fd >= 0) {
		close(h->poll_fd);
		close(h->events_fd);
	}
	empty(&h->answers);
	empty(&h->events);
}

void xs_close(struct xs_handle *h)
{
	if (!h)
		return;
	drop(h);
	pthread_cond_destroy(&h->news);
	pthread_mutex_destroy(&h->lock);
	pthread_mutex_destroy(&h->request);
	free(h);
}

void xs_daemon_close(struct xs_handle *h)
{
	xs_close(h);
}

/* Closing says nothing to anyone, and the parent's descriptors are its own.
 * The locks are left alone: at the fork a thread of the parent may have held
 * one. */
void xs_daemon_destroy_postfork(struct xs_handle *h)
{
	drop(h);
	free(h);
}

bool xs_restrict(struct xs_handle *h, unsigned int domid)
{
	return false;
}
