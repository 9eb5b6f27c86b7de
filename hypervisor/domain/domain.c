/* SPDX-License-Identifier: MIT */
/* domain.c - the table of domains, and references to them.
 *
 * Guards: an id names at most one domain; whoever found a domain by its id
 * holds a reference, and a domain is freed only when nobody does.
 * Invariant: the table itself holds one reference. domain_unlink() drops it
 * together with the entry, and only if it is the last one, so that nobody
 * can find a domain that is about to be freed.
 * Not here: why a domain stops (stop.c), creation order (control/lifecycle.c).
 */
#include "domain/domain.h"

#include "base/errno.h"
#include "base/log.h"
#include "base/refusal.h"
#include "base/string.h"
#include "cpu/features.h"
#include "mm/mm.h"

_Static_assert(sizeof(struct domain) <= PAGE_SIZE, "a domain is one frame");
_Static_assert(sizeof(struct vcpu) <= PAGE_SIZE, "a vCPU is one frame");
_Static_assert(256 * sizeof(struct trap_gate) <= PAGE_SIZE, "gates are one frame");

#define BUCKETS		64
#define VCPU_UNITS	4	/* of the budget, to look at one */

static struct spinlock list_lock = SPINLOCK_INIT(DOMAIN_LIST);
/* DOMAIN_LIST lock; domains by id, linked by `next` */
static struct domain *table[BUCKETS];
/* DOMAIN_LIST lock; the same domains by id, linked by `after` */
static struct domain *lowest;

AFTER_BOOT_RO struct domain *control_domain;
uint64_t domain_refusals;

/* DOMAIN_LIST lock held: where the domain of that id hangs, or would. */
static struct domain **find(domid_t id)
{
	struct domain **at = &table[id % BUCKETS];

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

/* DOMAIN_LIST lock held: what leads to the lowest id that is not below `from`. */
static struct domain **place(domid_t from)
{
	struct domain **at = &lowest;

	while (*at && (*at)->id < from)
		at = &(*at)->after;
	return at;
}

struct domain *domain_get_by_id(domid_t id)
{
	struct domain *d;

	spin_lock(&list_lock);
	d = *find(id);
	if (d)
		domain_hold(d);
	spin_unlock(&list_lock);
	return d;
}

struct domain *domain_get_next(domid_t from)
{
	struct domain *d;

	spin_lock(&list_lock);
	d = *place(from);
	if (d)
		domain_hold(d);
	spin_unlock(&list_lock);
	return d;
}

struct domain *domain_get_next_ended(domid_t from)
{
	struct domain *d;

	spin_lock(&list_lock);
	d = *place(from);
	while (d && d->life != DOMAIN_DEAD && !d->shutdown)
		d = d->after;
	if (d)
		domain_hold(d);
	spin_unlock(&list_lock);
	return d;
}

/* Who is held is in the list, and so knows who comes after. */
struct domain *domain_put_next(struct domain *d)
{
	struct domain *next;

	spin_lock(&list_lock);
	next = d->after;
	if (next)
		domain_hold(next);
	spin_unlock(&list_lock);
	domain_put(d);
	return next;
}

/* The last reference but the table's went: a dead domain may be freed. Should
 * it be already, between the two lines, its page says something or other: one
 * look of the reaper's too many. */
void domain_put(struct domain *d)
{
	uint32_t left = __atomic_sub_fetch(&d->refs, 1, __ATOMIC_ACQ_REL);

	BUG_ON(!left);
	if (left == 1 && READ_ONCE(d->life) == DOMAIN_DEAD)
		cpu_pend(this_cpu(), CPU_REAP);
}

struct domain *domain_get_named(struct vcpu *v, domid_t id)
{
	if (id != DOMID_SELF)
		return domain_get_by_id(id);
	domain_hold(v->domain);
	return v->domain;
}

long domain_refuse(void)
{
	__atomic_fetch_add(&domain_refusals, 1, __ATOMIC_RELAXED);
	return REFUSE(-EPERM, CONTROL_ONLY);
}

int domain_get_target(struct vcpu *v, domid_t id, struct domain **out)
{
	struct domain *self = v->domain, *d;

	if (id == DOMID_SELF || id == self->id) {
		domain_hold(self);
		*out = self;
		return 0;
	}
	d = domain_get_by_id(id);
	if (!d)
		return -ESRCH;
	if (!self->control) {
		domain_put(d);
		domain_refuse();
		return REFUSE(-EPERM, NO_POWER);
	}
	*out = d;
	return 0;
}

int domain_alloc(domid_t id, uint32_t max_vcpus, struct domain **out)
{
	struct domain *d;

	if (!max_vcpus || max_vcpus > MAX_VCPUS)
		return -EINVAL;
	d = page_alloc();
	if (!d)
		return -ENOMEM;
	d->id = id;
	d->max_vcpus = max_vcpus;
	d->refs = 1;
	d->shutdown_code = SHUTDOWN_CODE_NONE;
	spin_init(&d->lock, RANK_DOMAIN);
	*out = d;
	return 0;
}

bool domain_publish(struct domain *d)
{
	struct domain **at, **list;
	bool free;

	spin_lock(&list_lock);
	at = find(d->id);
	free = !*at;
	if (free) {
		*at = d;
		list = place(d->id);
		d->after = *list;
		*list = d;
	}
	spin_unlock(&list_lock);
	return free;
}

bool domain_unlink(struct domain *d)
{
	uint32_t table_only = 1;
	bool last;

	spin_lock(&list_lock);
	last = __atomic_compare_exchange_n(&d->refs, &table_only, 0, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	if (last) {
		*find(d->id) = d->next;
		*place(d->id) = d->after;
	}
	spin_unlock(&list_lock);
	return last;
}

static void vcpu_free_pages(struct vcpu *v)
{
	if (v->traps.gates)
		page_free(v->traps.gates);
	if (v->emul.xstate)
		page_free(v->emul.xstate);
	v->traps.gates = NULL;
	v->emul.xstate = NULL;
}

static void vcpu_free(struct vcpu *v)
{
	vcpu_free_pages(v);
	page_free(v);
}

int domain_free_vcpu_pages(struct domain *d)
{
	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		struct vcpu *v = d->vcpu[i];

		if (!v || !v->traps.gates)
			continue;
		v->initialised = false;	/* so nobody asks for its registers */
		vcpu_free_pages(v);
		if (!budget_left(VCPU_UNITS))
			return -ERESTART;
	}
	return 0;
}

void domain_free(struct domain *d)
{
	for (uint32_t i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_free(d->vcpu[i]);
	page_free(d);
}

int vcpu_alloc(struct domain *d, uint32_t id, struct vcpu **out)
{
	struct vcpu *v = page_alloc();
	int rc = -ENOMEM;

	if (!v)
		return -ENOMEM;
	v->domain = d;
	v->id = id;
	v->frame.vector = ENTRY_NONE;
	v->kernel_mode = true;
	BUG_ON(cpu_features.xstate_size > PAGE_SIZE);
	v->traps.gates = page_alloc();
	v->emul.xstate = page_alloc();
	if (v->traps.gates && v->emul.xstate)
		rc = mm_vcpu_init(v);
	if (rc) {
		vcpu_free(v);
		return rc;
	}
	*out = v;
	return 0;
}
