/* SPDX-License-Identifier: MIT */
/* fuzz_page_type.c - the page-type core under any program of operations.
 *
 * The input is a program: eight bytes an operation, at most MAX_STEPS of
 * them, done by two domains in turn as the fronts would do them, each with a
 * work budget of its own. After every step machine_check() recounts; at the
 * end both domains are destroyed and all memory must be free again.
 */
/* link: hypervisor/mm/page_type.c hypervisor/mm/pt_validate.c hypervisor/mm/pt_update.c */
/* link: hypervisor/mm/descriptor.c hypervisor/mm/owner.c hypervisor/mm/frame_alloc.c */
/* link: hypervisor/mm/roots.c hypervisor/mm/gdt.c hypervisor/mm/teardown.c */
/* link: hypervisor/mm/grant_map.c hypervisor/cpu/tlb.c hypervisor/sync/spinlock.c */
/* link: tests/fuzz/host/machine.c */
#include "machine.h"

#include "base/errno.h"
#include "check.h"
#include "mm/gdt.h"
#include "mm/grant_map.h"
#include "mm/map.h"
#include "mm/pt_update.h"
#include "mm/roots.h"

#define MAX_STEPS	64
#define UNLIMITED	(1 << 30)

struct step {
	uint8_t op;		/* bit 7: which domain */
	uint8_t units;		/* of the budget; 0: unlimited */
	uint8_t frame, to;
	uint8_t slot, flags;
	uint8_t how, extra;
};

/* Frames most of the time, else numbers that a guest has no business with. */
static uint64_t frame_nr(uint8_t b)
{
	static const uint64_t odd[] = {
		0, 1, IO_FRAME, IO_FRAME + 1, FRAME_FIRST - 1, FRAME_END,
		FAKE_FRAMES, 1UL << 39, ~0UL >> 24,
	};

	return b < 0xe0 ? FRAME_FIRST + b % (FRAME_END - FRAME_FIRST) :
			  odd[b % ARRAY_SIZE(odd)];
}

/* Few slots, so that programs meet in them. */
static unsigned slot_nr(uint8_t b)
{
	static const uint16_t slots[] = { 0, 1, 2, 3, 7, 255, 272, 511, 256, 271 };

	return slots[b % ARRAY_SIZE(slots)];
}

static uint64_t entry(const struct step *s)
{
	static const uint64_t bits[8] = {
		PTE_RW, PTE_U, PTE_PCD, PTE_PSE, PTE_G, PTE_NX | PTE_A, 1UL << 46,
		PTE_GUEST_KERNEL,
	};
	uint64_t e = PTE_P | frame_nr(s->to) << PAGE_SHIFT;

	for (unsigned i = 0; i < 8; i++)
		if (s->flags & 1u << i)
			e |= bits[i];
	return s->how & 0x80 ? 0 : e;
}

static struct pt_ctx context(const struct vcpu *v, const struct step *s)
{
	struct pt_ctx c = own_ctx(v->domain);

	if (s->how & 0x40)		/* another's frames: by grant, or by power */
		c.pages = dom[!v->domain->id].mm.slot;
	return c;
}

/* --- operations, as the fronts do them -------------------------------------- */

static void populate(struct vcpu *v, const struct step *s)
{
	(void)!domain_frame_alloc(v->domain, s->extra % 3);
}

static void give_back(struct vcpu *v, const struct step *s)
{
	struct frame *f = frame_lookup(frame_nr(s->frame));

	if (!f || !frame_get(f, v->domain->mm.slot))
		return;
	if (s->how & 1)			/* XENMEM_exchange */
		if (frame_steal(f))
			return;
	(void)!frame_disown(f);
	frame_put(f);
}

/* The guest stores to a page of its own, or asks us to. */
static void write_plain(struct vcpu *v, const struct step *s)
{
	struct frame *f = frame_lookup(frame_nr(s->frame));

	if (!f || !frame_get(f, v->domain->mm.slot))
		return;
	if (writable_get(f)) {
		mem(mfn_of(f).n)[slot_nr(s->slot)] = s->extra & 1 ? entry(s) : 0;
		writable_put(f);
	}
	frame_put(f);
}

/* Many entries at once, for walks that the budget ends. */
static void fill_plain(struct vcpu *v, const struct step *s)
{
	struct frame *f = frame_lookup(frame_nr(s->frame));

	if (!f || !frame_get(f, v->domain->mm.slot))
		return;
	if (writable_get(f)) {
		for (unsigned i = 0; i < 512; i += 1 + s->extra)
			mem(mfn_of(f).n)[i] = entry(s);
		writable_put(f);
	}
	frame_put(f);
}

static void update(struct vcpu *v, const struct step *s)
{
	struct frame *f = frame_lookup(frame_nr(s->frame));
	const struct pt_ctx c = context(v, s);
	enum pt_store how = s->how % 3;
	unsigned slot = slot_nr(s->slot);
	mfn_t drop = MFN_NONE;
	uint64_t *at, expected;
	enum page_type t;

	if (!f || !frame_get(f, v->domain->mm.slot))
		return;
	at = &mem(mfn_of(f).n)[slot];
	expected = s->extra & 1 ? *at : entry(s);
	t = use_type(f->use);
	spin_lock(&v->domain->mm.pt_lock);
	if (type_is_valid(f, PT_L1))
		(void)!l1_update(at, entry(s), &c, how, &expected);
	else if (type_is_table(t) && type_is_valid(f, t) && c.pages == c.tables &&
		 (t != PT_L4 || slot < HYP_SLOT_FIRST || slot > HYP_SLOT_LAST))
		(void)!table_update(t, at, entry(s), &c, how, &expected, &drop);
	spin_unlock(&v->domain->mm.pt_lock);
	if (!mfn_eq(drop, MFN_NONE))
		v->mm.dropping = drop;
	frame_put(f);
}

static void pin(struct vcpu *v, const struct step *s)
{
	spin_lock(&v->domain->mm.pt_lock);
	(void)!pin_table(v->domain, mfn_make(frame_nr(s->frame)), 1 + s->extra % 4);
	spin_unlock(&v->domain->mm.pt_lock);
}

static void unpin(struct vcpu *v, const struct step *s)
{
	spin_lock(&v->domain->mm.pt_lock);
	(void)!unpin_table(v, v->domain, mfn_make(frame_nr(s->frame)));
	spin_unlock(&v->domain->mm.pt_lock);
}

static void set_root(struct vcpu *v, const struct step *s)
{
	mfn_t m = mfn_make(frame_nr(s->frame));

	if (s->extra & 1)
		(void)!mm_set_kernel_root(v, m);
	else if (s->extra & 2 || !mfn_valid(m))
		(void)!mm_set_user_root(v, MFN_NONE);
	else
		(void)!mm_set_user_root(v, m);
}

static void set_gdt(struct vcpu *v, const struct step *s)
{
	uint64_t frames[2] = { frame_nr(s->frame), frame_nr(s->to) };

	(void)!mm_set_gdt(v, frames, s->extra % 3 * 512);
}

static void use_ldt(struct vcpu *v, const struct step *s)
{
	if (s->extra & 1)
		(void)!mm_set_ldt(v, (uint64_t)slot_nr(s->slot) << PAGE_SHIFT, 2 * 512);
	else
		(void)!mm_fixup_ldt(v, LDT_WINDOW(v->id) + (s->extra >> 1 & 3) * PAGE_SIZE);
}

static void hold(struct vcpu *v, const struct step *s)
{
	struct frame *f = frame_lookup(frame_nr(s->frame));

	if (nr_holds == HOLDS || !f || !frame_get(f, v->domain->mm.slot))
		return;
	if ((s->extra & 1) && !writable_get(f)) {
		frame_put(f);
		return;
	}
	holds[nr_holds++] = (struct hold){ mfn_of(f), s->extra & 1 };
}

static void let_go(struct vcpu *v, const struct step *s)
{
	struct hold h;

	if (!nr_holds)
		return;
	h = holds[s->extra % nr_holds];
	nr_holds--;
	holds[s->extra % (nr_holds + 1)] = holds[nr_holds];
	if (h.writable)
		writable_put(frame_of(h.m));
	frame_put(frame_of(h.m));
}

static void grant_map(struct vcpu *v, const struct step *s)
{
	uint64_t where = frame_nr(s->frame) << PAGE_SHIFT | slot_nr(s->slot) * 8;
	mfn_t m = mfn_make(frame_nr(s->to));
	bool writable = s->flags & 1;
	uint64_t old;

	if (!(s->how & 1)) {
		(void)!mm_grant_map(v, where, true, m, dom[!v->domain->id].mm.slot,
				    PTE_P | PTE_U | (writable ? PTE_RW : 0));
	} else if (!mm_grant_unmap(v, where, true, m, writable, 0, &old)) {
		mm_grant_forget(v);
		l1_entry_put(old);
	}
}

static void flush(struct vcpu *v, const struct step *s)
{
	for (unsigned n = s->extra < 250 ? s->extra : 65535u + s->extra - 252; n; n--)
		tlb_flush_local();
}

static void destroy(struct vcpu *v, const struct step *s)
{
	v->domain->life = DOMAIN_DYING;
}

static void (*const ops[])(struct vcpu *v, const struct step *s) = {
	write_plain, write_plain, fill_plain, update, update, pin, pin, unpin,
	set_root, set_gdt, use_ldt, hold, let_go, populate, give_back,
	grant_map, flush, destroy,
};

static void do_step(const struct step *s)
{
	struct vcpu *v = &vcpus[s->op >> 7];
	struct domain *d = v->domain;

	budget(s->units ? s->units : UNLIMITED);
	if (d->life == DOMAIN_DYING) {		/* each step a bit further */
		if (!mm_domain_teardown(d))
			machine_reborn(d);
		return;
	}
	if (!mfn_eq(v->mm.dropping, MFN_NONE)) {
		if (finish_dropping(v))
			return;
		machine_check();
	}
	ops[(s->op & 0x7f) % ARRAY_SIZE(ops)](v, s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t steps = MIN(size / sizeof(struct step), MAX_STEPS);

	machine_begin();
	for (unsigned i = 0; i < 18; i++)
		CHECK(domain_frame_alloc(&dom[i >= 12], 0));
	for (size_t i = 0; i < steps; i++) {
		do_step((const struct step *)data + i);
		machine_check();
	}
	machine_end();
	return 0;
}
