/* SPDX-License-Identifier: MIT */
/* gdt.c - a guest's descriptor tables, as the CPU sees them.
 *
 * Guards: every page in a vCPU's GDT or LDT window is either ours, empty,
 * or a frame typed as descriptors, with one typed reference held for it.
 * LDT pages are mapped when the CPU first looks for them, so set_ldt itself
 * cannot fail on a page.
 * Not here: what a descriptor may say (descriptor.c).
 */
#include "base/errno.h"
#include "base/log.h"
#include "cpu/gdt.h"
#include "mm/gdt.h"
#include "mm/map.h"

#define LDT_PAGES	16
#define MAX_LDT		(LDT_PAGES * 512)
#define SELECTOR_LDT	4
#define MAX_GDT		(ARRAY_SIZE(((struct mm_vcpu *)0)->gdt_frames) * 512)

/* Budget units of taking in and giving back frames already checked. */
#define GDT_UNITS	100

static void put_descriptors(mfn_t m)
{
	struct frame *f = frame_of(m);

	type_put_simple(f);
	frame_put(f);
}

static int get_descriptors(struct vcpu *v, uint64_t mfn)
{
	const struct pt_ctx c = { .tables = v->domain->mm.slot };

	struct frame *f = frame_lookup(mfn);

	return f ? frame_get_typed(f, PT_SEGDESC, &c) : -EINVAL;
}

int mm_set_gdt(struct vcpu *v, const uint64_t *frames, uint32_t entries)
{
	unsigned pages = (entries + 511) / 512, i;
	int rc = 0;

	(void)budget_left(GDT_UNITS);
	if (entries > MAX_GDT || (entries && v->domain->life != DOMAIN_ALIVE))
		return -EINVAL;
	spin_lock(&v->domain->mm.pt_lock);
	for (i = 0; i < pages; i++) {
		const int before = this_cpu()->budget;

		rc = get_descriptors(v, frames[i]);
		if (rc)
			break;
		/* A page once looked at need not be looked at again. */
		if (this_cpu()->budget != before && !budget_left(0) && i + 1 < pages) {
			put_descriptors(mfn_make(frames[i]));
			rc = -ERESTART;
			break;
		}
	}
	if (rc) {
		while (i--)
			put_descriptors(mfn_make(frames[i]));
		if (rc != -ERESTART)
			rc = -EINVAL;
		goto out;
	}
	for (i = 0; i < ARRAY_SIZE(v->mm.gdt_frames); i++) {
		mfn_t old = v->mm.gdt_frames[i];

		v->mm.gdt_frames[i] = i < pages ? mfn_make(frames[i]) : MFN_NONE;
		__atomic_exchange_n(window_entry(v, i),
				    i < pages ? hyp_data_entry(mfn_make(frames[i])) :
				    zero_page_entry(), __ATOMIC_SEQ_CST);
		invlpg(GDT_WINDOW(v->id) + i * PAGE_SIZE);
		if (!mfn_eq(old, MFN_NONE))
			put_descriptors(old);
	}
	v->mm.gdt_entries = entries;
out:
	spin_unlock(&v->domain->mm.pt_lock);
	return rc;
}

#define SEGMENT_BASE	0xff0000ffffff0000UL
/* The guest's pages, and ours behind them. */
#define WINDOW_ENTRIES	(MAX_GDT + 512)

bool mm_segment_is_flat(const struct vcpu *v, uint16_t sel)
{
	return !(sel & SELECTOR_LDT) && sel < WINDOW_ENTRIES * 8 &&
	       !(*(const volatile uint64_t *)(GDT_WINDOW(v->id) + (sel & ~7u)) & SEGMENT_BASE);
}

void ldt_unmap(struct vcpu *v)
{
	for (unsigned i = 0; v->mm.ldt_mapped; i++) {
		uint64_t *e = window_entry(v, LDT_PAGES + i);
		mfn_t m;

		if (!(v->mm.ldt_mapped & 1u << i))
			continue;
		v->mm.ldt_mapped &= ~(1u << i);
		m = pte_mfn(__atomic_exchange_n(e, 0, __ATOMIC_SEQ_CST));
		invlpg(LDT_WINDOW(v->id) + i * PAGE_SIZE);
		put_descriptors(m);
	}
}

int mm_set_ldt(struct vcpu *v, uint64_t base, uint32_t entries)
{
	if (!entries)
		base = 0;
	if ((base & ~PAGE_MASK) || entries > MAX_LDT ||
	    base - LOW_END < HYP_END - LOW_END)
		return -EINVAL;
	if (v->mm.ldt_base == base && v->mm.ldt_entries == entries)
		return 0;
	spin_lock(&v->domain->mm.pt_lock);
	ldt_unmap(v);
	spin_unlock(&v->domain->mm.pt_lock);
	v->mm.ldt_base = base;
	v->mm.ldt_entries = entries;
	if (v == current())
		cpu_load_ldt(LDT_WINDOW(v->id), entries);
	return 0;
}

bool mm_ldt_fault_va(struct vcpu *v, uint64_t va, uint64_t *guest_va)
{
	uint64_t offset = va - LDT_WINDOW(v->id);

	if (offset >= LDT_PAGES * PAGE_SIZE)
		return false;
	*guest_va = v->mm.ldt_base + offset;
	return true;
}

bool mm_fixup_ldt(struct vcpu *v, uint64_t va)
{
	uint64_t i = (va - LDT_WINDOW(v->id)) >> PAGE_SHIFT;
	uint64_t guest_va = v->mm.ldt_base + i * PAGE_SIZE;
	uint64_t *slot, e;
	bool ok = false;

	if (i >= LDT_PAGES || i * 512 >= v->mm.ldt_entries || mfn_eq(v->mm.kernel_root, MFN_NONE) ||
	    (v->mm.ldt_mapped & 1u << i) || !is_canonical(guest_va))
		return false;
	spin_lock(&v->domain->mm.pt_lock);
	slot = l1_slot(v->mm.kernel_root, guest_va);
	e = slot ? READ_ONCE(*slot) : 0;
	if ((e & PTE_P) && !get_descriptors(v, pte_mfn(e).n)) {
		*window_entry(v, LDT_PAGES + i) = hyp_data_entry(pte_mfn(e));
		v->mm.ldt_mapped |= 1u << i;
		ok = true;
	}
	spin_unlock(&v->domain->mm.pt_lock);
	return ok;
}

void mm_vcpu_drop(struct vcpu *v)
{
	BUG_ON(mm_set_gdt(v, NULL, 0));
	spin_lock(&v->domain->mm.pt_lock);
	ldt_unmap(v);
	spin_unlock(&v->domain->mm.pt_lock);
	v->mm.ldt_entries = 0;
}
