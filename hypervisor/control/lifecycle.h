/* SPDX-License-Identifier: MIT */
/* lifecycle.h - a domain's creation and its end.
 */
#ifndef PARAVANE_CONTROL_LIFECYCLE_H
#define PARAVANE_CONTROL_LIFECYCLE_H

#include "domain/domain.h"

/* What a domain is charged at creation; limits are checked here. */
struct domain_plan {
	domid_t id;
	uint32_t max_vcpus;
	uint32_t max_evtchn_port;
	uint32_t max_grant_frames, max_maptrack_frames;
	uint32_t ssidref;
	uint8_t handle[16];
	bool control;			/* the first domain */
};

#define DEFAULT_GRANT_FRAMES	64U
#define DEFAULT_MAPTRACK_FRAMES	1024U

/* A paused domain without memory, with a reference for the caller. 0,
 * -EEXIST, -ENOMEM or what a room refuses; then nothing is left behind. */
MUST_CHECK int lifecycle_create(const struct domain_plan *plan, struct domain **out);
/* All its vCPUs; those made before a failure stay until its end. */
MUST_CHECK int lifecycle_make_vcpus(struct domain *d);
/* One entry's worth of destruction: 0 when it is done, else -ERESTART. The
 * domain's id is free once nobody refers to it or to its frames. */
MUST_CHECK int lifecycle_destroy(struct domain *d);

/* The tools' calls run one at a time: creation, destruction, contexts, settings,
 * the audit. Only ever tried, without any other lock: who does not get it
 * answers -ERESTART, so its holder may wait for another CPU's exit. */
MUST_CHECK bool lifecycle_trylock(void);
void lifecycle_unlock(void);

/* For the exit path: CPU_DOM_EXC, a domain stopped or is gone; CPU_REAP, a
 * dead one may have become free of references; CPU_QUIESCE, this CPU looks at
 * nothing without a reference now. */
void lifecycle_domain_stopped(void);
void lifecycle_reap(void);
void lifecycle_quiesced(void);

#endif
