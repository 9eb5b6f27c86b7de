/* SPDX-License-Identifier: MIT */
/* state.h - what control keeps in each domain.
 */
#ifndef PARAVANE_CONTROL_STATE_H
#define PARAVANE_CONTROL_STATE_H

#include "base/types.h"

struct trace_ring;

struct trace_domain {
	/* TRACE lock; read without it */
	uint64_t calls;			/* bit per number: recorded; 0 = not traced */
	/* TRACE lock */
	struct trace_ring *ring;	/* NULL = not traced */
};

#endif
