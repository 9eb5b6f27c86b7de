/* SPDX-License-Identifier: MIT */
/* state.h - what evtchn keeps in each domain and vCPU.
 */
#ifndef PARAVANE_EVTCHN_STATE_H
#define PARAVANE_EVTCHN_STATE_H

#include "base/types.h"
#include "sync/spinlock.h"

#define EVTCHN_NR_VIRQS		24
/* The two-level ABI: 64 words of 64 bits. */
#define EVTCHN_NR_PORTS		4096
#define EVTCHN_PORTS_PER_FRAME	256

struct port;

struct evtchn_vcpu {
	/* EVENT lock */
	mfn_t info_mfn;			/* registered vcpu_info frame; MFN_NONE = shared info */
	uint32_t virq_port[EVTCHN_NR_VIRQS];	/* 0 = unbound */
};

struct evtchn_domain {
	/* EVENT lock */
	struct spinlock lock;
	struct port *frame[EVTCHN_NR_PORTS / EVTCHN_PORTS_PER_FRAME];
	uint32_t nr_ports;		/* ports that exist, used or free */
	uint32_t first_free;		/* no port below it is free */
	uint32_t reset_next;		/* port a reset goes on at; 0 = none under way */
	uint32_t destroy_next;		/* port destruction goes on at */
	/* fixed at creation */
	uint32_t max_port;		/* the highest number allowed */
};

#endif
