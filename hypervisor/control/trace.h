/* SPDX-License-Identifier: MIT */
/* trace.h - the calls of a domain, written down while somebody watches.
 */
#ifndef PARAVANE_CONTROL_TRACE_H
#define PARAVANE_CONTROL_TRACE_H

#include <public/paravane.h>

#include "domain/domain.h"

/* Somebody wants to see v's calls of that number. */
static inline bool trace_wants(const struct vcpu *v, uint64_t nr)
{
	return READ_ONCE(v->domain->trace.calls) >> MIN(nr, 63U) & 1;
}

/* There is no room for one: v makes it when it has given way to others. */
MUST_CHECK bool trace_full(struct vcpu *v);
/* A call of v's has come back: its registers as they were, where its structure
 * is (0: it has none), result, when it was made, and how long it took. */
void trace_call(struct vcpu *v, uint64_t nr, const struct hcall *asked,
		uint64_t structure, long result, uint64_t when, uint64_t ticks);

/* PARAVANE_OP_trace_*, with the lifecycle lock. */
MUST_CHECK long trace_control(uint32_t op, struct paravane_trace *t);
/* d ends, or its TIMER_TRACE was due: does anybody still read? */
void trace_end(struct domain *d);
void trace_overdue(struct domain *d);

#endif
