/* SPDX-License-Identifier: MIT */
/* wire.c - requests out, answers and events in.
 *
 * Guards: one request is under way at a time, and its answer goes to the
 * thread that asked.
 * Invariant: only the thread that set `reading` touches `input`, and it clears
 * it whatever happens, being cancelled included. A connection on which
 * anything went wrong is never used again: what follows would be read as
 * something else.
 * Not here: what requests say (node.c, domain.c), events (watch.c).
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/handle.h"

/* Lock held, or nobody else there yet. */
static void break_connection(struct xs_handle *h)
{
	h->broken = true;
	/* Whoever sits in read(2) is to come back. */
	if (h->is_socket)
		shutdown(h->fd, SHUT_RDWR);
	store_tell_poller(h);
	pthread_cond_broadcast(&h->news);
}

static void queue_message(struct queue *queue, struct message *message)
{
	message->next = NULL;
	*queue->end = message;
	queue->end = &message->next;
}

static struct message *copy_message(const struct xsd_sockmsg *header,
				    const char *body)
{
	struct message *message = malloc(sizeof(*message) + header->len + 1);

	if (!message)
		return NULL;
	message->header = *header;
	memcpy(message->body, body, header->len);
	message->body[header->len] = '\0';
	return message;
}

/* Queues every whole message of the input. The answer without a question, the
 * event without path and token, the length that no message has: none of these
 * comes from a store. 0 or an errno. */
static int sort_input(struct xs_handle *h)
{
	unsigned int used = 0;

	while (h->filled - used >= sizeof(struct xsd_sockmsg)) {
		struct message *message;
		struct xsd_sockmsg header;

		memcpy(&header, &h->input[used], sizeof(header));
		if (header.len > XENSTORE_PAYLOAD_MAX)
			return E2BIG;
		if (h->filled - used - sizeof(header) < header.len)
			break;
		message = copy_message(&header,
				       &h->input[used + sizeof(header)]);
		if (!message)
			return ENOMEM;
		used += sizeof(header) + header.len;
		if (header.type != XS_WATCH_EVENT) {
			queue_message(&h->answers, message);
			continue;
		}
		if (xs_count_strings(message->body, header.len) < 2) {
			free(message);
			return EIO;
		}
		queue_message(&h->events, message);
	}
	h->filled -= used;
	memmove(h->input, &h->input[used], h->filled);
	return 0;
}

/* A thread that is cancelled in read(2) leaves the reading to others, and has
 * the lock again, as its caller expects. */
static void stop_reading(void *handle)
{
	struct xs_handle *h = handle;

	pthread_mutex_lock(&h->lock);
	h->reading = false;
	pthread_cond_broadcast(&h->news);
}

static void unlock(void *mutex)
{
	pthread_mutex_unlock(mutex);
}

/* Lock held, and again at return; 0 or an errno. */
static int read_more(struct xs_handle *h)
{
	ssize_t got;
	int error;

	h->reading = true;
	pthread_mutex_unlock(&h->lock);
	pthread_cleanup_push(stop_reading, h);
	do {
		got = read(h->fd, &h->input[h->filled],
			   sizeof(h->input) - h->filled);
	} while (got < 0 && errno == EINTR);
	error = got < 0 ? errno : got == 0 ? EBADF : 0;
	pthread_cleanup_pop(1);
	if (!error) {
		h->filled += got;
		error = sort_input(h);
	}
	if (error)
		break_connection(h);
	else
		store_tell_poller(h);
	return error;
}

static bool can_read(const struct xs_handle *h)
{
	struct pollfd poller = { .fd = h->fd, .events = POLLIN };

	return poll(&poller, 1, 0) > 0;
}

/* Lock held. 0 once the queue has something, or an errno. Xen's library reads
 * in a thread once anything is watched; whoever waits for that thread learns
 * only that it ended, EINVAL, and programs know that. */
static int await(struct xs_handle *h, const struct queue *queue, bool wait)
{
	while (!queue->first) {
		int error;

		if (h->broken)
			return EINVAL;
		if (!wait && (h->reading || !can_read(h)))
			return EAGAIN;
		if (h->reading) {
			pthread_cond_wait(&h->news, &h->lock);
			continue;
		}
		error = read_more(h);
		if (error)
			return h->watched ? EINVAL : error;
	}
	return 0;
}

struct message *store_receive(struct xs_handle *h, struct queue *queue,
			      bool wait)
{
	struct message *message = NULL;
	int error;

	pthread_mutex_lock(&h->lock);
	pthread_cleanup_push(unlock, &h->lock);
	error = await(h, queue, wait);
	if (!error) {
		message = queue->first;
		queue->first = message->next;
		if (!queue->first)
			queue->end = &queue->first;
		store_tell_poller(h);
	}
	pthread_cleanup_pop(1);
	if (error)
		errno = error;
	return message;
}

static ssize_t send_some(struct xs_handle *h, struct iovec *pieces,
			 unsigned int count)
{
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };

	/* A daemon that is gone is an error, not the end of the program. */
	if (h->is_socket)
		return sendmsg(h->fd, &message, MSG_NOSIGNAL);
	return writev(h->fd, pieces, count);
}

/* 0 or an errno. */
static int send_all(struct xs_handle *h, struct iovec *pieces,
		    unsigned int count)
{
	while (count > 0) {
		ssize_t sent = send_some(h, pieces, count);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno;
		while (count > 0 && (size_t)sent >= pieces->iov_len) {
			sent -= pieces->iov_len;
			pieces++;
			count--;
		}
		if (count > 0) {
			pieces->iov_base = (char *)pieces->iov_base + sent;
			pieces->iov_len -= sent;
		}
	}
	return 0;
}

/* Errors travel as names; one that nobody knows is EINVAL. */
static int errno_of(const char *name)
{
	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(*xsd_errors); i++)
		if (strcmp(name, xsd_errors[i].errstring) == 0)
			return xsd_errors[i].errnum;
	return EINVAL;
}

/* The request is held, so this answer is to it. */
static struct message *exchange(struct xs_handle *h, struct iovec *pieces,
				unsigned int count)
{
	int error;

	pthread_mutex_lock(&h->lock);
	error = h->broken ? EBADF : 0;
	pthread_mutex_unlock(&h->lock);
	if (error) {
		errno = error;
		return NULL;
	}
	error = send_all(h, pieces, count);
	if (error) {
		pthread_mutex_lock(&h->lock);
		break_connection(h);
		pthread_mutex_unlock(&h->lock);
		errno = error;
		return NULL;
	}
	return store_receive(h, &h->answers, true);
}

/* What the answer says, out of its message; takes the message. */
static char *open_answer(struct xs_handle *h, struct message *answer,
			 enum xsd_sockmsg_type type, unsigned int *length)
{
	struct xsd_sockmsg header = answer->header;
	char *body = (char *)answer;

	if (header.type == XS_ERROR) {
		errno = errno_of(answer->body);
		free(answer);
		return NULL;
	}
	if (header.type != type) {
		pthread_mutex_lock(&h->lock);
		break_connection(h);
		pthread_mutex_unlock(&h->lock);
		free(answer);
		errno = EBADF;
		return NULL;
	}
	memmove(body, answer->body, header.len + 1);
	if (length)
		*length = header.len;
	return body;
}

char *store_ask(struct xs_handle *h, uint32_t transaction,
		enum xsd_sockmsg_type type, const struct iovec *pieces,
		unsigned int count, unsigned int *length)
{
	struct xsd_sockmsg header = { .type = type, .tx_id = transaction };
	struct iovec all[PIECES_MAX] = { piece(&header, sizeof(header)) };
	struct message *answer;
	size_t total = 0;
	int cancelling;

	for (unsigned int i = 0; i < count; i++) {
		all[1 + i] = pieces[i];
		total += pieces[i].iov_len;
	}
	if (total > XENSTORE_PAYLOAD_MAX) {
		errno = E2BIG;
		return NULL;
	}
	header.len = total;
	/* Half a request, or an answer nobody waits for, is of no use. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);
	pthread_mutex_lock(&h->request);
	answer = exchange(h, all, 1 + count);
	pthread_mutex_unlock(&h->request);
	pthread_setcancelstate(cancelling, NULL);
	return answer ? open_answer(h, answer, type, length) : NULL;
}

char *store_ask_string(struct xs_handle *h, uint32_t transaction,
		       enum xsd_sockmsg_type type, const char *string,
		       unsigned int *length)
{
	struct iovec pieces[] = { piece(string, strlen(string) + 1) };

	return store_ask(h, transaction, type, pieces, 1, length);
}

bool store_done(char *answer)
{
	free(answer);
	return answer != NULL;
}
