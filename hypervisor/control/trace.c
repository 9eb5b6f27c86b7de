/* SPDX-License-Identifier: MIT */
/* trace.c - the calls of a domain, written down while somebody watches.
 *
 * Guards: a domain that is not traced pays nothing: its vCPUs never come here.
 * One that is has a ring of pages of ours, which goes with the trace, with the
 * domain, or when nobody has read it for a while: who reads it may be killed.
 * Invariant: d->trace.ring changes with both locks held, LIFECYCLE's and TRACE;
 * but the timer needs no more than TRACE, for a ring that is not being read.
 * So who has the lifecycle lock and has just read may use it without the other.
 * Not here: whose calls come here (entry/entry.S), names (tools).
 */
#include "control/trace.h"

#include "evtchn/evtchn.h"
#include "guest/access.h"
#include "mm/mm.h"
#include "sched/sched.h"
#include "time/time.h"

#define RING_PAGES	32U
#define PER_PAGE	((uint32_t)(PAGE_SIZE / sizeof(struct paravane_trace_record)))
#define ROOM		(RING_PAGES * PER_PAGE)
/* A vCPU has at most two: a multicall, and one in it. */
#define MAX_UNDER_WAY	(2 * MAX_VCPUS)
#define LEASE_NS	(PARAVANE_TRACE_LEASE * NS_PER_SECOND)

/* Budget units of writing one down, and of handing one out. */
#define RECORD_UNITS	8
#define READ_UNITS	3

/* The first of its pages. The counters go round. */
struct trace_ring {
	/* fixed */
	uint32_t id;
	bool wait;			/* rather than lose a call */
	/* lifecycle lock */
	uint32_t got;			/* records taken out */
	/* TRACE lock */
	uint32_t put;			/* records written; `got` + ROOM at most */
	uint32_t seen;			/* calls that were asked for */
	uint64_t read_ns;		/* when somebody read last */
	/* fixed */
	struct paravane_trace_record *page[RING_PAGES];
};
_Static_assert(sizeof(struct trace_ring) <= PAGE_SIZE && ROOM == PARAVANE_TRACE_ROOM,
	       "as the interface says");

static struct spinlock lock = SPINLOCK_INIT(TRACE);
static uint32_t last_id;

static struct paravane_trace_record *slot(struct trace_ring *r, uint32_t n)
{
	n %= ROOM;
	return &r->page[n / PER_PAGE][n % PER_PAGE];
}

bool trace_full(struct vcpu *v)
{
	const struct trace_ring *r;
	bool full;

	spin_lock(&lock);
	r = v->domain->trace.ring;
	full = r && r->wait && r->put - READ_ONCE(r->got) > ROOM - MAX_UNDER_WAY;
	spin_unlock(&lock);
	if (full)
		sched_yield(v);
	return full;
}

void trace_call(struct vcpu *v, uint64_t nr, const struct hcall *asked,
		uint64_t structure, long result, uint64_t when, uint64_t ticks)
{
	struct trace_ring *r;
	struct paravane_trace_record n = {
		.when_ns = when,
		.result = (uint64_t)result,
		.call = (uint32_t)MIN(nr, UINT32_MAX),
		.ticks = (uint32_t)MIN(ticks, UINT32_MAX),
		.vcpu = (uint16_t)v->id,
		.flags = v->in_multicall ? PARAVANE_TRACE_INNER : 0,
	};
	bool wake = v->domain->shutdown; /* nothing more will come */

	__builtin_memcpy(n.arg, asked->arg, sizeof(n.arg));
	if (structure && !copy_from_guest(n.item, structure, sizeof(n.item)))
		n.flags |= PARAVANE_TRACE_ITEM;
	spin_lock(&lock);
	r = v->domain->trace.ring;
	if (r) {
		n.number = r->seen++;
		if (r->put - READ_ONCE(r->got) < ROOM) {
			*slot(r, r->put) = n;
			__atomic_store_n(&r->put, r->put + 1, __ATOMIC_RELEASE);
			wake |= r->put - READ_ONCE(r->got) == ROOM / 2;
		}
	}
	spin_unlock(&lock);
	if (wake)
		evtchn_virq_global(control_domain, VIRQ_TBUF);
	(void)budget_left(RECORD_UNITS);
}

static void ring_free(struct trace_ring *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < RING_PAGES && r->page[i]; i++)
		page_free(r->page[i]);
	page_free(r);
}

static struct trace_ring *ring_alloc(void)
{
	struct trace_ring *r = page_alloc();

	for (unsigned i = 0; r && i < RING_PAGES; i++) {
		r->page[i] = page_alloc();
		if (!r->page[i]) {
			ring_free(r);
			r = NULL;
		}
	}
	return r;
}

/* Whether its calls come here. TRACE lock. */
static void route(struct domain *d, uint64_t calls)
{
	WRITE_ONCE(d->trace.calls, calls);
	for (uint32_t i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			WRITE_ONCE(d->vcpu[i]->traced, calls != 0);
}

/* Unless it was read after `since`. */
static void end_unread(struct domain *d, uint64_t since)
{
	struct trace_ring *r;

	spin_lock(&lock);
	r = d->trace.ring;
	if (r && r->read_ns > since) {
		timer_set(&d->time.trace, r->read_ns + LEASE_NS);
		r = NULL;
	} else if (r) {
		d->trace.ring = NULL;
		route(d, 0);
	}
	spin_unlock(&lock);
	ring_free(r);
}

void trace_end(struct domain *d)
{
	end_unread(d, UINT64_MAX);
}

void trace_overdue(struct domain *d)
{
	end_unread(d, time_now() - LEASE_NS);
}

static long start(struct domain *d, struct paravane_trace *t)
{
	struct trace_ring *r;

	if (d->life != DOMAIN_ALIVE)
		return -ESRCH;
	if (!t->calls)
		return -EINVAL;
	if (d->trace.ring)
		return -EBUSY;
	r = ring_alloc();
	if (!r)
		return -ENOMEM;
	t->trace = r->id = ++last_id;
	r->wait = (t->flags & PARAVANE_TRACE_WAIT) && !d->control;
	r->read_ns = time_now();
	spin_lock(&lock);
	d->trace.ring = r;
	route(d, t->calls);
	timer_set(&d->time.trace, r->read_ns + LEASE_NS);
	spin_unlock(&lock);
	return 0;
}

/* That trace of d's, which from now on stays for a while; or NULL. */
static struct trace_ring *read_begin(struct domain *d, uint32_t id)
{
	struct trace_ring *r;

	spin_lock(&lock);
	r = d->trace.ring;
	if (r && r->id == id)
		r->read_ns = time_now();
	else
		r = NULL;
	spin_unlock(&lock);
	return r;
}

static long read(struct trace_ring *r, struct paravane_trace *t)
{
	uint32_t room = t->count;

	t->count = 0;
	/* Before the records: what is not among them by then was lost. */
	t->number = READ_ONCE(r->seen);
	while (t->count < room && r->got != __atomic_load_n(&r->put, __ATOMIC_ACQUIRE)) {
		const struct paravane_trace_record *from = slot(r, r->got);

		if (copy_to_guest(t->buffer + t->count * sizeof(*from), from, sizeof(*from)))
			return -EFAULT;
		__atomic_store_n(&r->got, r->got + 1, __ATOMIC_RELEASE);
		t->count++;
		if (!budget_left(READ_UNITS))
			break;
	}
	return 0;
}

long trace_control(uint32_t op, struct paravane_trace *t)
{
	struct domain *d = domain_get_by_id(t->domain);
	struct trace_ring *r;
	long rc = 0;

	if (!d)
		return -ESRCH;
	t->now_ns = time_now();
	if (op == PARAVANE_OP_trace_start) {
		rc = start(d, t);
	} else {
		r = read_begin(d, t->trace);
		if (!r)
			rc = -ESRCH;
		else if (op == PARAVANE_OP_trace_read)
			rc = read(r, t);
		else
			trace_end(d);
	}
	domain_put(d);
	return rc;
}
