/* SPDX-License-Identifier: MIT */
/* machine.c - the machine, and every count of it recomputed from nothing.
 *
 * Guards: what docs/page-types.md promises. Counts and types are those that
 * entries, pins, roots, windows and holds add up to; no table is writable; a
 * half-validated table has one reference; no frame is in another use or has
 * another owner before everything was flushed. The last is seen by counting
 * flushes here, apart from the hypervisor's clock and its 16-bit stamps.
 */
#include "machine.h"

#include <string.h>

#include "check.h"
#include "cpu/gdt.h"
#include "mm/gdt.h"
#include "mm/hyp_slots.h"
#include "mm/map.h"
#include "mm/roots.h"

struct domain dom[DOMAINS];
struct vcpu vcpus[DOMAINS];
struct hold holds[HOLDS];
unsigned nr_holds;

mfn_t hyp_root = { FRAME_FIRST - 1 };
static uint64_t m2p[FAKE_FRAMES];
static uint64_t windows[DOMAINS][512];
static void *lent[DOMAINS];
static uint64_t flushes;

/* What a frame was when its count fell to zero, and how many flushes there
 * had been by then. */
static struct last_use {
	enum page_type type;
	uint16_t owner;
	uint64_t when;
	bool in_use, owned;
} last[FAKE_FRAMES];

/* What refers to a frame, by kind of use. */
static struct counted {
	unsigned refs, types, as[PT_WRITABLE + 1];
} counted[FAKE_FRAMES];

/* --- what lies around the memory room ------------------------------------ */

/* How cpu/tlb.c has everything forgotten, as CR4 has no global pages here. */
void write_cr3(uint64_t v)
{
	flushes++;
}

void hyp_slots_fill(uint64_t *l4, uint16_t owner)
{
	for (unsigned i = HYP_SLOT_FIRST; i <= HYP_SLOT_LAST; i++)
		l4[i] = mem(hyp_root.n)[i];
	l4[PERDOMAIN_SLOT] = owner;
}

uint64_t hyp_data_entry(mfn_t m)
{
	return pte_make(m, PTE_P | PTE_RW);
}

uint64_t zero_page_entry(void)
{
	return 0;
}

void cpu_load_ldt(uint64_t base, uint32_t entries)
{
}

void domain_put(struct domain *d)
{
	CHECK(d->refs);
	d->refs--;
}

/* --- beginning and end ---------------------------------------------------- */

static void domain_begin(unsigned i)
{
	struct domain *d = &dom[i];
	struct vcpu *v = &vcpus[i];

	memset(d, 0, sizeof(*d));
	memset(v, 0, sizeof(*v));
	d->id = (domid_t)i;
	d->refs = 1;
	d->max_vcpus = 1;
	d->vcpu[0] = v;
	spin_init(&d->mm.pt_lock, RANK_PAGE_TABLES);
	spin_init(&d->mm.list_lock, RANK_PAGE_LIST);
	d->mm.io = !i;
	d->mm.max_frames = 40;
	d->mm.perdomain_l1[0] = windows[i];
	memset(windows[i], 0, sizeof(windows[i]));
	CHECK(!owner_register(d));
	v->domain = d;
	v->mm.kernel_root = v->mm.user_root = v->mm.dropping = MFN_NONE;
	v->evtchn.info_mfn = MFN_NONE;
	for (unsigned k = 0; k < ARRAY_SIZE(v->mm.gdt_frames); k++)
		v->mm.gdt_frames[k] = MFN_NONE;
	lent[i] = page_alloc();
	CHECK(lent[i]);
	frame_lend(lent[i], d, true);
}

static void domain_end(unsigned i)
{
	frame_unlend(lent[i]);
	CHECK(!dom[i].mm.frame_list && !dom[i].mm.shared_frames && dom[i].refs == 1);
	owner_unregister(&dom[i]);
}

static void boot(void)
{
	struct domain first = { .life = DOMAIN_ALIVE };

	max_mfn = FRAME_END;
	m2p_write = m2p;
	/* so that no later owner counts as the machine's first */
	CHECK(!owner_register(&first));
	owner_unregister(&first);
	this_cpu()->tlb_owner = TLB_ANYBODY;	/* one CPU, which serves both */
	frames_add_io(mfn_make(IO_FRAME), mfn_make(IO_FRAME + 1));
	for (unsigned i = HYP_SLOT_FIRST; i <= HYP_SLOT_LAST; i++)
		mem(hyp_root.n)[i] = PTE_P | (uint64_t)i << PAGE_SHIFT;
	/* one block: when all is free again the heap is as it was */
	heap_add(mfn_make(FRAME_FIRST), mfn_make(FRAME_END));
}

void machine_begin(void)
{
	static bool booted;

	if (!booted)
		boot();
	booted = true;
	budget(1 << 30);
	memset(last, 0, sizeof(last));
	nr_holds = 0;
	for (unsigned i = 0; i < DOMAINS; i++)
		domain_begin(i);
}

void machine_reborn(struct domain *d)
{
	unsigned i = (unsigned)(d - dom);

	if (d->mm.frames)
		return;
	for (unsigned k = 0; k < nr_holds; k++)
		if (frame_owner(frame_of(holds[k].m)) == d->mm.slot)
			return;
	/* a page that was lent may still be mapped by the other one */
	if ((frame_of(virt_to_mfn(lent[i]))->ref & REF_COUNT) != 1)
		return;
	domain_end(i);
	machine_check();	/* sees whose frames are nobody's now */
	domain_begin(i);
}

void machine_end(void)
{
	budget(1 << 30);
	while (nr_holds) {
		struct hold *h = &holds[--nr_holds];

		if (h->writable)
			writable_put(frame_of(h->m));
		frame_put(frame_of(h->m));
	}
	for (unsigned i = 0; i < DOMAINS; i++) {
		dom[i].life = DOMAIN_DYING;
		CHECK(!mm_domain_teardown(&dom[i]));
	}
	machine_check();
	for (unsigned i = 0; i < DOMAINS; i++)
		domain_end(i);
	CHECK(heap_free_frames() == FRAME_END - FRAME_FIRST);
}

/* --- the recount ----------------------------------------------------------- */

static void count(uint64_t n, enum page_type as)
{
	if (n < FRAME_FIRST || n >= FRAME_END) {
		CHECK(as == PT_NONE || as == PT_WRITABLE);
		return;
	}
	counted[n].refs++;
	if (as != PT_NONE) {
		counted[n].types++;
		counted[n].as[as]++;
	}
}

static void count_if_any(mfn_t m, enum page_type as)
{
	if (!mfn_eq(m, MFN_NONE))
		count(m.n, as);
}

/* Entries of a table that hold references. */
static unsigned entries_held(uint64_t use)
{
	if (use & USE_VALID)
		return 512;
	return (unsigned)((use & USE_PROGRESS) >> USE_PROGRESS_SHIFT) +
	       !!(use & USE_CHILD);
}

static void count_entry(uint64_t n, enum page_type t, uint64_t e)
{
	uint64_t to = pte_mfn(e).n;

	if (!(e & PTE_P))
		return;
	CHECK(e & PTE_U);
	if (t == PT_L1) {
		count(to, e & PTE_RW ? PT_WRITABLE : PT_NONE);
		return;
	}
	CHECK(!(e & (PTE_PSE | PTE_G | PTE_PWT | PTE_PCD)));
	CHECK(to >= FRAME_FIRST && to < FRAME_END);
	CHECK(frame_owner(fr(to)) == frame_owner(fr(n)));
	count(to, t - 1);
}

static void count_table(uint64_t n, uint64_t use)
{
	enum page_type t = use_type(use);
	unsigned held = entries_held(use);

	for (unsigned i = 0; i < held; i++) {
		if (t != PT_L4 || i < HYP_SLOT_FIRST || i > HYP_SLOT_LAST)
			count_entry(n, t, mem(n)[i]);
		else if (i != PERDOMAIN_SLOT && i != L4_SLOT(M2P_BASE))
			CHECK(mem(n)[i] == mem(hyp_root.n)[i]);
		else if (i == PERDOMAIN_SLOT)
			CHECK(mem(n)[i] == frame_owner(fr(n)));
	}
}

static void count_vcpu(const struct vcpu *v)
{
	count_if_any(v->mm.kernel_root, PT_L4);
	count_if_any(v->mm.user_root, PT_L4);
	if (!mfn_eq(v->mm.dropping, MFN_NONE))
		count(v->mm.dropping.n, use_type(frame_of(v->mm.dropping)->use));
	for (unsigned i = 0; i < ARRAY_SIZE(v->mm.gdt_frames); i++)
		count_if_any(v->mm.gdt_frames[i], PT_SEGDESC);
	for (unsigned i = 0; i < 16; i++)
		if (v->mm.ldt_mapped & 1u << i)
			count(pte_mfn(windows[v->domain->id][16 + i]).n, PT_SEGDESC);
}

static void count_frame(uint64_t n)
{
	uint64_t ref = fr(n)->ref, use = fr(n)->use;
	enum page_type t = use_type(use);

	if ((ref & REF_STATE) != REF_USED)
		return;
	counted[n].refs += !!(ref & REF_ALLOC);
	if (ref & REF_LENT) {
		counted[n].types++;
		counted[n].as[PT_WRITABLE]++;
	}
	if (use & (USE_PINNED | USE_SELF)) {
		unsigned self = !!(use & USE_PINNED) + !!(use & USE_SELF);

		CHECK(type_is_table(t));
		counted[n].refs += self;
		counted[n].types += self;
		counted[n].as[t] += self;
	}
	if (type_is_table(t) && (use & USE_COUNT))
		count_table(n, use);
}

/* A new use or a new owner only after a flush. */
static void check_flushed(uint64_t n, uint64_t ref, uint64_t use)
{
	struct last_use *l = &last[n];
	bool owned = (ref & REF_STATE) == REF_USED && ref_owner(ref) != OWNER_XEN;
	bool in_use = owned && (use & USE_COUNT);

	if (l->in_use && !in_use)
		l->when = flushes;
	if (l->owned && !owned)
		l->when = flushes;
	if (in_use) {
		if (l->type != PT_NONE && l->type != use_type(use) && !l->in_use)
			CHECK(flushes > l->when);
		CHECK(!l->in_use || l->type == use_type(use));
		l->type = use_type(use);
	}
	if (owned) {
		if (l->owner && l->owner != ref_owner(ref))
			CHECK(!l->owned && flushes > l->when);
		l->owner = ref_owner(ref);
	}
	l->in_use = in_use;
	l->owned = owned;
}

static void check_frame(uint64_t n)
{
	uint64_t ref = fr(n)->ref, use = fr(n)->use;
	const struct counted *c = &counted[n];
	enum page_type t = use_type(use);

	check_flushed(n, ref, use);
	if ((ref & REF_STATE) != REF_USED) {
		CHECK(!c->refs && !c->types);
		return;
	}
	CHECK((ref & REF_COUNT) == c->refs);
	CHECK((use & USE_COUNT) == c->types);
	CHECK(c->types <= c->refs);
	CHECK(c->as[t] == c->types);	/* nobody uses it as something else */
	if (type_is_table(t) && (use & USE_COUNT)) {
		CHECK(!(use & USE_VALID) != !(use & USE_PARTIAL));
		CHECK(!(use & USE_PARTIAL) || c->types == 1);
	} else {
		CHECK(!(use & (USE_VALID | USE_PARTIAL | USE_CHILD | USE_FAILED |
			       USE_SELF | USE_PINNED | USE_PROGRESS)));
	}
}

void machine_check(void)
{
	uint64_t free = 0;

	memset(counted, 0, sizeof(counted));
	for (uint64_t n = FRAME_FIRST; n < FRAME_END; n++) {
		if ((fr(n)->ref & REF_STATE) == REF_FREE)
			free += 1UL << (fr(n)->ref >> REF_ORDER_SHIFT);
		count_frame(n);
	}
	CHECK(free == heap_free_frames());
	for (unsigned i = 0; i < DOMAINS; i++)
		count_vcpu(&vcpus[i]);
	for (unsigned i = 0; i < nr_holds; i++)
		count(holds[i].m.n, holds[i].writable ? PT_WRITABLE : PT_NONE);
	for (uint64_t n = FRAME_FIRST; n < FRAME_END; n++)
		check_frame(n);
}
