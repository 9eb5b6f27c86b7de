/* SPDX-License-Identifier: MIT */
/* events.h - event channels of this domain's own, in few words. */
#ifndef CONFORMANCE_EVENTS_H
#define CONFORMANCE_EVENTS_H

#include "lib.h"

#define event(cmd, arg)	call(event_channel_op, EVTCHNOP_##cmd, arg)
#define NO_PORT		0xfffffu	/* above every table */
#define NO_DOMAIN	0x7000

/* A port that waits for this domain itself; 0 (and a failure) if none. */
evtchn_port_t unbound_port(void);
/* Two ports of this domain, joined, nothing pending. */
void port_pair(evtchn_port_t *a, evtchn_port_t *b);
/* A port that a vCPU of ours raises for another one. */
evtchn_port_t ipi_port(uint32_t vcpu);
long send(evtchn_port_t port);
long close_port(evtchn_port_t port);
/* EVTCHNSTAT_..., or the error. */
long port_status(evtchn_port_t port);
/* This domain's number, as the status of such a port tells it. */
domid_t own_number(void);
/* Nothing is pending for the first vCPU, not even what is masked. */
void forget_events(void);

#endif
