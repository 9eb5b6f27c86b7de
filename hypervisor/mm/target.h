/* SPDX-License-Identifier: MIT */
/* target.h - whose frames and whose tables a call names.
 */
#ifndef PARAVANE_MM_TARGET_H
#define PARAVANE_MM_TARGET_H

#include "cpu/tlb.h"
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

/* The vCPUs of a mask at guest address `mask`: 0 or -EFAULT. */
MUST_CHECK int flush_mask_get(uint64_t mask, uint64_t *vcpus);
/* Where these vCPUs of the caller's domain run: nothing old is remembered
 * there. Where they do not, nothing is: a vCPU that comes to run starts with
 * an empty TLB. The caller's own CPU is its own matter. */
static inline void flush_others(const struct vcpu *v, uint64_t vcpus)
{
	vcpus &= ~0UL >> (64 - v->domain->max_vcpus) & ~(1UL << v->id);
	if (vcpus)
		tlb_flush_vcpus(v->domain->mm.slot, vcpus);
}

/* May v change things of t's? */
static inline bool target_allowed(const struct vcpu *v, const struct domain *t)
{
	return t == v->domain || !t || v->domain->control;
}

#endif
