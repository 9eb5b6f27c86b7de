/* SPDX-License-Identifier: MIT */
/* state.h - what grant keeps in each domain.
 */
#ifndef PARAVANE_GRANT_STATE_H
#define PARAVANE_GRANT_STATE_H

#include "base/types.h"
#include "sync/spinlock.h"

struct grant_domain {
	/* GRANT lock */
	struct spinlock lock;
	uint32_t max_frames, max_maptrack;	/* limits from createdomain */
	uint32_t frames;			/* table frames in being */
	mfn_t *frame;				/* one frame of our own: list of table frames */
};

#endif
