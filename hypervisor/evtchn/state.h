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
/* FIFO delivery: a 32-bit word for each port, and queues for each vCPU. */
#define EVTCHN_FIFO_PORTS	(1u << 17)
#define EVTCHN_FIFO_QUEUES	16
#define EVTCHN_FIFO_VCPUS	64
#define EVTCHN_WORDS_PER_FRAME	1024
#define EVTCHN_WORD_FRAMES	(EVTCHN_FIFO_PORTS / EVTCHN_WORDS_PER_FRAME)

struct port;
struct evtchn_fifo_control_block;

/* A domain that switched to FIFO delivery has one, in a frame of its own. What
 * it points to in the domain's frames is the guest's to write at any time; it
 * holds a reference on each as a page the guest writes. */
struct evtchn_fifo {
	struct spinlock lock;
	/* FIFO lock; written under the EVENT lock too */
	uint32_t nr_words;		/* ports whose words are there */
	volatile uint32_t *words[EVTCHN_WORD_FRAMES];
	/* EVENT lock */
	uint32_t look_from;		/* for a free port, where it is not the first */
	/* each set once */
	volatile struct evtchn_fifo_control_block *control[EVTCHN_FIFO_VCPUS];
	/* FIFO lock: the port that was linked last, 0 = none; a frame */
	uint32_t (*tail)[EVTCHN_FIFO_QUEUES];
};

struct evtchn_vcpu {
	/* EVENT lock */
	mfn_t info_mfn;			/* registered vcpu_info frame; MFN_NONE = shared info */
	uint32_t virq_port[EVTCHN_NR_VIRQS];	/* 0 = unbound */
	/* a call for FIFO delivery that is not done: its frame plus one (0 = none),
	 * and the port it goes on at */
	uint64_t handing;
	uint32_t next;
};

struct evtchn_domain {
	/* EVENT lock */
	struct spinlock lock;
	struct port *frame[EVTCHN_NR_PORTS / EVTCHN_PORTS_PER_FRAME];
	struct port **far;		/* the frames after those, in one; NULL = none */
	struct evtchn_fifo *fifo;	/* NULL: two levels */
	uint32_t nr_ports;		/* ports that exist, used or free */
	uint32_t nr_near;		/* those of them that are in `frame` */
	uint32_t in_use;
	uint32_t first_free;		/* no port below it is free */
	uint32_t reset_next;		/* port a reset goes on at; 0 = none under way */
	uint32_t destroy_next;		/* port destruction goes on at */
	/* fixed at creation */
	uint32_t max_port;		/* the highest number allowed; it may switch to
					 * FIFO if two levels cannot name that many */
};

#endif
