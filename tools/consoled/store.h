/* SPDX-License-Identifier: MIT */
/* store.h - what consoled asks the store. */
#ifndef CONSOLED_STORE_H
#define CONSOLED_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xenstore.h>

#include "config/guest_config.h"

/* What the store says of one console. */
struct console_facts {
	uint64_t ring_mfn;
	uint32_t port;
	/* bytes of output to keep, or 0 */
	uint64_t limit;
	char name[GUEST_NAME_MAX + 1];
	/* a consoled has begun this domain's log before */
	bool logged;
};

/* A connection that tells of domains that come and go; NULL when no daemon
 * answers. It never waits for one that does not run. */
struct xs_handle *store_connect(void);

/* Reads them for the domain with this id and UUID. -ENOENT when there is no
 * console, or only that of an earlier domain with this id. */
int store_console(struct xs_handle *store, domid_t id,
		  const xen_domain_handle_t handle,
		  struct console_facts *facts);

/* Remembers that this domain's log is begun. */
void store_logged(struct xs_handle *store, domid_t id, const char *path);

/* Has the store tell when nodes of this console are written, or no more. */
void store_await_console(struct xs_handle *store, domid_t id, bool on);

/* Takes all that the store has told; true if it was anything. False and
 * *lost when the connection is of no use any more. */
bool store_news(struct xs_handle *store, bool *lost);

/* The name alone: of a domain that was renamed. */
int store_name(struct xs_handle *store, domid_t id,
	       char name[GUEST_NAME_MAX + 1]);

#endif
