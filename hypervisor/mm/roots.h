/* SPDX-License-Identifier: MIT */
/* roots.h - the tables a vCPU runs on, pins, and what is half dropped.
 */
#ifndef PARAVANE_MM_ROOTS_H
#define PARAVANE_MM_ROOTS_H

#include "domain/domain.h"
#include "mm/mm.h"

/* For callers that hold d's PAGE_TABLES lock. */
MUST_CHECK int pin_table(struct domain *d, mfn_t table, unsigned level);
/* -ERESTART: v->mm.dropping goes on with it. */
MUST_CHECK int unpin_table(struct vcpu *v, struct domain *d, mfn_t table);
/* Finish what an earlier call could not drop within its budget. The lock
 * taken is that of the table's owner. 0 or -ERESTART. */
MUST_CHECK int drop_pending(struct vcpu *v);
MUST_CHECK static inline int finish_dropping(struct vcpu *v)
{
	return likely(mfn_eq(v->mm.dropping, MFN_NONE)) ? 0 : drop_pending(v);
}

/* What entries of d's tables may refer to, when they map d's own frames. */
static inline struct pt_ctx own_ctx(const struct domain *d)
{
	return (struct pt_ctx){ .tables = d->mm.slot, .pages = d->mm.slot, .io = d->mm.io };
}

#endif
