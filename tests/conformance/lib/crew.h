/* SPDX-License-Identifier: MIT */
/* crew.h - other vCPUs that do what the first one asks of them. */
#ifndef CONFORMANCE_CREW_H
#define CONFORMANCE_CREW_H

#include "lib.h"

/* Longer than any host stands still. */
#define PATIENCE	(60000ul * 1000000)

/* Waits, giving the CPU away, until the condition holds; false if it does not
 * in PATIENCE. */
#define comes(condition) ({						\
	uint64_t until_ = patience_ends();				\
	bool it_came_;							\
	while (!(it_came_ = (condition)) && pause_until(until_))	\
		;							\
	it_came_; })
uint64_t patience_ends(void);
bool pause_until(uint64_t ns);
/* Sleeps so long. */
void rest(uint64_t ns);
void poll_for(evtchn_port_t port, uint64_t until);

/* Starts vCPUs 1 to n - 1, those above 31 with their vcpu_info registered, and
 * has them sleep until there is work. */
bool crew_open(unsigned int n);
/* The size of the crew, with the first vCPU. */
extern unsigned int crew;
/* vCPU id does fn(arg); events are masked, and stay as fn leaves them. */
typedef void job(void *arg);
void begin(unsigned int id, job *fn, void *arg);
/* Waits until it sleeps in its work, not before it; false if it does not. */
bool sleeps(unsigned int id);
/* Waits for the end of it; false, and a rule that fails, if it does not come. */
bool ended(unsigned int id);
/* All of the crew do it at once, the first vCPU too, and all end. */
bool together(job *fn, void *arg);

/* A place where n vCPUs wait for each other; false if they do not come. */
struct meeting {
	volatile unsigned int there, round;
};
bool meet(struct meeting *m, unsigned int n);

#endif
