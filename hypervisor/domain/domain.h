/* SPDX-License-Identifier: MIT */
/* domain.h - who exists and who refers to whom.
 *
 * Guards: a struct domain or vcpu lives while anybody holds a reference.
 * domain_get_by_id() gives one, domain_put() returns it; the last put of a
 * dead domain sets CPU_REAP. Each room keeps its part of the state in its
 * own state.h, embedded here, and only that room's files touch it.
 */
#ifndef PARAVANE_DOMAIN_DOMAIN_H
#define PARAVANE_DOMAIN_DOMAIN_H

#include <public/xen.h>

#include "base/types.h"
#include "control/state.h"
#include "cpu/frame.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "emul/state.h"
#include "evtchn/state.h"
#include "grant/state.h"
#include "hypercall/state.h"
#include "mm/state.h"
#include "sched/state.h"
#include "sync/spinlock.h"
#include "time/state.h"
#include "traps/state.h"

/* A set of a domain's vCPUs is one word. */
#define MAX_VCPUS	64

/* Bits of vcpu.pending, set atomically by any room, served at the exit. */
enum vcpu_pending {
	VCPU_NMI	= 1u << 0,	/* deliver the NMI callback */
	VCPU_TIMER	= 1u << 1,	/* raise VIRQ_TIMER */
	VCPU_PERIOD	= 1u << 2,	/* its periodic timer's period was changed */
	VCPU_AREAS	= 1u << 3,	/* bring its registered areas up to date */
};

struct vcpu {
	/* read by entry/ */
	uint32_t pending;		/* enum vcpu_pending */
	bool kernel_mode;		/* guest kernel, else guest user; both ring 3 */
	bool traced;			/* its calls may be recorded; read with the above */
	bool in_multicall;		/* this CPU only */

	/* Its end is TSS.RSP0 and 16-byte aligned: entry/ pushes here and
	 * finds the vCPU by subtracting. */
	struct cpu_frame frame;
	/* Read by entry/ right above RSP0: where the stack of the CPU it
	 * runs on begins; the five words for IRETQ are copied there. */
	uint64_t cpu_stack;
	volatile struct vcpu_info *info; /* guest-writable: read each field once */

	/* fixed at creation */
	struct domain *domain;
	uint32_t id;

	/* CONTEXT lock; set once, until teardown takes its pages */
	bool initialised;		/* has a context to run */

	struct traps_vcpu traps;	/* callbacks, kernel stack, segments, trap table */
	struct emul_vcpu emul;		/* control, debug and extended registers, I/O */
	struct mm_vcpu mm;		/* page-table bases, descriptor tables */
	struct sched_vcpu sched;	/* run state and queue */
	struct time_vcpu time;		/* timers, the clock's registered copy */
	struct evtchn_vcpu evtchn;	/* vcpu_info, VIRQ ports */
	struct refusals_vcpu refusals;	/* its last calls that ended in an error */
};

/* It has something to look at, on its way out; if it may be running elsewhere,
 * it has to be kicked as well (sched/sched.h). */
static inline uint32_t vcpu_pend(struct vcpu *v, uint32_t bits)
{
	return __atomic_fetch_or(&v->pending, bits, __ATOMIC_RELEASE);
}

#define SHUTDOWN_CODE_NONE	0xff

/* Life of a domain: forward only. */
enum domain_life { DOMAIN_ALIVE, DOMAIN_DYING, DOMAIN_DEAD };

/* Has every CPU been at its exit since the domain was dead? */
enum domain_quiet { QUIET_UNASKED, QUIET_AWAITED, QUIET };

struct domain {
	/* fixed at creation */
	domid_t id;
	bool control;			/* may make privileged calls; domain 0 */
	uint32_t max_vcpus;
	uint8_t handle[16];
	uint32_t ssidref;

	/* atomic */
	uint32_t refs;

	/* DOMAIN_LIST lock */
	struct domain *next;		/* in the table of ids */
	struct domain *after;		/* the next higher id */

	/* the reaper (control/lifecycle.c) */
	enum domain_quiet quiet;

	/* DOMAIN lock */
	struct spinlock lock;
	enum domain_life life;
	bool shutdown;			/* stopped by itself; `shutdown_code` valid */
	bool stop_unseen;		/* the scheduler does not know yet; atomic */
	uint8_t shutdown_code;		/* SHUTDOWN_CODE_NONE until a reason is known */
	uint32_t pause_count;		/* by the control domain */
	uint32_t teardown_step;		/* progress of destruction */
	uint64_t vm_assist;		/* bits of VMASST_TYPE_* */
	char crash_reason[80];
	bool debugged;			/* a debugger said it is attached */
	bool pirq_eoi_page;		/* PHYSDEVOP_pirq_eoi_gmfn was answered */

	/* each published once, whole; no holes below the last */
	struct vcpu *vcpu[MAX_VCPUS];

	struct shared_info *shared;	/* mapped by the guest too */
	mfn_t shared_mfn;

	struct mm_domain mm;
	struct time_domain time;
	struct sched_domain sched;
	struct evtchn_domain evtchn;
	struct grant_domain grant;
	struct trace_domain trace;
};

/* A reference, or NULL. DOMID_SELF is resolved by domain_get_target(). */
MUST_CHECK struct domain *domain_get_by_id(domid_t id);
void domain_put(struct domain *d);
/* No vCPU of it may run: paused, shut down or dying. */
static inline bool domain_stopped(const struct domain *d)
{
	return d->pause_count || d->shutdown || d->life != DOMAIN_ALIVE;
}
/* The same, by the reaper, who looks himself whether it may be freed. */
static inline void domain_put_quietly(struct domain *d)
{
	__atomic_fetch_sub(&d->refs, 1, __ATOMIC_RELEASE);
}
static inline void domain_hold(struct domain *d)
{
	__atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
}
/* The domain with the smallest id >= `from`, dead ones too, referenced; or
 * NULL. */
MUST_CHECK struct domain *domain_get_next(domid_t from);
/* The same of those that are dead or shut down. */
MUST_CHECK struct domain *domain_get_next_ended(domid_t from);
/* Each in turn, referenced in the loop's body; to leave it early, put d. */
#define for_each_domain(d) \
	for ((d) = domain_get_next(0); (d); (d) = domain_put_next(d))
MUST_CHECK struct domain *domain_put_next(struct domain *d);
/* The domain `id` names, whoever asks; NULL if there is none. */
MUST_CHECK struct domain *domain_get_named(struct vcpu *v, domid_t id);
/* A TARGET caller's domain argument: DOMID_SELF, the caller's own id, or any
 * id when the caller is the control domain. 0, -ESRCH or -EPERM. */
MUST_CHECK int domain_get_target(struct vcpu *v, domid_t id, struct domain **out);
extern struct domain *control_domain;
/* Calls refused for want of rights, since boot; a refusal counts itself and is
 * the answer, -EPERM. */
extern uint64_t domain_refusals;
long domain_refuse(void);

/* The vCPU or NULL; the index is masked against speculation. */
static inline struct vcpu *domain_vcpu(struct domain *d, uint64_t id)
{
	return id < d->max_vcpus ? d->vcpu[array_index_nospec(id, d->max_vcpus)] : NULL;
}

/* The guest cannot go on: it stops as if it had shut down with
 * SHUTDOWN_crash, with a reason that the log and the tools show; registers of
 * the current vCPU are logged when it is d's. Only sets state and pending
 * bits: returns to the caller, who leaves by the normal exit. */
void domain_crash(struct domain *d, const char *fmt, ...) PRINTF(2, 3);
/* SCHEDOP_shutdown: no vCPU of d runs again; remember why, set CPU_DOM_EXC. */
void domain_shutdown(struct domain *d, uint8_t reason);
/* Pausing and resuming are the scheduler's (sched/sched.h). */

/* Creation pieces used by control/lifecycle.c. */
MUST_CHECK int domain_alloc(domid_t id, uint32_t max_vcpus, struct domain **out);
/* Into the table, ids resolve from now on; false if the id is taken. */
MUST_CHECK bool domain_publish(struct domain *d);
/* Out of it again, if nobody holds a reference: then true, and free it. */
MUST_CHECK bool domain_unlink(struct domain *d);
void domain_free(struct domain *d);
/* What a vCPU that never runs again does not need; -ERESTART: some are left. */
MUST_CHECK int domain_free_vcpu_pages(struct domain *d);
/* Not d's yet: vcpu_publish() makes it so when every room has made its part. */
MUST_CHECK int vcpu_alloc(struct domain *d, uint32_t id, struct vcpu **out);
static inline void vcpu_publish(struct vcpu *v)
{
	__atomic_store_n(&v->domain->vcpu[v->id], v, __ATOMIC_RELEASE);
}

#endif
