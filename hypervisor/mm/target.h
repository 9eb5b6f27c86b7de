/* SPDX-License-Identifier: MIT */
/* target.h - whose frames and whose tables a call names.
 */
#ifndef PARAVANE_MM_TARGET_H
#define PARAVANE_MM_TARGET_H

#include "domain/domain.h"

/* A domain argument of mmu_update and its kin. */
struct target {
	struct domain *d;	/* NULL: DOMID_IO or DOMID_XEN, nobody's frames */
	bool held;		/* a reference to give back */
};

/* DOMID_SELF, DOMID_IO, DOMID_XEN or another's id: -ESRCH for nobody, and for
 * one's own id written out, as upstream has it. Power over another domain is
 * not asked for here. */
MUST_CHECK int target_find(struct vcpu *v, domid_t id, struct target *t);
MUST_CHECK static inline int target_get(struct vcpu *v, domid_t id, struct target *t)
{
	if (unlikely(id != DOMID_SELF))
		return target_find(v, id, t);
	*t = (struct target){ .d = v->domain };
	return 0;
}

static inline void target_put(struct target *t)
{
	if (unlikely(t->held))
		domain_put(t->d);
}

/* A mask of vCPUs at guest address `mask` can be read: 0 or -EFAULT. With
 * one CPU the caller's is the only one that remembers anything of its
 * domain: a vCPU that comes to run starts with an empty TLB. */
MUST_CHECK int flush_mask_check(struct vcpu *v, uint64_t mask);

/* May v change things of t's? */
static inline bool target_allowed(const struct vcpu *v, const struct domain *t)
{
	return t == v->domain || !t || v->domain->control;
}

#endif
