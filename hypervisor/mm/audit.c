/* SPDX-License-Identifier: MIT */
/* audit.c - every count recomputed from nothing, and compared.
 *
 * Guards: the invariant of docs/page-types.md, by finding any break of it.
 * One call takes a window of frames, adds up what refers to them in the whole
 * machine (audit_count.c), and compares with their records; what concerns the
 * machine as a whole is compared in the first window. A window is as large as
 * the counters that fit into the largest block of free frames, so that the
 * work grows with the machine and not with its square. All other CPUs stand
 * still during a window, with no lock held: every count is somebody's then.
 */
#include "base/errno.h"
#include "base/string.h"
#include "cpu/cpus.h"
#include "domain/domain.h"
#include "mm/audit.h"
#include "mm/audit_window.h"
#include "mm/descriptor.h"
#include "mm/heap.h"
#include "mm/owner.h"

/* 4,096 frames a window at least. */
#define COUNTER_ORDER_MIN	4
#define USE_TABLE_FLAGS	(USE_VALID | USE_PARTIAL | USE_CHILD | USE_FAILED | USE_SELF | USE_PINNED)

void audit_differ(struct window *w, uint64_t mfn, uint32_t kind,
		  uint64_t expected, uint64_t found)
{
	struct paravane_audit *a = w->a;
	struct domain *d;

	if (a->errors++)
		return;
	d = mfn < max_mfn ? owner_domain(frame_owner(frame_of(mfn_make(mfn)))) : NULL;
	a->bad_frame = mfn;
	a->bad_kind = kind;
	a->expected = expected;
	a->found = found;
	a->bad_domain = d ? d->id : DOMID_INVALID;
}

static void check(struct window *w, uint64_t mfn, uint32_t kind,
		  uint64_t expected, uint64_t found)
{
	if (expected != found)
		audit_differ(w, mfn, kind, expected, found);
}

/* A block of its list: its neighbours know it, nobody refers to its frames,
 * and no guest can believe that it has one. */
static uint64_t check_free(struct window *w, uint64_t mfn)
{
	const struct frame *f = frame_of(mfn_make(mfn));
	uint64_t size = 1UL << (f->ref >> REF_ORDER_SHIFT);

	if (f->prev)
		check(w, mfn, PARAVANE_AUDIT_FREE, mfn, frame_of(mfn_make(f->prev))->next);
	else
		check(w, mfn, PARAVANE_AUDIT_FREE, mfn,
		      heap_first((unsigned)(f->ref >> REF_ORDER_SHIFT)));
	if (f->next) {
		check(w, mfn, PARAVANE_AUDIT_FREE, mfn, frame_of(mfn_make(f->next))->prev);
		check(w, f->next, PARAVANE_AUDIT_FREE, f->ref, frame_of(mfn_make(f->next))->ref);
	}
	for (uint64_t n = mfn; n < mfn + size; n++) {
		check(w, n, PARAVANE_AUDIT_FREE, 0, w->counter[n - w->first].refs);
		check(w, n, PARAVANE_AUDIT_M2P, M2P_INVALID, m2p_write[n]);
		if (n > mfn)
			check(w, n, PARAVANE_AUDIT_FREE, REF_RESERVED, frame_of(mfn_make(n))->ref);
	}
	return size;
}

/* Which flags may go with which type and count. */
static void check_use(struct window *w, uint64_t mfn, const struct frame *f)
{
	uint64_t use = f->use, flags = use & USE_TABLE_FLAGS;

	if (!(use & USE_COUNT) || !type_is_table(use_type(use)))
		check(w, mfn, PARAVANE_AUDIT_TYPE, 0, flags);
	else if (flags & USE_PARTIAL)	/* somebody's one reference on half a table */
		check(w, mfn, PARAVANE_AUDIT_TYPE, 1, use & USE_COUNT);
	else
		check(w, mfn, PARAVANE_AUDIT_TYPE, USE_VALID, flags & ~USE_PINNED);
	if (use_type(use) == PT_SEGDESC && (use & USE_COUNT)) {
		const uint64_t *desc = mfn_to_virt(mfn_make(mfn));

		for (unsigned i = 0; i < PAGE_SIZE / sizeof(*desc); i++) {
			uint64_t d = desc[i];

			if (!descriptor_check(&d) || d != desc[i])
				audit_differ(w, mfn, PARAVANE_AUDIT_ENTRY, d, desc[i]);
		}
	}
}

static void check_used(struct window *w, uint64_t mfn, const struct frame *f)
{
	const struct counter *c = &w->counter[mfn - w->first];

	if (c->uses < 0 || c->writers < 0)	/* mapped by another, not granted */
		audit_differ(w, mfn, PARAVANE_AUDIT_GRANT, 0, (uint64_t)-MIN(c->uses, c->writers));
	check_use(w, mfn, f);
	check(w, mfn, PARAVANE_AUDIT_REFS, c->refs, f->ref & REF_COUNT);
	check(w, mfn, PARAVANE_AUDIT_TYPE_REFS, c->types, f->use & USE_COUNT);
	if (frame_owner(f) == OWNER_XEN) {
		check(w, mfn, PARAVANE_AUDIT_REFS, 1, f->ref & REF_COUNT);
		check(w, mfn, PARAVANE_AUDIT_M2P, M2P_INVALID, m2p_write[mfn]);
	} else if (!owner_domain(frame_owner(f))) {
		audit_differ(w, mfn, PARAVANE_AUDIT_OWNER, OWNER_XEN, frame_owner(f));
	}
}

static uint64_t check_frame(struct window *w, uint64_t mfn)
{
	const struct frame *f = frame_of(mfn_make(mfn));

	switch (f->ref & REF_STATE) {
	case REF_FREE:
		return check_free(w, mfn);
	case REF_USED:
		check_used(w, mfn, f);
		return 1;
	case REF_IO:
		return 1;	/* mappings of these are not counted */
	}
	check(w, mfn, PARAVANE_AUDIT_ENTRY, 0, w->counter[mfn - w->first].refs);
	check(w, mfn, PARAVANE_AUDIT_M2P, M2P_INVALID, m2p_write[mfn]);
	return 1;
}

static void check_machine(struct window *w)
{
	w->a->free = w->free;
	check(w, 0, PARAVANE_AUDIT_FREE, w->free, heap_free_frames());
	check(w, 0, PARAVANE_AUDIT_LIST, w->owned, w->listed);
	check(w, 0, PARAVANE_AUDIT_LIST, w->lent, w->shared);
	check(w, 0, PARAVANE_AUDIT_GRANT, w->mappings, w->pins);
}

static void run_window(struct window *w)
{
	memset(w->counter, 0, (w->end - w->first) * sizeof(*w->counter));
	audit_count(w);
	for (uint64_t n = w->first; n < w->end; )
		n += check_frame(w, n);
	w->a->walked += w->end - w->first;
	if (!w->first)
		check_machine(w);
}

/* tour 13: every count once more, from nothing. */
int mm_audit(struct paravane_audit *a)
{
	struct window w = { .a = a, .first = a->next };
	unsigned order = HEAP_MAX_ORDER;
	struct frame *room;
	int rc = 0;

	if (!a->next)
		*a = (struct paravane_audit){ .bad_domain = DOMID_INVALID, .spoil = a->spoil };
	if (a->next >= max_mfn || (!CONFIG_DEBUG && a->spoil))
		return -EINVAL;
	while (!(room = heap_take(order)))
		if (order-- == COUNTER_ORDER_MIN)
			return -ENOMEM;
	w.counter = mfn_to_virt(mfn_of(room));
	w.end = MIN(w.first + (PAGE_SIZE << order) / sizeof(*w.counter), max_mfn);
	cpus_hold();
	if (!a->spoil || audit_spoil(a->spoil))
		run_window(&w);
	else
		rc = -ENOENT;
	audit_mend();
	cpus_release();
	for (unsigned i = 0; i < 1u << order; i++)
		room[i].use = (room[i].use & USE_STAMP) | SERIAL_XEN;
	heap_give(room, order);
	if (!w.first)
		a->free += 1u << order;		/* ours for the time */
	a->next = w.end;
	return rc ? rc : a->next < max_mfn ? -ERESTART : 0;
}
