/* SPDX-License-Identifier: MIT */
/* audit.c - every count recomputed from nothing, and compared.
 *
 * Guards: the invariant of docs/page-types.md, by finding any break of it.
 * One call takes a window of frames, walks all page tables of the machine,
 * all vCPUs and grants in use, and adds up what refers to the window; then it
 * compares.
 * A window is as large as the counters that fit into 16 frames, taken from
 * the heap for the duration of the call.
 */
#include "base/errno.h"
#include "base/string.h"
#include "domain/domain.h"
#include "mm/audit.h"
#include "mm/map.h"

#define COUNTER_ORDER	4
#define WINDOW		((PAGE_SIZE << COUNTER_ORDER) / sizeof(struct counter))

/* What refers to one frame. */
struct counter {
	uint32_t refs, types;
};

struct window {
	struct paravane_audit *a;
	struct counter *counter;
	uint64_t first, end;		/* frames [first, end) */
	uint64_t free;			/* frames in all free blocks */
};

static void differ(struct paravane_audit *a, uint64_t mfn, uint32_t kind,
		   uint64_t expected, uint64_t found)
{
	struct domain *d = owner_domain(frame_owner(frame_of(mfn_make(mfn))));

	if (a->errors++)
		return;
	a->bad_frame = mfn;
	a->bad_kind = kind;
	a->expected = expected;
	a->found = found;
	a->bad_domain = d ? d->id : DOMID_INVALID;
}

static void count(struct window *w, mfn_t m, bool typed)
{
	if (m.n < w->first || m.n >= w->end)
		return;
	w->counter[m.n - w->first].refs++;
	w->counter[m.n - w->first].types += typed;
}

static void count_if_any(struct window *w, mfn_t m)
{
	if (!mfn_eq(m, MFN_NONE))
		count(w, m, true);
}

/* Entries of a table that hold references. */
static unsigned entries_held(uint64_t use)
{
	if (use & USE_VALID)
		return 512;
	return (unsigned)((use & USE_PROGRESS) >> USE_PROGRESS_SHIFT) +
	       !!(use & USE_CHILD);
}

static void count_table(struct window *w, struct frame *f)
{
	const uint64_t *pt = mfn_to_virt(mfn_of(f));
	enum page_type t = use_type(f->use);

	for (unsigned i = 0; i < entries_held(f->use); i++) {
		uint64_t e = pt[i];

		if (!(e & PTE_P) || (t == PT_L4 && i >= HYP_SLOT_FIRST && i <= HYP_SLOT_LAST))
			continue;
		count(w, pte_mfn(e), t != PT_L1 || (e & PTE_RW));
	}
}

/* A frame's references on itself, and its entries'. Free blocks are passed
 * over whole. */
static uint64_t count_frame(struct window *w, uint64_t mfn)
{
	struct frame *f = frame_of(mfn_make(mfn));
	uint64_t use = f->use;

	if ((f->ref & REF_STATE) == REF_FREE) {
		w->free += 1UL << (f->ref >> REF_ORDER_SHIFT);
		return 1UL << (f->ref >> REF_ORDER_SHIFT);
	}
	if ((f->ref & REF_STATE) != REF_USED)
		return 1;
	if (mfn >= w->first && mfn < w->end) {
		struct counter *c = &w->counter[mfn - w->first];

		c->refs += !!(f->ref & REF_ALLOC);
		c->types += !!(f->ref & REF_LENT);
		if (type_is_table(use_type(use))) {
			unsigned self = !!(use & USE_PINNED) + !!(use & USE_SELF);

			c->refs += self;
			c->types += self;
		}
	}
	if (type_is_table(use_type(use)) && (use & USE_COUNT))
		count_table(w, f);
	return 1;
}

static void count_vcpu(struct window *w, struct vcpu *v)
{
	count_if_any(w, v->mm.kernel_root);
	count_if_any(w, v->mm.user_root);
	count_if_any(w, v->mm.dropping);
	count_if_any(w, v->evtchn.info_mfn);
	for (unsigned i = 0; i < ARRAY_SIZE(v->mm.gdt_frames); i++)
		count_if_any(w, v->mm.gdt_frames[i]);
	for (unsigned i = 0; i < 16; i++)
		if (v->mm.ldt_mapped & 1u << i)
			count(w, pte_mfn(*window_entry(v, 16 + i)), true);
}

/* An entry of d's grant table in use holds the frame, a writer its type too,
 * besides what the entries of page tables hold (grant/state.h). */
static void count_grants(struct window *w, const struct grant_domain *g)
{
	for (uint32_t i = 0; g->frame && i < g->frames; i++) {
		const struct grant_active *a = g->frame[i].active;

		for (unsigned j = 0; a && j < GRANTS_PER_FRAME; j++)
			if (a[j].readers || a[j].writers)
				count(w, mfn_make(a[j].mfn), a[j].writers);
	}
}

static void count_domains(struct window *w)
{
	struct domain *d;
	domid_t id = 0;

	while ((d = domain_get_next(id))) {
		for (unsigned i = 0; i < d->max_vcpus; i++)
			if (d->vcpu[i])
				count_vcpu(w, d->vcpu[i]);
		count_grants(w, &d->grant);
		id = (domid_t)(d->id + 1);
		domain_put(d);
	}
}

static uint64_t check_free(struct window *w, uint64_t mfn)
{
	uint64_t size = 1UL << (frame_of(mfn_make(mfn))->ref >> REF_ORDER_SHIFT);

	for (uint64_t i = 1; i < size; i++) {
		struct frame *f = frame_of(mfn_make(mfn + i));

		if (f->ref != REF_RESERVED)
			differ(w->a, mfn + i, PARAVANE_AUDIT_FREE, REF_RESERVED, f->ref);
	}
	return size;
}

static uint64_t check_frame(struct window *w, uint64_t mfn)
{
	struct frame *f = frame_of(mfn_make(mfn));
	struct counter *c = &w->counter[mfn - w->first];
	uint64_t use = f->use;

	w->a->walked++;
	switch (f->ref & REF_STATE) {
	case REF_FREE:
		return check_free(w, mfn);
	case REF_USED:
		break;
	case REF_IO:
		return 1;	/* mappings of these are not counted */
	default:
		if (c->refs)
			differ(w->a, mfn, PARAVANE_AUDIT_ENTRY, 0, c->refs);
		return 1;
	}
	if ((f->ref & REF_COUNT) != c->refs)
		differ(w->a, mfn, PARAVANE_AUDIT_REFS, c->refs, f->ref & REF_COUNT);
	if ((use & USE_COUNT) != c->types)
		differ(w->a, mfn, PARAVANE_AUDIT_TYPE_REFS, c->types, use & USE_COUNT);
	if (type_is_table(use_type(use)) && (use & USE_COUNT) &&
	    !(use & (USE_VALID | USE_PARTIAL)))
		differ(w->a, mfn, PARAVANE_AUDIT_TYPE, USE_VALID, use);
	if (frame_owner(f) != OWNER_XEN && !owner_domain(frame_owner(f)))
		differ(w->a, mfn, PARAVANE_AUDIT_OWNER, OWNER_XEN, frame_owner(f));
	return 1;
}

/* tour 13: every count once more, from nothing. */
int mm_audit(struct paravane_audit *a)
{
	struct frame *room;
	struct window w = { .a = a, .first = a->next };

	if (!a->next)
		*a = (struct paravane_audit){ .bad_domain = DOMID_INVALID };
	if (a->next >= max_mfn)
		return -EINVAL;
	room = heap_take(COUNTER_ORDER);
	if (!room)
		return -ENOMEM;
	w.counter = mfn_to_virt(mfn_of(room));
	w.end = MIN(w.first + WINDOW, max_mfn);
	memset(w.counter, 0, (w.end - w.first) * sizeof(*w.counter));

	for (uint64_t n = 0; n < max_mfn; )
		n += count_frame(&w, n);
	count_domains(&w);
	for (uint64_t n = w.first; n < w.end; )
		n += check_frame(&w, n);

	for (unsigned i = 0; i < 1u << COUNTER_ORDER; i++)
		(room + i)->use = (room[i].use & USE_STAMP) | SERIAL_XEN;
	heap_give(room, COUNTER_ORDER);
	a->free = w.free + (1u << COUNTER_ORDER);
	if (a->free != heap_free_frames())
		differ(a, 0, PARAVANE_AUDIT_FREE, a->free, heap_free_frames());
	a->next = w.end;
	return a->next < max_mfn ? -ERESTART : 0;
}
