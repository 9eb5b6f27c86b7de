/* SPDX-License-Identifier: MIT */
/* life.h - starting and ending a domain, with all that goes with it. */
#ifndef VANE_LIFE_H
#define VANE_LIFE_H

#include "config/guest_config.h"
#include "ctl/ctl.h"

/* Builds the domain, names it, hands its console to consoled and, unless
 * `paused`, lets it run. Returns its id; on failure nothing of it is left. A
 * missing consoled is no failure; *warning says so. */
int life_start(struct ctl *c, const struct guest_config *guest,
	       const char *config_path, bool paused, struct reason *warning,
	       struct reason *why);

/* Sleeps until domain `id` has shut down, and returns the reason (SHUTDOWN_*);
 * -ESRCH once it is gone. */
int life_wait(struct ctl *c, domid_t id);

/* Ends the domain and everything about it; waits until it is gone. */
int life_end(struct ctl *c, domid_t id, struct reason *why);

#endif
