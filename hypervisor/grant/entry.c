/* SPDX-License-Identifier: MIT */
/* entry.c - beginning and ending the use of a granted frame.
 *
 * Guards: an entry is read whole, once, and claimed by one compare-and-swap
 * of all of it, so that what was checked is what is used. From the first use
 * to the last the frame is held, and a frame that is held changes neither
 * owner nor, while it is written to, type: what the granter writes into the
 * entry meanwhile moves nothing.
 * Invariant: `readers + writers` of an active entry uses; GTF_reading and
 * GTF_writing in the shared one say so until the use ends.
 * Not here: who is mapped where (maptrack.c).
 */
#include "grant/entry.h"
#include "mm/mm.h"

/* Uses of one kind that an entry can have. */
#define USES_MAX	128
/* How often a granter may change an entry under our hands. */
#define CLAIM_TRIES	5

static inline uint16_t entry_flags(uint64_t e)
{
	return (uint16_t)e;
}

static inline domid_t entry_user(uint64_t e)
{
	return (domid_t)(e >> 16);
}

static inline uint32_t entry_frame(uint64_t e)
{
	return (uint32_t)(e >> 32);
}

/* An entry: what the granter sees of it, and what is in use of it. ref is
 * below grants_entries(), or in use. */
struct place {
	uint64_t *shared;
	struct grant_active *active;
};

static inline struct place place_of(const struct grant_domain *t, grant_ref_t ref)
{
	uint64_t i = array_index_nospec(ref / GRANTS_PER_FRAME, t->frames);
	unsigned at = ref % GRANTS_PER_FRAME;

	return (struct place){ &t->frame[i].shared[at], &t->frame[i].active[at] };
}

static inline bool in_use(const struct grant_active *a)
{
	return a->readers || a->writers;
}

static bool permits(uint64_t e, struct grant_use use)
{
	uint16_t kind = GTF_type_mask | (use.map ? GTF_sub_page : 0);

	return (entry_flags(e) & kind) == GTF_permit_access && entry_user(e) == use.user;
}

/* Set the bits that show the use. An entry in use already was checked when
 * that began. */
static int claim(uint64_t *entry, struct grant_use use, bool first, uint32_t *frame)
{
	const uint64_t bits = GTF_reading | (use.write ? GTF_writing : 0);
	uint64_t e = READ_ONCE(*entry);

	for (unsigned i = 0; i < CLAIM_TRIES; i++) {
		if (first && !permits(e, use))
			return GNTST_general_error;
		if (use.write && (entry_flags(e) & GTF_readonly))
			return GNTST_general_error;
		if (__atomic_compare_exchange_n(entry, &e, e | bits, false,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
			*frame = entry_frame(e);
			return GNTST_okay;
		}
	}
	return GNTST_general_error;
}

/* The bits of an ended use go; the granter may be writing beside them. */
static void disclaim(uint64_t *entry, uint64_t bits)
{
	__atomic_fetch_and((uint16_t *)entry, (uint16_t)~bits, __ATOMIC_SEQ_CST);
}

/* The first use holds the frame, the first writer its type. */
static int hold(struct grants g, struct grant_active *a, struct grant_use use,
		bool first, uint32_t frame)
{
	struct frame *f;

	if (first) {
		f = frame_lookup(frame);
		if (!f || !frame_get(f, g.d->mm.slot))
			return GNTST_bad_page;
		a->mfn = frame;
		a->user = use.user;
	} else {
		f = frame_of(mfn_make(a->mfn));
	}
	if (use.write && !writable_get(f)) {
		if (first)
			frame_put(f);
		return GNTST_general_error;
	}
	return GNTST_okay;
}

int grant_pin(struct grants g, grant_ref_t ref, struct grant_use use, mfn_t *m)
{
	struct grant_domain *t = &g.d->grant;
	struct grant_active *a;
	struct place at;
	uint32_t frame = 0;
	bool first;
	int rc;

	if (ref >= grants_entries(g))
		return GNTST_bad_gntref;
	at = place_of(t, ref);
	a = at.active;
	first = !in_use(a);
	if (!first && (a->user != use.user ||
		       (use.write ? a->writers : a->readers) >= USES_MAX))
		return GNTST_general_error;
	if (first || (use.write && !a->writers)) {
		rc = claim(at.shared, use, first, &frame);
		if (rc)
			return rc;
		rc = hold(g, a, use, first, frame);
		if (rc) {
			disclaim(at.shared, (first ? GTF_reading : 0) |
					    (use.write ? GTF_writing : 0));
			return rc;
		}
	}
	a->readers += !use.write;
	a->writers += use.write;
	t->pins++;
	*m = mfn_make(a->mfn);
	return GNTST_okay;
}

void grant_unpin(struct grants g, grant_ref_t ref, bool write)
{
	struct grant_domain *t = &g.d->grant;
	struct place at = place_of(t, ref);
	struct grant_active *a = at.active;
	struct frame *f = frame_of(mfn_make(a->mfn));
	uint64_t bits = 0;

	BUG_ON(!(write ? a->writers : a->readers));
	a->readers -= !write;
	a->writers -= write;
	if (write && !a->writers) {
		writable_put(f);
		bits = GTF_writing;
	}
	if (!in_use(a))
		bits |= GTF_reading;
	if (bits && !t->closed)
		disclaim(at.shared, bits);
	if (bits & GTF_reading)
		frame_put(f);
	if (!--t->pins && t->closed && t->unlent == t->frames)
		grants_free_active(g);
}

mfn_t grant_pinned_frame(struct domain *d, grant_ref_t ref)
{
	return mfn_make(READ_ONCE(place_of(&d->grant, ref).active->mfn));
}

int grant_swap(struct grants g, grant_ref_t a, grant_ref_t b)
{
	struct grant_domain *t = &g.d->grant;
	uint64_t *x, *y, e;

	if (a >= grants_entries(g) || b >= grants_entries(g))
		return GNTST_bad_gntref;
	if (a == b)
		return GNTST_okay;
	if (in_use(place_of(t, a).active) || in_use(place_of(t, b).active))
		return GNTST_eagain;
	x = place_of(t, a).shared;
	y = place_of(t, b).shared;
	e = READ_ONCE(*x);
	WRITE_ONCE(*x, READ_ONCE(*y));
	WRITE_ONCE(*y, e);
	return GNTST_okay;
}
