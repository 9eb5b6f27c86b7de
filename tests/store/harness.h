/* SPDX-License-Identifier: MIT */
/* harness.h - a store inside the test, and clients that ask it directly. */
#ifndef TESTS_STORE_HARNESS_H
#define TESTS_STORE_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#include "store.h"

/* An answer: its type, and its payload with a zero behind it. */
struct reply {
	uint32_t type;
	uint32_t length;
	char text[XENSTORE_PAYLOAD_MAX + 1];
};

/* A store, empty but for "/", "/tool" and "/tool/xenstored"; with a folder it
 * keeps its state there. */
void harness_open(struct store *s, const char *state);
void harness_close(struct store *s);

/* A client with the rights of domain `id`. */
struct conn *harness_client(struct store *s, uint32_t id);

/* False once the store has dropped the client. */
bool harness_has(const struct store *s, const struct conn *conn);

/* Asks; events that come before the answer are kept in the queue.
 * Type 0 when the client was dropped. */
void harness_ask(struct store *s, struct conn *conn, uint32_t type,
		 uint32_t transaction, const void *payload, size_t length,
		 struct reply *reply);

/* The same for one string, its zero included. */
void harness_ask_text(struct store *s, struct conn *conn, uint32_t type,
		      uint32_t transaction, const char *text,
		      struct reply *reply);

/* The next event, "path token" in the text; type 0 when there is none. */
void harness_event(struct store *s, struct conn *conn, struct reply *reply);

#endif
