/* SPDX-License-Identifier: MIT */
/* life.h - starting and ending a domain, with all that goes with it. The
 * library's door.
 */

#ifndef TOOLS_LIFE_LIFE_H
#define TOOLS_LIFE_LIFE_H

#include <xenstore.h>

#include "build/build.h"
#include "config/guest_config.h"
#include "ctl/ctl.h"

struct life_request {
	const struct guest_config *guest;
	/* where the domain file was, and the settings that count */
	const char *config_path;
	const char *config_text;
	/* leave it paused */
	bool paused;
	/* nothing is to be done at its end, so that monitord may be missing */
	bool unwatched;
};

/* What the builder is to be asked for; all but the UUID. */
struct build_request request_of(const struct guest_config *guest);

/* Builds the domain, writes its nodes, introduces it to the store and, unless
 * it is to stay paused, lets it run. Returns its id; on failure nothing of it
 * is left. */
int life_start(struct ctl *c, struct xs_handle *store,
	       const struct life_request *request, struct reason *why);

/* Sleeps until domain `id` has shut down, and returns the reason (SHUTDOWN_*);
 * -ESRCH once it is gone. */
int life_wait(struct ctl *c, struct xs_handle *store, domid_t id);

/* Ends the domain and everything about it, and waits for nobody: it stays in the
 * list, dying, for as long as others map its memory. Without the store (NULL)
 * its nodes stay until monitord finds them. */
int life_destroy(struct ctl *c, struct xs_handle *store, domid_t id,
		 struct reason *why);

/* The same, and waits until it is gone; -EBUSY if that takes too long. */
int life_end(struct ctl *c, struct xs_handle *store, domid_t id,
	     struct reason *why);

#endif
