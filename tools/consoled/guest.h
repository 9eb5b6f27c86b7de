/* SPDX-License-Identifier: MIT */
/* guest.h - one guest's console: its page, its port, its output. */
#ifndef CONSOLED_GUEST_H
#define CONSOLED_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/ctl.h"
#include "history.h"
#include "log_file.h"
#include "registry/registry.h"
#include "ring.h"

struct guest {
	struct guest *next;
	domid_t id;
	xen_domain_handle_t handle;
	char name[GUEST_NAME_MAX + 1];
	/* NULL once the domain is let go of */
	struct xencons_interface *ring;
	/* our end of the event channel */
	int port;
	/* its indices were out of bounds once; said in the log once */
	bool broken;
	/* SHUTDOWN_* in the low bits once it has shut down, else -1 */
	int shutdown;
	struct history history;
	struct log_file log;
};

/* What all guests share. */
struct guest_host {
	struct ctl *ctl;
	int evtchn;
};

/* Maps and binds the console that the record names. NULL with `why`. */
struct guest *guest_open(struct guest_host *host,
			 const struct domain_record *record, bool fresh,
			 struct reason *why);

/* Takes what the guest has written; true if there was something. */
bool guest_drain(struct guest_host *host, struct guest *guest);

/* Types bytes in; returns how many the guest had room for. */
size_t guest_type(struct guest_host *host, struct guest *guest,
		  const char *bytes, size_t count);

/* Looks whether it has shut down or is gone; false once it is gone. */
bool guest_check(struct guest_host *host, struct guest *guest);

/* Takes what is left and lets go of page and port, so that the domain can be
 * freed. The history stays readable until guest_free. */
void guest_release(struct guest_host *host, struct guest *guest);
void guest_free(struct guest *guest);

#endif
