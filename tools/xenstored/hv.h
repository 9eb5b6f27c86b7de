/* SPDX-License-Identifier: MIT */
/* hv.h - what the daemon needs of the hypervisor; tests have one of their
 * own. */
#ifndef XENSTORED_HV_H
#define XENSTORED_HV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct xenstore_domain_interface;
struct hv;

struct hv_domain {
	/* exists and is not dying */
	bool alive;
	bool shutdown;
	uint8_t handle[16];
};

/* NULL with `why`. */
struct hv *hv_open(struct reason *why);
void hv_close(struct hv *hv);

struct hv_domain hv_domain(struct hv *hv, uint32_t id);

/* The same for many: hv_look asks once for all, hv_seen says what it saw. */
void hv_look(struct hv *hv);
struct hv_domain hv_seen(struct hv *hv, uint32_t id);

/* The ring page of a domain; NULL with errno. Domain 0's comes from its own
 * kernel, and *port with it; the others' port is what was introduced. */
struct xenstore_domain_interface *hv_map(struct hv *hv, uint32_t id,
					 uint64_t gfn, uint32_t *port);
void hv_unmap(struct hv *hv, struct xenstore_domain_interface *page);

/* Our end of the channel to the domain's port, or a negative errno. From
 * HV_PORTS on it is of no use. */
#define HV_PORTS 4096
int hv_bind(struct hv *hv, uint32_t id, uint32_t remote_port);
void hv_unbind(struct hv *hv, int port);
void hv_notify(struct hv *hv, int port);

/* Readable when a port fired. */
int hv_fd(struct hv *hv);

/* The port that fired next, HV_DOMAINS when some domain shut down or died,
 * -EAGAIN when there is none. */
#define HV_DOMAINS 0
int hv_next(struct hv *hv);

#endif
