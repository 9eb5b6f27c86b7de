/* SPDX-License-Identifier: MIT */
/* map.c - our own mappings, and which tables the CPU uses.
 *
 * Guards: another domain's translations, global ones included, are gone
 * before a domain runs. Every L4 in use shows our slots, and the per-domain
 * slot of its own domain only.
 * Not here: guests' tables (page_type.c), GDT and LDT content (gdt.c).
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "cpu/bits.h"
#include "cpu/features.h"
#include "cpu/gdt.h"
#include "cpu/tlb.h"
#include "mm/hyp_slots.h"
#include "mm/map.h"
#include "mm/owner.h"

#define OWN_GDT_PAGE	14
/* Budget units of looking whether a fault was one: the fault, a walk, and
 * some more, as it may go on for long otherwise. */
#define WALK_UNITS	64

mfn_t hyp_root;

/* fixed once the first window exists */
static void *zero_page;

uint64_t hyp_data_entry(mfn_t m)
{
	return pte_make(m, PTE_P | PTE_RW | PTE_A | PTE_D |
			(cpu_features.nx ? PTE_NX : 0));
}

uint64_t zero_page_entry(void)
{
	return hyp_data_entry(virt_to_mfn(zero_page)) & ~(PTE_RW | PTE_D);
}

void hyp_slots_fill(uint64_t *l4, uint16_t owner)
{
	const uint64_t *ours = mfn_to_virt(hyp_root);
	struct domain *d = owner_domain(owner);

	for (unsigned i = HYP_SLOT_FIRST; i <= HYP_SLOT_LAST; i++)
		l4[i] = ours[i];
	l4[PERDOMAIN_SLOT] = hyp_data_entry(virt_to_mfn(d->mm.perdomain_l3)) & ~PTE_NX;
}

static int perdomain_alloc(struct domain *d)
{
	d->mm.perdomain_l3 = page_alloc();
	d->mm.perdomain_l2 = page_alloc();
	if (!d->mm.perdomain_l3 || !d->mm.perdomain_l2)
		return -ENOMEM;
	d->mm.perdomain_l3[0] = hyp_data_entry(virt_to_mfn(d->mm.perdomain_l2)) & ~PTE_NX;
	return 0;
}

int mm_domain_init(struct domain *d)
{
	int rc;

	spin_init(&d->mm.pt_lock, RANK_PAGE_TABLES);
	spin_init(&d->mm.list_lock, RANK_PAGE_LIST);
	d->mm.io = d->control;
	if (!zero_page)
		zero_page = page_alloc();
	if (!zero_page)
		return -ENOMEM;
	rc = owner_register(d);
	if (rc)
		return rc;
	rc = perdomain_alloc(d);
	if (rc)
		mm_domain_free(d);
	return rc;
}

void mm_domain_free(struct domain *d)
{
	for (unsigned i = 0; i < ARRAY_SIZE(d->mm.perdomain_l1); i++)
		if (d->mm.perdomain_l1[i])
			page_free(d->mm.perdomain_l1[i]);
	if (d->mm.perdomain_l2)
		page_free(d->mm.perdomain_l2);
	if (d->mm.perdomain_l3)
		page_free(d->mm.perdomain_l3);
	if (d->mm.e820)
		page_free(d->mm.e820);
	owner_unregister(d);
}

int mm_vcpu_init(struct vcpu *v)
{
	struct mm_domain *m = &v->domain->mm;
	unsigned table = v->id / 16;

	v->mm.kernel_root = v->mm.user_root = v->mm.dropping = MFN_NONE;
	for (unsigned i = 0; i < ARRAY_SIZE(v->mm.gdt_frames); i++)
		v->mm.gdt_frames[i] = MFN_NONE;
	if (!m->perdomain_l1[table]) {
		m->perdomain_l1[table] = page_alloc();
		if (!m->perdomain_l1[table])
			return -ENOMEM;
		m->perdomain_l2[table] =
			hyp_data_entry(virt_to_mfn(m->perdomain_l1[table])) & ~PTE_NX;
	}
	for (unsigned i = 0; i < OWN_GDT_PAGE; i++)
		*window_entry(v, i) = zero_page_entry();
	return 0;
}

static void load_root(uint64_t cr3, uint32_t tlb_owner)
{
	tlb_switch(cr3 ? cr3 : mfn_to_maddr(hyp_root).a, tlb_owner);
}

void mm_switch_to(struct vcpu *v)
{
	struct cpu *c = this_cpu();
	uint64_t *slot = window_entry(v, OWN_GDT_PAGE);
	uint64_t entry = hyp_data_entry(c->gdt_frame);

	if (*slot != entry)
		*slot = entry;
	cpu_idle_descriptors();	/* an NMI now must find descriptors in either root */
	load_root(v->kernel_mode ? v->mm.cr3_kernel : v->mm.cr3_user,
		  TLB_OWNER(v->domain->mm.slot, v->id));
	cpu_load_gdt(GDT_WINDOW(v->id));
	cpu_load_ldt(LDT_WINDOW(v->id), v->mm.ldt_entries);
}

void mm_switch_idle(void)
{
	cpu_idle_descriptors();
	load_root(0, TLB_NOBODY);
}

/* Without the lock, which the access that faulted may be under: what another
 * vCPU does to the tables meanwhile makes the answer wrong, which the next
 * fault or the guest itself finds out, but the walk reads nothing but RAM:
 * each table was one when it was looked at. */
bool mm_walk_permits(uint64_t va, bool write, bool user_root)
{
	struct vcpu *v = current();
	mfn_t table = user_root ? v->mm.user_root : v->mm.kernel_root;
	const uint64_t want = PTE_P | PTE_U | (write ? PTE_RW : 0);

	/* Who changes its tables to and fro while we try is not waited for. */
	(void)budget_left(WALK_UNITS);
	if (this_cpu()->budget < -2 * BUDGET_PER_ENTRY ||
	    mfn_eq(table, MFN_NONE) || !is_canonical(va) || va - LOW_END < HYP_END - LOW_END)
		return false;
	for (unsigned level = PT_L4; ; level--) {
		struct frame *f = frame_lookup(table.n);
		uint64_t e;

		if (!f || !type_is_valid(f, (enum page_type)level))
			return false;
		e = ((uint64_t *)mfn_to_virt(table))[(va >> (PAGE_SHIFT + 9 * (level - 1))) & 511];
		if ((e & want) != want)
			return false;
		if (level == PT_L1)
			return true;
		table = pte_mfn(e);
	}
}
