/* SPDX-License-Identifier: MIT */
/* guest.h - one guest's console: its page, its port, its output. */
#ifndef CONSOLED_GUEST_H
#define CONSOLED_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "ctl/ctl.h"
#include "history.h"
#include "log_file.h"
#include "ring.h"
#include "store.h"

struct guest {
	struct guest *next;
	domid_t id;
	xen_domain_handle_t handle;
	/* NULL until the store says where it is, and once the domain is let
	 * go of */
	struct xencons_interface *ring;
	/* our end of the event channel, or -1 */
	int port;
	/* the ring is mapped by the guest's grant, not by its frame number */
	bool granted;
	/* the store tells when there is a console */
	bool awaited;
	/* found alive by the look that goes on */
	bool seen;
	/* its indices were out of bounds once; said in the log once */
	bool broken;
	struct history history;
	struct log_file log;
};

/* What all guests share. */
struct guest_host {
	struct ctl *ctl;
	int evtchn;
	/* /dev/xen/gntdev, or -1 */
	int grants;
};

struct guest *guest_new(domid_t id, const xen_domain_handle_t handle);

/* Maps and binds the console that the store names, and goes on with its log
 * or begins one. */
int guest_connect(struct guest_host *host, struct guest *guest,
		  const struct console_facts *facts, struct reason *why);

/* Takes what the guest has written; true if there was something. */
bool guest_drain(struct guest_host *host, struct guest *guest);

/* Types bytes in; returns how many the guest had room for. */
size_t guest_type(struct guest_host *host, struct guest *guest,
		  const char *bytes, size_t count);

/* Takes what is left and lets go of page and port, so that the domain can be
 * freed. The history stays readable until guest_free. */
void guest_release(struct guest_host *host, struct guest *guest);
void guest_free(struct guest *guest);

#endif
