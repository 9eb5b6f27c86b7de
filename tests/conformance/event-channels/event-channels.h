/* SPDX-License-Identifier: MIT */
/* event-channels.h - the parts of this suite. */
#ifndef CONFORMANCE_EVENT_CHANNELS_H
#define CONFORMANCE_EVENT_CHANNELS_H

#include "events.h"

#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))

/* What a port is, in full. */
struct evtchn_status describe(evtchn_port_t port);
long bind_virq(uint32_t virq, uint32_t vcpu, evtchn_port_t *port);
long move(evtchn_port_t port, uint32_t vcpu);

void kinds(void);		/* kinds.c: VIRQs, IPIs, moving */
void delivery(void);		/* delivery.c: bits, masks, upcalls */

#endif
