/* SPDX-License-Identifier: MIT */
/* xenbus.h - the kernel's connection to the store, shared by all who ask.
 *
 * A request is answered by a call of its `done`, in the order of the daemon's
 * answers. There may be no daemon for a long time: nobody waits but threads of
 * the kernel's own.
 */
#ifndef KERNEL_XEN_PV_XENBUS_H
#define KERNEL_XEN_PV_XENBUS_H

#include <public/io/xs_wire.h>

#include "core/types.h"
#include "lib/list.h"

/* A message, either way. The caller sets hdr but for req_id; `done` owns the
 * request from then on. The answer's body ends with a zero byte of our own
 * behind hdr.len bytes, and lives as long as the call. */
struct xenbus_request {
	struct list node;
	void (*done)(struct xenbus_request *r, const struct xsd_sockmsg *hdr, const char *body);
	void *owner;
	uint32_t owner_id;	/* whatever the owner wants to remember */
	uint32_t moved;		/* bytes of hdr and body on their way, so far */
	struct xsd_sockmsg hdr;
	char body[];
};

/* With room for an error's name at least. NULL: no memory. */
struct xenbus_request *xenbus_request_new(uint32_t type, uint32_t tx, const void *body,
					  size_t len) MUST_CHECK;
void xenbus_send(struct xenbus_request *r);
/* The same with an answer that nobody waits for. */
void xenbus_tell(uint32_t type, uint32_t tx, const void *body, size_t len);

/* Called for every change at or below a path. The caller sends XS_WATCH with
 * this token itself; the watch is made again if the daemon forgets it. */
struct xenbus_watch {
	struct list node;
	uint32_t token;
	void (*fired)(struct xenbus_watch *w, const char *path);
	const char *path;
};
#define XENBUS_TOKEN_MAX 9
void xenbus_watch_add(struct xenbus_watch *w);
void xenbus_watch_remove(struct xenbus_watch *w);	/* and tells the daemon */
/* "PATH\0TOKEN\0" as XS_WATCH and XS_UNWATCH want it. */
struct xenbus_request *xenbus_watch_request(uint32_t type, const struct xenbus_watch *w);

bool xenbus_exists(void);

void xenbus_init(void);
void xenbus_device_init(void);
void xenbus_backend_init(void);
/* The control domain's own ring, for its daemon. */
struct page *xenbus_own_page(void);
unsigned xenbus_own_port(void);

#endif
