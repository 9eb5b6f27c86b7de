/* SPDX-License-Identifier: MIT */
/* owner.c - whose frame it is.
 *
 * Guards: a frame reaches a new owner clean and flushed: scrubbed unless the
 * same domain had it last, and no CPU remembers a translation of it.
 * Invariant: d->mm.frames is the length of d's circular list; a domain with
 * frames is held, so a slot number in a record always names a live one.
 * Frames lent to a domain are in no list.
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "cpu/tlb.h"
#include "domain/domain.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/owner.h"
#include "mm/page_type.h"

/* Budget units of clearing one page. */
#define SCRUB_UNITS	22
#define RELEASE_UNITS	14	/* of giving one to the heap */

uint64_t max_mfn;
uint64_t *m2p_write;

static struct domain *owners[MAX_OWNERS];
static uint64_t next_serial = SERIAL_FIRST;

int owner_register(struct domain *d)
{
	for (uint16_t slot = OWNER_FIRST; slot < MAX_OWNERS; slot++) {
		struct domain *none = NULL;

		if (!__atomic_compare_exchange_n(&owners[slot], &none, d, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		d->mm.slot = slot;
		d->mm.serial = __atomic_fetch_add(&next_serial, 1, __ATOMIC_RELAXED);
		return 0;
	}
	return -ENOMEM;
}

void owner_unregister(struct domain *d)
{
	BUG_ON(d->mm.frames || owners[d->mm.slot] != d);
	__atomic_store_n(&owners[d->mm.slot], NULL, __ATOMIC_RELEASE);
}

struct domain *owner_domain(uint16_t slot)
{
	return slot >= OWNER_FIRST && slot < MAX_OWNERS ? owners[slot] : NULL;
}

static void list_add(struct domain *d, uint32_t n)
{
	struct frame *f = frame_of(mfn_make(n)), *head;

	if (!d->mm.frame_list) {
		d->mm.frame_list = f->next = f->prev = n;
		return;
	}
	head = frame_of(mfn_make(d->mm.frame_list));
	f->next = d->mm.frame_list;
	f->prev = head->prev;
	frame_of(mfn_make(f->prev))->next = n;
	head->prev = n;
}

static void list_del(struct domain *d, uint32_t n)
{
	struct frame *f = frame_of(mfn_make(n));

	if (f->next == n) {
		d->mm.frame_list = 0;
		return;
	}
	frame_of(mfn_make(f->next))->prev = f->prev;
	frame_of(mfn_make(f->prev))->next = f->next;
	if (d->mm.frame_list == n)
		d->mm.frame_list = f->next;
}

/* Room for n more frames in d; the domain is held while it has any. That it
 * lives is asked again when each is its. */
static bool charge(struct domain *d, uint32_t n, bool over)
{
	bool ok, first;

	spin_lock(&d->mm.list_lock);
	ok = d->life == DOMAIN_ALIVE &&
	     (over || (d->mm.frames <= d->mm.max_frames &&
		       n <= d->mm.max_frames - d->mm.frames));
	first = ok && !d->mm.frames;
	if (ok)
		d->mm.frames += n;
	if (first)
		domain_hold(d);
	spin_unlock(&d->mm.list_lock);
	return ok;
}

static void uncharge(struct domain *d, uint32_t n)
{
	bool last;

	spin_lock(&d->mm.list_lock);
	d->mm.frames -= n;
	last = !d->mm.frames;
	spin_unlock(&d->mm.list_lock);
	if (last)
		domain_put(d);
}

/* A frame from the heap or from boot becomes d's, already charged, with so
 * many references. Not any more when d is dying: the lock decides whether the
 * end of its life comes first, or teardown's walk of the list (mm/teardown.c)
 * finds the frame there with its reference. */
MUST_CHECK static bool assign(struct domain *d, struct frame *f, uint64_t refs)
{
	bool alive;

	uint64_t last = f->use & USE_SERIAL;

	tlb_flush_since(use_stamp(f->use), 0);
	if (last != d->mm.serial &&
	    !(last == SERIAL_NEVER && d->mm.serial == SERIAL_FIRST)) {
		memset(mfn_to_virt(mfn_of(f)), 0, PAGE_SIZE);
		(void)budget_left(SCRUB_UNITS);
	}
	f->use = use_make(PT_NONE, 0) | (f->use & USE_STAMP);
	spin_lock(&d->mm.list_lock);
	alive = d->life == DOMAIN_ALIVE;
	if (likely(alive)) {
		list_add(d, (uint32_t)mfn_of(f).n);
		__atomic_store_n(&f->ref, REF_USED | REF_ALLOC | refs |
				 (uint64_t)d->mm.slot << REF_OWNER_SHIFT, __ATOMIC_RELEASE);
	}
	spin_unlock(&d->mm.list_lock);
	return alive;
}

/* A frame that could not become d's. */
static void unassigned(struct domain *d, struct frame *f)
{
	f->use = d->mm.serial | stamp_now();
	heap_give(f, 0);
	uncharge(d, 1);
}

static struct frame *alloc(struct domain *d, unsigned order, bool over, uint64_t refs)
{
	bool all = true;
	struct frame *f;

	if (order > HEAP_MAX_ORDER || !charge(d, 1u << order, over))
		return NULL;
	f = heap_take(order);
	if (!f) {
		uncharge(d, 1u << order);
		return NULL;
	}
	for (unsigned i = 0; i < 1u << order; i++) {
		all = all && assign(d, f + i, refs);
		if (unlikely(!all))
			unassigned(d, f + i);
	}
	return all ? f : NULL;
}

struct frame *domain_frame_alloc(struct domain *d, unsigned order)
{
	return alloc(d, order, false, 1);
}

struct frame *domain_frame_alloc_over(struct domain *d)
{
	return alloc(d, 0, true, 2);
}

bool domain_has_room(struct domain *d, uint32_t n)
{
	bool ok;

	spin_lock(&d->mm.list_lock);
	ok = d->mm.frames <= d->mm.max_frames && n <= d->mm.max_frames - d->mm.frames;
	spin_unlock(&d->mm.list_lock);
	return ok;
}

bool domain_frame_add(struct domain *d, struct frame *f)
{
	if (!charge(d, 1, false))
		return false;
	if (likely(assign(d, f, 1)))
		return true;
	f->use = d->mm.serial | stamp_now();	/* d saw it last, whoever gets it next */
	uncharge(d, 1);
	return false;
}

void frame_set_m2p(struct frame *f, uint16_t owner, uint64_t pfn)
{
	if (!frame_get(f, owner))
		return;
	m2p_write[mfn_of(f).n] = pfn;
	frame_put(f);
}

void frame_adopt(mfn_t m, struct domain *d)
{
	struct frame *f = frame_of(m);

	BUG_ON(!mfn_valid(m) || (f->ref & REF_STATE) != REF_RESERVED);
	BUG_ON(!charge(d, 1, true));
	f->use = d->mm.serial;		/* its content is meant for d */
	BUG_ON(!assign(d, f, 1));
}

void frames_add_io(mfn_t start, mfn_t end)
{
	for (uint64_t n = start.n; n < end.n && n < max_mfn; n++)
		frame_of(mfn_make(n))->ref =
			REF_IO | (uint64_t)OWNER_IO << REF_OWNER_SHIFT;
}

bool frame_disown(struct frame *f)
{
	uint64_t x = READ_ONCE(f->ref);

	do {
		if (!(x & REF_ALLOC) || (x & REF_LENT))
			return false;
	} while (!__atomic_compare_exchange_n(&f->ref, &x, (x & ~REF_ALLOC) - 1, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return true;
}

bool frame_steal(struct frame *f)
{
	uint64_t x = READ_ONCE(f->ref);

	do {
		if ((x & (REF_ALLOC | REF_LENT | REF_COUNT)) != (REF_ALLOC | 2))
			return false;
	} while (!__atomic_compare_exchange_n(&f->ref, &x, (x & ~REF_ALLOC) - 2, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	frame_release(f);
	return true;
}

struct frame *domain_frame_rotate(struct domain *d)
{
	struct frame *f = NULL;

	spin_lock(&d->mm.list_lock);
	if (d->mm.frame_list) {
		f = frame_of(mfn_make(d->mm.frame_list));
		d->mm.frame_list = f->next;
	}
	spin_unlock(&d->mm.list_lock);
	return f;
}

void domain_frame_first(struct domain *d, struct frame *f)
{
	spin_lock(&d->mm.list_lock);
	d->mm.frame_list = (uint32_t)mfn_of(f).n;
	spin_unlock(&d->mm.list_lock);
}

void frame_release(struct frame *f)
{
	struct domain *d = owner_domain(frame_owner(f));
	uint64_t serial = d ? d->mm.serial : SERIAL_XEN;

	(void)budget_left(RELEASE_UNITS);
	BUG_ON(f->use & USE_COUNT);
	if (unlikely(f->ref & REF_ALIAS))
		frame_clean_caches(f);
	if (d) {
		spin_lock(&d->mm.list_lock);
		list_del(d, (uint32_t)mfn_of(f).n);
		spin_unlock(&d->mm.list_lock);
		m2p_write[mfn_of(f).n] = M2P_INVALID;
	}
	f->use = serial | stamp_now();
	heap_give(f, 0);
	if (d)
		uncharge(d, 1);
}

void *page_alloc(void)
{
	struct frame *f = heap_take(0);
	void *page;

	if (!f)
		return NULL;
	tlb_flush_since(use_stamp(f->use), 0);
	f->use = use_make(PT_NONE, 0) | (f->use & USE_STAMP);
	page = mfn_to_virt(mfn_of(f));
	memset(page, 0, PAGE_SIZE);
	__atomic_store_n(&f->ref, REF_USED | REF_ALLOC | 1 |
			 (uint64_t)OWNER_XEN << REF_OWNER_SHIFT, __ATOMIC_RELEASE);
	return page;
}

void page_free(void *page)
{
	struct frame *f = frame_of(virt_to_mfn(page));

	BUG_ON(f->ref & REF_LENT || !frame_disown(f));
	if (!(f->ref & REF_COUNT))
		frame_release(f);
}

void frame_lend(void *page, struct domain *d, bool writable)
{
	struct frame *f = frame_of(virt_to_mfn(page));

	BUG_ON(frame_owner(f) != OWNER_XEN || (f->ref & REF_COUNT) != 1);
	/* one count of our own keeps the type from ever changing */
	f->use = use_make(writable ? PT_WRITABLE : PT_NONE, 1) | (f->use & USE_STAMP);
	m2p_write[mfn_of(f).n] = M2P_INVALID;
	__atomic_fetch_add(&d->mm.shared_frames, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&f->ref, REF_USED | REF_ALLOC | REF_LENT | 1 |
			 (uint64_t)d->mm.slot << REF_OWNER_SHIFT, __ATOMIC_RELEASE);
}

void frame_unlend(void *page)
{
	struct frame *f = frame_of(virt_to_mfn(page));
	struct domain *d = owner_domain(frame_owner(f));
	uint64_t x = READ_ONCE(f->ref), y;

	BUG_ON(!d || !(x & REF_LENT));
	__atomic_fetch_sub(&d->mm.shared_frames, 1, __ATOMIC_RELAXED);
	m2p_write[mfn_of(f).n] = M2P_INVALID;
	type_put_simple(f);
	do {
		y = (x & ~(REF_OWNER | REF_LENT | REF_ALLOC)) - 1;
		y |= (uint64_t)OWNER_XEN << REF_OWNER_SHIFT;
	} while (!__atomic_compare_exchange_n(&f->ref, &x, y, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (!(y & REF_COUNT))
		frame_release(f);
}
