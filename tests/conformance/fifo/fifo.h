/* SPDX-License-Identifier: MIT */
/* fifo.h - what the files of this suite share. */
#ifndef CONFORMANCE_FIFO_H
#define CONFORMANCE_FIFO_H

#include "events.h"

#define PENDING		(1u << EVTCHN_FIFO_PENDING)
#define MASKED		(1u << EVTCHN_FIFO_MASKED)
#define LINKED		(1u << EVTCHN_FIFO_LINKED)
#define BUSY		(1u << EVTCHN_FIFO_BUSY)
#define DEFAULT		EVTCHN_FIFO_PRIORITY_DEFAULT
#define FAR_VCPU	33u		/* without a place in the shared page */

/* Where the control blocks lie in their page: the far one's is the last there
 * can be, so that all of it is written to. */
#define BLOCK_LAST	(4096 - sizeof(struct evtchn_fifo_control_block))
#define BLOCK_1		128u

extern volatile uint32_t words[1024];	/* of the first 1024 ports */
extern volatile uint8_t control_page[4096];
/* Of vCPU 0, 1 and the far one. */
volatile struct evtchn_fifo_control_block *block_of(unsigned int vcpu);
volatile uint32_t *head_of(unsigned int vcpu, unsigned int priority);

long init_control(uint64_t frame, uint32_t offset, uint32_t vcpu);
long expand_array(uint64_t frame);
long set_priority(evtchn_port_t port, uint32_t priority);
long unmask(evtchn_port_t port);
long move(evtchn_port_t port, uint32_t vcpu);
/* Words, queues and what was told to vCPUs as if nothing had happened; all
 * ports masked but those we use. */
void forget_all(void);
/* Both ends of a channel of our own: a send on `from` raises the other. */
struct channel { evtchn_port_t from, to; };
struct channel channel(void);
void channel_close(struct channel c);
/* Has that vCPU been told to look? Once. */
bool told(unsigned int vcpu);
/* The guest's part: takes the port out of its queue. */
void take(evtchn_port_t port);

void before_the_switch(void);	/* main.c, in the order of the suite */
void queues(void);		/* queues.c */
void priorities(void);
void vcpus(void);		/* vcpus.c */
void loads(void);		/* loads.c: two vCPUs at once */

#endif
