/* SPDX-License-Identifier: MIT */
/* state.h - what evtchn keeps in each domain and vCPU.
 */
#ifndef PARAVANE_EVTCHN_STATE_H
#define PARAVANE_EVTCHN_STATE_H

#include "base/types.h"
#include "sync/spinlock.h"

#define EVTCHN_NR_VIRQS	24

struct port;

struct evtchn_vcpu {
	mfn_t info_mfn;			/* registered vcpu_info frame; MFN_NONE = shared info */
	uint32_t virq_port[EVTCHN_NR_VIRQS];	/* 0 = unbound */
};

struct evtchn_domain {
	/* EVENT lock */
	struct spinlock lock;
	struct port **bucket;		/* one frame of pointers to frames of ports */
	uint32_t nr_ports;		/* ports that exist (multiple of a bucket) */
	uint32_t max_port;		/* limit from createdomain */
};

#endif
