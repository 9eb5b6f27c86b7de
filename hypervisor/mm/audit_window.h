/* SPDX-License-Identifier: MIT */
/* audit_window.h - what one piece of the audit has found so far.
 *
 * Shared by the counting half (audit_count.c) and the comparing half
 * (audit.c); nobody else looks at it.
 */
#ifndef PARAVANE_MM_AUDIT_WINDOW_H
#define PARAVANE_MM_AUDIT_WINDOW_H

#include <public/paravane.h>

#include "mm/page_type.h"

/* What refers to one frame. */
struct counter {
	uint32_t refs, types;
	/* uses by grants, less the mappings by others that live off them: of
	 * any kind, and of writers alone */
	int32_t uses, writers;
};

struct window {
	struct paravane_audit *a;
	struct counter *counter;
	uint64_t first, end;		/* frames [first, end) */
	/* of the whole machine */
	uint64_t free;			/* frames in free blocks */
	uint64_t owned, lent;		/* frames of domains, by their records */
	uint64_t listed, shared;	/* the same, by what domains say */
	uint64_t pins, mappings;	/* uses of grants by both sides' books */
};

static inline bool in_window(const struct window *w, uint64_t mfn)
{
	return mfn >= w->first && mfn < w->end;
}

/* A difference: the first one is kept, all are numbered. */
void audit_differ(struct window *w, uint64_t mfn, uint32_t kind,
		  uint64_t expected, uint64_t found);

/* Walk all frames, tables, vCPUs and grants of the machine. */
void audit_count(struct window *w);

/* Debug builds: break what `what` names, until audit_mend(). False if there is
 * no such thing to break. */
MUST_CHECK bool audit_spoil(uint32_t what);
void audit_mend(void);

#endif
