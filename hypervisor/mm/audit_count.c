/* SPDX-License-Identifier: MIT */
/* audit_count.c - everything that refers to a frame, found anew.
 *
 * Guards: nothing here believes a count. Each table, vCPU and grant in use
 * says to which frames it refers, and as what; that a frame is used as
 * something else is a difference at once.
 * Not here: comparing the sums with the records (audit.c).
 */
#include "domain/domain.h"
#include "mm/audit_window.h"
#include "mm/hyp_slots.h"
#include "mm/map.h"

#define GDT_PAGES	ARRAY_SIZE(((struct mm_vcpu *)0)->gdt_frames)
#define LDT_PAGES	16
/* Bits that the CPU sets by itself. */
#define PTE_BY_CPU	(PTE_A | PTE_D)
#define TABLE_BAD_BITS	(PTE_PSE | PTE_G | PTE_PWT | PTE_PCD)

static bool same_entry(uint64_t a, uint64_t b)
{
	return !((a ^ b) & ~PTE_BY_CPU);
}

/* One reference on a frame, and with a type one on its being that; whoever
 * holds a table that is only half one says so. */
static void count(struct window *w, mfn_t m, enum page_type t, bool half)
{
	uint64_t use;

	if (!in_window(w, m.n))
		return;
	w->counter[m.n - w->first].refs++;
	if (t == PT_NONE)
		return;
	w->counter[m.n - w->first].types++;
	use = frame_of(m)->use;
	if (use_type(use) != t || (type_is_table(t) && !half && !(use & USE_VALID)))
		audit_differ(w, m.n, t == PT_WRITABLE ? PARAVANE_AUDIT_ENTRY :
						        PARAVANE_AUDIT_TYPE, t, use);
}

static void count_if_any(struct window *w, mfn_t m, enum page_type t, bool half)
{
	if (!mfn_eq(m, MFN_NONE))
		count(w, m, t, half);
}

/* Entries of a table that hold references. */
static unsigned entries_held(uint64_t use)
{
	if (use & USE_VALID)
		return PT_ENTRIES;
	return (unsigned)((use & USE_PROGRESS) >> USE_PROGRESS_SHIFT) +
	       !!(use & USE_CHILD);
}

static void count_l1(struct window *w, mfn_t table, const uint64_t *pt, unsigned held)
{
	uint16_t slot = frame_owner(frame_of(table));
	const struct domain *d = owner_domain(slot);
	bool trusted = d && (d->control || d->life != DOMAIN_ALIVE);

	for (unsigned i = 0; i < held; i++) {
		uint64_t e = pt[i];
		mfn_t m = pte_mfn(e);

		if (!(e & PTE_P))
			continue;
		if (!frame_is_counted(m)) {
			if (in_window(w, table.n) && !(d && d->mm.io && !io_denied(m)))
				audit_differ(w, table.n, PARAVANE_AUDIT_ENTRY, 0, e);
			continue;
		}
		count(w, m, e & PTE_RW ? PT_WRITABLE : PT_NONE, false);
		if (trusted || !in_window(w, m.n) || frame_owner(frame_of(m)) == slot)
			continue;
		w->counter[m.n - w->first].uses--;
		w->counter[m.n - w->first].writers -= !!(e & PTE_RW);
	}
}

static void count_table(struct window *w, mfn_t table, const uint64_t *pt,
			enum page_type t, uint64_t use)
{
	unsigned held = entries_held(use);

	for (unsigned i = 0; i < held; i++) {
		uint64_t e = pt[i];
		mfn_t m = pte_mfn(e);

		if (!(e & PTE_P) || (t == PT_L4 && i >= HYP_SLOT_FIRST && i <= HYP_SLOT_LAST))
			continue;
		count(w, m, t - 1, (use & USE_CHILD) && i == held - 1);
		if (!in_window(w, table.n))
			continue;
		if ((e & (TABLE_BAD_BITS | pte_reserved_bits)) || !mfn_valid(m))
			audit_differ(w, table.n, PARAVANE_AUDIT_ENTRY, 0, e);
		else if (frame_owner(frame_of(m)) != frame_owner(frame_of(table)))
			audit_differ(w, m.n, PARAVANE_AUDIT_OWNER,
				     frame_owner(frame_of(table)), frame_owner(frame_of(m)));
	}
}

/* Our slots of an L4 are ours, but that the guest's user half may lack the
 * machine-to-physical table. */
static void check_hyp_slots(struct window *w, mfn_t table, const uint64_t *l4)
{
	const uint64_t *ours = mfn_to_virt(hyp_root);
	const struct domain *d = owner_domain(frame_owner(frame_of(table)));

	for (unsigned i = HYP_SLOT_FIRST; d && i <= HYP_SLOT_LAST; i++) {
		uint64_t want = i != PERDOMAIN_SLOT ? ours[i] :
			hyp_data_entry(virt_to_mfn(d->mm.perdomain_l3)) & ~PTE_NX;

		if (!same_entry(l4[i], want) && (l4[i] || i != L4_SLOT(M2P_BASE)))
			audit_differ(w, table.n, PARAVANE_AUDIT_ENTRY, want, l4[i]);
	}
}

/* A frame's references on itself, and its entries'. Free blocks are passed
 * over whole. */
static uint64_t count_frame(struct window *w, uint64_t mfn)
{
	const mfn_t m = mfn_make(mfn);
	const struct frame *f = frame_of(m);
	enum page_type t = use_type(f->use);
	uint64_t use = f->use;

	if ((f->ref & REF_STATE) == REF_FREE) {
		w->free += 1UL << (f->ref >> REF_ORDER_SHIFT);
		return 1UL << (f->ref >> REF_ORDER_SHIFT);
	}
	if ((f->ref & REF_STATE) != REF_USED)
		return 1;
	w->lent += !!(f->ref & REF_LENT);
	w->owned += !(f->ref & REF_LENT) && ref_owner(f->ref) >= OWNER_FIRST;
	if (f->ref & REF_ALLOC)
		count(w, m, PT_NONE, false);
	if (in_window(w, mfn))
		w->counter[mfn - w->first].types += !!(f->ref & REF_LENT);
	if (!type_is_table(t))
		return 1;
	if (use & USE_PINNED)
		count(w, m, t, false);
	if (use & USE_SELF)
		count(w, m, t, true);
	if (!(use & USE_COUNT))
		return 1;
	if (t == PT_L1)
		count_l1(w, m, mfn_to_virt(m), entries_held(use));
	else
		count_table(w, m, mfn_to_virt(m), t, use);
	if (t == PT_L4 && in_window(w, mfn))
		check_hyp_slots(w, m, mfn_to_virt(m));
	return 1;
}

/* What the CPU is told must be what the references are held for. */
static void check_vcpu(struct window *w, struct vcpu *v)
{
	const struct mm_vcpu *m = &v->mm;
	uint64_t l1 = virt_to_mfn(v->domain->mm.perdomain_l1[v->id / 16]).n;
	uint64_t shared = (uint64_t)&v->domain->shared->vcpu_info[v->id];
	uint64_t info = (uint64_t)v->info;

	if (!mfn_eq(m->kernel_root, MFN_NONE) && m->cr3_kernel != mfn_to_maddr(m->kernel_root).a)
		audit_differ(w, m->kernel_root.n, PARAVANE_AUDIT_VCPU,
			     mfn_to_maddr(m->kernel_root).a, m->cr3_kernel);
	if (m->cr3_user != (mfn_eq(m->user_root, MFN_NONE) ? 0 : mfn_to_maddr(m->user_root).a))
		audit_differ(w, m->user_root.n, PARAVANE_AUDIT_VCPU, 0, m->cr3_user);
	for (unsigned i = 0; i < GDT_PAGES; i++) {
		uint64_t want = mfn_eq(m->gdt_frames[i], MFN_NONE) ? zero_page_entry() :
				hyp_data_entry(m->gdt_frames[i]);

		if (!same_entry(*window_entry(v, i), want))
			audit_differ(w, l1, PARAVANE_AUDIT_VCPU, want, *window_entry(v, i));
	}
	for (unsigned i = 0; i < LDT_PAGES; i++)
		if (!(m->ldt_mapped & 1u << i) && *window_entry(v, 16 + i))
			audit_differ(w, l1, PARAVANE_AUDIT_VCPU, 0, *window_entry(v, 16 + i));
	/* From number 32 on there is no place in shared info. */
	if (mfn_eq(v->evtchn.info_mfn, MFN_NONE) ?
	    v->id < XEN_LEGACY_MAX_VCPUS && info != shared :
	    !mfn_eq(virt_to_mfn((void *)info), v->evtchn.info_mfn))
		audit_differ(w, v->evtchn.info_mfn.n, PARAVANE_AUDIT_VCPU, shared, info);
}

static void count_vcpu(struct window *w, struct vcpu *v)
{
	count_if_any(w, v->mm.kernel_root, PT_L4, false);
	count_if_any(w, v->mm.user_root, PT_L4, false);
	if (!mfn_eq(v->mm.dropping, MFN_NONE))
		count(w, v->mm.dropping, use_type(frame_of(v->mm.dropping)->use), true);
	count_if_any(w, v->evtchn.info_mfn, PT_WRITABLE, false);
	for (unsigned i = 0; i < GDT_PAGES; i++)
		count_if_any(w, v->mm.gdt_frames[i], PT_SEGDESC, false);
	for (unsigned i = 0; i < LDT_PAGES; i++)
		if (v->mm.ldt_mapped & 1u << i)
			count(w, pte_mfn(*window_entry(v, 16 + i)), PT_SEGDESC, false);
	if (!w->first && v->domain->life == DOMAIN_ALIVE)
		check_vcpu(w, v);
}

/* Each is the domain's, and written to: what the guest handed over for events. */
static void count_event_frames(struct window *w, const struct evtchn_fifo *f)
{
	for (unsigned i = 0; f && i < ARRAY_SIZE(f->control); i++)
		if (f->control[i])
			count(w, virt_to_mfn((void *)f->control[i]), PT_WRITABLE, false);
	for (unsigned i = 0; f && i < ARRAY_SIZE(f->words); i++)
		if (f->words[i])
			count(w, virt_to_mfn((void *)f->words[i]), PT_WRITABLE, false);
}

/* An entry of d's grant table in use holds the frame, a writer its type too,
 * besides what the entries of page tables hold (grant/state.h). */
static void count_grants(struct window *w, const struct grant_domain *g)
{
	uint32_t uses = 0;

	for (uint32_t i = 0; g->frame && i < g->frames; i++) {
		const struct grant_active *a = g->frame[i].active;

		for (unsigned j = 0; a && j < GRANTS_PER_FRAME; j++) {
			if (!a[j].readers && !a[j].writers)
				continue;
			uses += a[j].readers + a[j].writers;
			count(w, mfn_make(a[j].mfn), a[j].writers ? PT_WRITABLE : PT_NONE, false);
			if (!in_window(w, a[j].mfn))
				continue;
			w->counter[a[j].mfn - w->first].uses += a[j].readers + a[j].writers;
			w->counter[a[j].mfn - w->first].writers += a[j].writers;
		}
	}
	if (uses != g->pins)
		audit_differ(w, MFN_NONE.n, PARAVANE_AUDIT_GRANT, uses, g->pins);
	w->pins += uses;
}

/* Each record of a mapping stands for a use by this domain. */
static void count_mappings(struct window *w, const struct domain *d)
{
	const struct grant_domain *g = &d->grant;

	for (uint32_t i = 0; g->map && i < g->map_frames; i++) {
		for (unsigned j = 0; j < PAGE_SIZE / sizeof(struct grant_mapping); j++) {
			const struct grant_mapping *r = &g->map[i][j];
			const struct grant_active *a;

			if (!r->flags)
				continue;
			w->mappings++;
			a = &r->granter->grant.frame[r->ref / GRANTS_PER_FRAME]
				.active[r->ref % GRANTS_PER_FRAME];
			if (a->user != d->id || !(a->readers || a->writers))
				audit_differ(w, a->mfn, PARAVANE_AUDIT_GRANT, d->id, a->user);
		}
	}
}

/* The list of d's frames is a circle, theirs alone, as long as d says. */
static void check_list(struct window *w, const struct domain *d)
{
	uint32_t n = d->mm.frame_list, left = d->mm.frames;

	w->listed += d->mm.frames;
	w->shared += d->mm.shared_frames;
	for (; left && n && n < max_mfn; left--) {
		const struct frame *f = frame_of(mfn_make(n));

		if (ref_owner(f->ref) != d->mm.slot || (f->ref & REF_LENT) ||
		    (f->ref & REF_STATE) != REF_USED) {
			audit_differ(w, n, PARAVANE_AUDIT_OWNER, d->mm.slot, ref_owner(f->ref));
			return;
		}
		if (f->next >= max_mfn || frame_of(mfn_make(f->next))->prev != n) {
			audit_differ(w, n, PARAVANE_AUDIT_LIST, n, f->next);
			return;
		}
		n = f->next;
	}
	if (left || n != d->mm.frame_list)
		audit_differ(w, n, PARAVANE_AUDIT_LIST, d->mm.frames, d->mm.frames - left);
}

void audit_count(struct window *w)
{
	struct domain *d;

	for (uint64_t n = 0; n < max_mfn; )
		n += count_frame(w, n);
	for_each_domain(d) {
		for (unsigned i = 0; i < d->max_vcpus; i++)
			if (d->vcpu[i])
				count_vcpu(w, d->vcpu[i]);
		count_event_frames(w, d->evtchn.fifo);
		count_grants(w, &d->grant);
		if (w->first)
			continue;
		count_mappings(w, d);
		check_list(w, d);
	}
}
