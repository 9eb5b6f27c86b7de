/* SPDX-License-Identifier: MIT */
/* audit_spoil.c - debug builds only: break one thing, so that a test sees
 * the audit find it.
 *
 * Guards: what is broken is mended before anybody runs: all other CPUs stand
 * still from audit_spoil() to audit_mend(), and each break is a word or two
 * that are put back as they were.
 * The domain that suffers is the one with the highest id.
 */
#include "mm/audit_window.h"

#if CONFIG_DEBUG
#include "domain/domain.h"
#include "mm/hyp_slots.h"
#include "mm/map.h"
#include "mm/owner.h"

static struct { uint64_t *word, was; } broken[2];

static bool set(uint64_t *word, uint64_t value)
{
	unsigned i = broken[0].word ? 1 : 0;

	broken[i].word = word;
	broken[i].was = *word;
	*word = value;
	return true;
}

static bool add(uint64_t *word, uint64_t n)
{
	return set(word, *word + n);
}

void audit_mend(void)
{
	for (unsigned i = ARRAY_SIZE(broken); i--; ) {
		if (broken[i].word)
			*broken[i].word = broken[i].was;
		broken[i].word = NULL;
	}
}

static struct domain *victim(void)
{
	struct domain *d, *last = NULL;

	for_each_domain(d)
		if (d->life == DOMAIN_ALIVE)
			last = d;
	return last;
}

/* The first of d's frames in use as `t`, with these flags. */
static struct frame *find(const struct domain *d, enum page_type t, uint64_t flags)
{
	uint32_t n = d->mm.frame_list;

	for (uint32_t i = 0; i < d->mm.frames; i++, n = frame_of(mfn_make(n))->next) {
		struct frame *f = frame_of(mfn_make(n));

		if (use_type(f->use) == t && (f->use & USE_COUNT) && (f->use & flags) == flags)
			return f;
	}
	return NULL;
}

/* The first free block. */
static struct frame *find_free(void)
{
	for (uint64_t n = 0; n < max_mfn; n++)
		if ((frame_of(mfn_make(n))->ref & REF_STATE) == REF_FREE)
			return frame_of(mfn_make(n));
	return NULL;
}

/* An entry of one of d's L1s: empty, or mapping a table. */
static uint64_t *find_entry(const struct domain *d, bool table)
{
	uint32_t n = d->mm.frame_list;

	for (uint32_t i = 0; i < d->mm.frames; i++, n = frame_of(mfn_make(n))->next) {
		uint64_t *pt = mfn_to_virt(mfn_make(n));

		if (!type_is_valid(frame_of(mfn_make(n)), PT_L1))
			continue;
		for (unsigned j = 0; j < PT_ENTRIES; j++)
			if (table ? (pt[j] & PTE_P) && frame_is_counted(pte_mfn(pt[j])) &&
				    type_is_valid(frame_of(pte_mfn(pt[j])), PT_L1) : !pt[j])
				return &pt[j];
	}
	return NULL;
}

static bool map(const struct domain *d, mfn_t m)
{
	uint64_t *e = find_entry(d, false);

	return e && set(e, pte_make(m, PTE_P | PTE_U));
}

static bool spoil_table(struct domain *d, uint32_t what)
{
	struct frame *f;
	uint64_t *e;

	switch (what) {
	case PARAVANE_SPOIL_TYPE:
		f = find(d, PT_L1, USE_VALID);
		return f && add(&f->use, 1UL << USE_TYPE_SHIFT);
	case PARAVANE_SPOIL_PIN:
		f = find(d, PT_L4, USE_PINNED);
		return f && set(&f->use, f->use & ~USE_PINNED);
	case PARAVANE_SPOIL_HALF:
		f = find(d, PT_L4, USE_VALID);
		return f && set(&f->use, (f->use & ~USE_VALID) | USE_PARTIAL);
	case PARAVANE_SPOIL_WRITABLE_TABLE:
		e = find_entry(d, true);
		return e && set(e, *e | PTE_RW);
	case PARAVANE_SPOIL_TABLE_ENTRY:
		f = find(d, PT_L4, USE_VALID);
		e = f ? mfn_to_virt(mfn_of(f)) : NULL;
		return e && set(&e[511], e[511] | PTE_PSE);
	case PARAVANE_SPOIL_HYP_SLOT:
		f = find(d, PT_L4, USE_VALID);
		e = f ? mfn_to_virt(mfn_of(f)) : NULL;
		return e && set(&e[HYP_SLOT_LAST], PTE_P);
	case PARAVANE_SPOIL_DESCRIPTOR:
		f = find(d, PT_SEGDESC, 0);
		e = f ? mfn_to_virt(mfn_of(f)) : NULL;
		return e && set(&e[511], 0x00009b000000ffff);	/* code of ring 0 */
	case PARAVANE_SPOIL_MAP_FREE:
		f = find_free();
		return f && map(d, mfn_of(f));
	case PARAVANE_SPOIL_MAP_OTHERS:
		f = find(control_domain, PT_WRITABLE, 0);
		return f && add(&f->ref, 1) && map(d, mfn_of(f));
	case PARAVANE_SPOIL_MAP_DEVICE:
		return map(d, mfn_make(max_mfn));
	}
	return false;
}

static bool spoil_rest(struct domain *d, uint32_t what)
{
	struct vcpu *v = d->vcpu[0];
	struct frame *f;

	switch (what) {
	case PARAVANE_SPOIL_FREE_LIST:
		f = find_free();
		return f && add((uint64_t *)&f->next, 1);
	case PARAVANE_SPOIL_FREE_USED:
		f = find_free();
		return f && set(&f[1].ref, REF_USED | REF_ALLOC | 1 |
				(uint64_t)OWNER_XEN << REF_OWNER_SHIFT);
	case PARAVANE_SPOIL_FREE_M2P:
		f = find_free();
		return f && set(&m2p_write[mfn_of(f).n], 1);
	case PARAVANE_SPOIL_LENT:
		f = frame_of(d->shared_mfn);
		return set(&f->ref, f->ref & ~REF_LENT);
	case PARAVANE_SPOIL_GRANT_USE:
		f = find(d, PT_WRITABLE, 0);
		/* The first entries are in real use: its console, its store. */
		return f && add(&f->ref, 1) &&
		       set((uint64_t *)&d->grant.frame[0].active[GRANTS_PER_FRAME - 1],
			   mfn_of(f).n | 1UL << 48);	/* one reader */
	case PARAVANE_SPOIL_GRANT_PINS:
		return add((uint64_t *)&d->grant.pins, 1);
	case PARAVANE_SPOIL_ROOT:
		return v && set(&v->mm.kernel_root.n, MFN_NONE.n);
	case PARAVANE_SPOIL_CR3:
		return v && add(&v->mm.cr3_kernel, PAGE_SIZE);
	case PARAVANE_SPOIL_GDT_WINDOW:
		return v && set(window_entry(v, 1), hyp_data_entry(d->shared_mfn));
	case PARAVANE_SPOIL_INFO:
		return v && add((uint64_t *)&v->info, PAGE_SIZE);
	}
	return false;
}

bool audit_spoil(uint32_t what)
{
	struct domain *d = victim();
	struct frame *f = find(d, PT_WRITABLE, 0);

	if (!f)
		return false;
	switch (what) {
	case PARAVANE_SPOIL_REFS:
		return add(&f->ref, 1);
	case PARAVANE_SPOIL_TYPE_REFS:
		return add(&f->use, 1);
	case PARAVANE_SPOIL_OWNER:
		return set(&f->ref, (f->ref & ~REF_OWNER) |
			   (uint64_t)control_domain->mm.slot << REF_OWNER_SHIFT);
	case PARAVANE_SPOIL_LIST:
		return set((uint64_t *)&f->next, mfn_of(f).n);
	}
	return spoil_table(d, what) || spoil_rest(d, what);
}
#else
bool audit_spoil(uint32_t what)
{
	(void)what;
	return false;
}

void audit_mend(void)
{
}
#endif
