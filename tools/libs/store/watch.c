/* SPDX-License-Identifier: MIT */
/* watch.c - asking for events, and reading them.
 *
 * Whoever polls gets one descriptor for two things: the connection, where more
 * may have arrived, and the queue, where events wait that came along with the
 * answer to a request.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/handle.h"

static bool ask_watch(struct xs_handle *h, enum xsd_sockmsg_type type,
		      const char *path, const char *token)
{
	struct iovec pieces[] = {
		piece(path, strlen(path) + 1),
		piece(token, strlen(token) + 1),
	};

	return store_done(store_ask(h, XBT_NULL, type, pieces, 2, NULL));
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	pthread_mutex_lock(&h->lock);
	h->watched = true;
	pthread_mutex_unlock(&h->lock);
	return ask_watch(h, XS_WATCH, path, token);
}

static bool is_event_of(const struct message *event, const char *path,
			const char *token)
{
	const char *event_path = event->body;
	const char *event_token = event_path + strlen(event_path) + 1;

	return strcmp(event_token, token) == 0 &&
	       xs_path_is_subpath(path, event_path);
}

static void drop_events(struct xs_handle *h, const char *path,
			const char *token)
{
	struct message **link = &h->events.first;

	while (*link) {
		struct message *event = *link;

		if (is_event_of(event, path, token)) {
			*link = event->next;
			free(event);
		} else {
			link = &event->next;
		}
	}
	h->events.end = link;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	if (!ask_watch(h, XS_UNWATCH, path, token))
		return false;
	if (h->unwatch_filter) {
		pthread_mutex_lock(&h->lock);
		drop_events(h, path, token);
		store_tell_poller(h);
		pthread_mutex_unlock(&h->lock);
	}
	return true;
}

/* A broken connection is news too, and stays so. */
void store_tell_poller(struct xs_handle *h)
{
	bool news = h->events.first || h->broken;
	eventfd_t counter;

	if (h->poll_fd < 0 || news == h->told)
		return;
	if (news)
		eventfd_write(h->events_fd, 1);
	else
		eventfd_read(h->events_fd, &counter);
	h->told = news;
}

static int add_to_poller(int poll_fd, int fd)
{
	struct epoll_event wanted = { .events = EPOLLIN };

	return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &wanted);
}

/* Lock held. */
static void make_poller(struct xs_handle *h)
{
	int events_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	int error;

	if (events_fd < 0 || poll_fd < 0 ||
	    add_to_poller(poll_fd, events_fd) < 0 ||
	    add_to_poller(poll_fd, h->fd) < 0) {
		error = errno;
		if (events_fd >= 0)
			close(events_fd);
		if (poll_fd >= 0)
			close(poll_fd);
		errno = error;
		return;
	}
	h->poll_fd = poll_fd;
	h->events_fd = events_fd;
	store_tell_poller(h);
}

int xs_fileno(struct xs_handle *h)
{
	int fd;

	pthread_mutex_lock(&h->lock);
	if (h->poll_fd < 0)
		make_poller(h);
	fd = h->poll_fd;
	pthread_mutex_unlock(&h->lock);
	return fd;
}

static char **read_event(struct xs_handle *h, unsigned int *num, bool wait)
{
	struct message *event = store_receive(h, &h->events, wait);
	char **strings;

	if (!event)
		return NULL;
	*num = xs_count_strings(event->body, event->header.len);
	strings = store_strings(event->body, event->header.len, *num);
	free(event);
	return strings;
}

char **xs_check_watch(struct xs_handle *h)
{
	unsigned int num;

	return read_event(h, &num, false);
}

char **xs_read_watch(struct xs_handle *h, unsigned int *num)
{
	return read_event(h, num, true);
}
