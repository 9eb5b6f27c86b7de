/* SPDX-License-Identifier: MIT */
/* handle.h - a connection to the store, inside the library.
 *
 * There is no thread of the library's own. Of all threads that wait for
 * something to arrive, one reads the connection and hands each message to its
 * queue; the others sleep until there is news. So a program with one thread
 * and poll(2) works the same as one with a thread in xs_read_watch.
 */
#ifndef STORE_HANDLE_H
#define STORE_HANDLE_H

#include <pthread.h>
#include <sys/uio.h>

#include <xenstore.h>

#include "store/text.h"

/* Programs see the calls of the headers; the rest is the library's own. */
#define HIDDEN __attribute__((visibility("hidden")))

/* The most pieces any request consists of, its header included. */
#define PIECES_MAX 4

/* A whole message; its body has a zero byte after its end. */
struct message {
	struct message *next;
	struct xsd_sockmsg header;
	char body[];
};

struct queue {
	struct message *first;
	struct message **end;
};

struct xs_handle {
	/* fixed when opened */
	int fd;
	bool is_socket;
	bool unwatch_filter;
	/* held from the sending of a request to its answer */
	pthread_mutex_t request;
	/* guards all that follows */
	pthread_mutex_t lock;
	/* something was queued, or nobody reads any more */
	pthread_cond_t news;
	bool reading;
	bool broken;
	/* xs_watch was called at least once */
	bool watched;
	struct queue answers;
	struct queue events;
	/* -1 until xs_fileno: polls readable if the connection does or if
	 * events_fd says that events are queued */
	int poll_fd;
	int events_fd;
	bool told;
	/* only the thread that reads: what has come of the next messages */
	unsigned int filled;
	char input[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
};

/* Sends one request, waits for the answer and returns its body, which has a
 * zero byte after *length (may be NULL). NULL with errno set. */
HIDDEN char *store_ask(struct xs_handle *h, uint32_t transaction,
		       enum xsd_sockmsg_type type, const struct iovec *pieces,
		       unsigned int count, unsigned int *length);

/* The same for a request of one string. */
HIDDEN char *store_ask_string(struct xs_handle *h, uint32_t transaction,
			      enum xsd_sockmsg_type type, const char *string,
			      unsigned int *length);

/* Frees the answer: true if there was one. */
HIDDEN bool store_done(char *answer);

/* Takes the first message off the queue, reading what has come if there is
 * none yet, and waiting for it if told to. NULL with errno set; EAGAIN if it
 * would have to wait. */
HIDDEN struct message *store_receive(struct xs_handle *h, struct queue *queue,
				     bool wait);

/* Says to whoever polls whether events are queued. Lock held. */
HIDDEN void store_tell_poller(struct xs_handle *h);

/* One block: pointers to the count strings that begin at text, and copies. */
HIDDEN char **store_strings(const char *text, unsigned int length,
			    unsigned int count);

static inline struct iovec piece(const void *data, size_t length)
{
	return (struct iovec){ (void *)data, length };
}

#endif
