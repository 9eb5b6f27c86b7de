/* SPDX-License-Identifier: MIT */
/* vcpu_info.c - where a vCPU's event and time block lies.
 *
 * Guards: we write only to a frame the domain owns and may itself write: a
 * writable-typed reference is held for as long as we point there.
 * Invariant: an address changes once, from shared info to the registered
 * place, with its content, and everything is marked pending: nothing that
 * was raised meanwhile is lost.
 */
#include "evtchn/port.h"

#include "base/errno.h"
#include "mm/mm.h"
#include "mm/page_type.h"
#include "sched/sched.h"

/* Where vCPUs lie that have no place in shared info and registered none: they
 * cannot run, and what is raised to them is found pending when they register.
 * All share it, and nobody reads it. */
static struct vcpu_info nowhere;

static volatile struct vcpu_info *first_place(const struct vcpu *v)
{
	return v->id < XEN_LEGACY_MAX_VCPUS ? &v->domain->shared->vcpu_info[v->id] : &nowhere;
}

void evtchn_vcpu_init(struct vcpu *v)
{
	v->evtchn.info_mfn = MFN_NONE;
	v->info = first_place(v);
}

bool evtchn_vcpu_has_info(const struct vcpu *v)
{
	return v->info != &nowhere;
}

__attribute__((noinline)) bool event_frame_get(struct domain *d, mfn_t mfn)
{
	struct frame *f = frame_lookup(mfn.n);

	if (!f || !frame_get(f, d->mm.slot))
		return false;
	if (!writable_get(f)) {
		frame_put(f);
		return false;
	}
	return true;
}

__attribute__((noinline)) void event_frame_put(mfn_t mfn)
{
	writable_put(frame_of(mfn));
	frame_put(frame_of(mfn));
}

/* The guest may write to both places meanwhile: only its own loss. */
static void info_copy(volatile struct vcpu_info *to, const volatile struct vcpu_info *from)
{
	volatile uint64_t *t = (volatile uint64_t *)to;
	const volatile uint64_t *f = (const volatile uint64_t *)from;

	for (unsigned i = 0; i < sizeof(*to) / sizeof(*t); i++)
		t[i] = f[i];
}

static void info_move(struct vcpu *v, volatile struct vcpu_info *to)
{
	if (evtchn_vcpu_has_info(v)) {
		info_copy(to, v->info);
	} else {
		__builtin_memset((void *)to, 0, sizeof(*to));
		to->evtchn_upcall_mask = 1;
	}
	WRITE_ONCE(v->info, to);
	/* Raised into the old place while it was copied: look at everything.
	 * One spurious event is what the ABI allows for that. */
	__atomic_store_n(&to->evtchn_pending_sel, ~0UL, __ATOMIC_SEQ_CST);
	__atomic_store_n(&to->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	vcpu_upcall(v);
}

int evtchn_register_vcpu_info(struct vcpu *v, mfn_t mfn, uint32_t offset)
{
	struct domain *d = v->domain;
	struct ports p;
	int rc = 0;

	if (offset > PAGE_SIZE - sizeof(struct vcpu_info) ||
	    offset % _Alignof(struct vcpu_info))
		return -ENXIO;

	p = ports_lock(d);
	if (!mfn_eq(v->evtchn.info_mfn, MFN_NONE) ||
	    (v != current() && sched_vcpu_is_up(v)) || !event_frame_get(d, mfn)) {
		rc = -EINVAL;
	} else {
		v->evtchn.info_mfn = mfn;
		info_move(v, (volatile struct vcpu_info *)
			     ((char *)mfn_to_virt(mfn) + offset));
	}
	ports_unlock(p);
	return rc;
}

/* None of d's vCPUs runs, and all its ports are closed: who raises holds the
 * EVENT lock of an open port's end, so nobody is about to write there. */
void vcpu_infos_release(struct domain *d)
{
	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		struct vcpu *v = d->vcpu[i];

		if (!v || mfn_eq(v->evtchn.info_mfn, MFN_NONE))
			continue;
		v->info = first_place(v);
		event_frame_put(v->evtchn.info_mfn);
		v->evtchn.info_mfn = MFN_NONE;
	}
}
