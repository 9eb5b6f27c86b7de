/* SPDX-License-Identifier: MIT */
/* ops_mmu.c - front of mmu_update: a batch of page-table writes.
 *
 * Guards: each request is read once; a frame number is checked before it is
 * an index; tables are written only through pt_update.c.
 * A batch stops at the first refusal and says how many were done.
 */
#include "base/errno.h"
#include "base/refusal.h"
#include "mm/ops_batch.h"
#include "mm/pt_update.h"
#include "mm/target.h"

/* One request's surroundings, the same for the whole batch. */
struct surroundings {
	struct vcpu *v;
	struct domain *tables;		/* whose page tables */
	struct domain *pages;		/* whose frames; NULL: no domain's */
	bool allowed;			/* v has power over both */
	struct pt_ctx ctx;
};

/* A frame that is no table in use: an ordinary write to memory. */
static int write_plain(struct frame *f, uint64_t *slot, uint64_t val)
{
	if (!writable_get(f))
		return -EINVAL;
	WRITE_ONCE(*slot, val);
	writable_put(f);
	return 0;
}

static int write_table(struct surroundings *s, struct frame *f, uint64_t *slot,
		       uint64_t val, enum pt_store how)
{
	unsigned level = use_type(f->use);
	mfn_t drop = MFN_NONE;
	int rc;

	if (!type_is_valid(f, (enum page_type)level) || s->pages != s->tables)
		return -EINVAL;
	if (level == PT_L4) {
		unsigned i = (unsigned)((uint64_t)slot & ~PAGE_MASK) / 8;

		if (i >= HYP_SLOT_FIRST && i <= HYP_SLOT_LAST)
			return REFUSE(-EINVAL, HYPERVISOR_SLOT);
	}
	rc = table_update(level, slot, val, &s->ctx, how, NULL, &drop);
	if (!mfn_eq(drop, MFN_NONE))
		s->v->mm.dropping = drop;
	return rc;
}

/* Under the owner's lock a valid table stays one: no reference needed.
 * That it was this owner's when it was valid is sure, too: to be another's
 * in between it would have to wait for a flush of this CPU. */
static inline bool is_own_l1(const struct frame *f, uint16_t owner)
{
	return type_is_valid(f, PT_L1) && frame_owner(f) == owner;
}

static int update_entry(struct surroundings *s, uint64_t maddr, uint64_t val, unsigned cmd)
{
	enum pt_store how = cmd == MMU_PT_UPDATE_PRESERVE_AD ? PT_STORE_KEEP_AD :
							       PT_STORE_PLAIN;
	uint64_t *slot = maddr_to_virt(maddr & ~7UL);
	struct frame *f;
	uint64_t use;
	int rc;

	f = frame_lookup(maddr >> PAGE_SHIFT);
	if (unlikely(!f))
		return -EINVAL;
	if (likely(is_own_l1(f, s->ctx.tables)))
		return l1_update(slot, val, &s->ctx, how, NULL);
	if (!frame_get(f, s->ctx.tables))
		return -EINVAL;
	use = READ_ONCE(f->use);	/* once: without a count it may change */
	if (type_is_table(use_type(use)) && (use & USE_COUNT))
		rc = write_table(s, f, slot, val, how);
	else
		rc = write_plain(f, slot, val);
	frame_put(f);
	return rc;
}

static int update_m2p(struct surroundings *s, uint64_t maddr, uint64_t pfn)
{
	mfn_t m = mfn_make(maddr >> PAGE_SHIFT);
	struct frame *f;

	if (s->tables != s->v->domain)
		return -EPERM;
	f = frame_lookup(m.n);
	if (!f || !s->pages || !frame_get(f, s->pages->mm.slot))
		return -EINVAL;
	WRITE_ONCE(m2p_write[m.n], pfn);
	frame_put(f);
	return 0;
}

static int update_one(struct surroundings *s, const struct mmu_update *req)
{
	unsigned cmd = req->ptr & 7;

	switch (cmd) {
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_PRESERVE_AD:
	case MMU_PT_UPDATE_NO_TRANSLATE:
		if (unlikely(!s->allowed))
			return -EPERM;
		return update_entry(s, req->ptr - cmd, req->val, cmd);
	case MMU_MACHPHYS_UPDATE:
		if (!target_allowed(s->v, s->pages))
			return -EPERM;
		return update_m2p(s, req->ptr, req->val);
	}
	return -ENOSYS;
}

/* The rule, where it is about the frame the entry is in. Here and not above: the
 * loop is shorter for it. */
static RARE_CALL void explain(const struct surroundings *s, uint64_t maddr)
{
	const struct frame *f = frame_lookup(maddr >> PAGE_SHIFT);

	if (!s->allowed)
		refusal_because(RULE_NO_POWER);
	else if (!f)
		refusal_because(RULE_NO_FRAME);
	else if (frame_owner(f) != s->ctx.tables)
		refusal_because(RULE_NOT_OWN);
}

/* One request, for an entry of an L1 of the caller's own that maps the caller's own
 * frames: most calls of Linux's. False: it is another, or is refused, which
 * is for the list's loop to find out again, and to say. */
static inline bool update_own_entry(struct vcpu *v, const struct hcall *c)
{
	struct domain *d = v->domain;
	const struct pt_ctx ctx = own_ctx(d);
	enum pt_store how = PT_STORE_PLAIN;
	struct mmu_update req;
	struct frame *f;
	int rc = -EINVAL;

	if (c->arg[1] != 1 || c->arg[3] != DOMID_SELF || !mfn_eq(v->mm.dropping, MFN_NONE) ||
	    copy_from_guest(&req, c->arg[0], sizeof(req)))
		return false;
	if (req.ptr & 7) {
		if ((req.ptr & 7) != MMU_PT_UPDATE_PRESERVE_AD)
			return false;
		req.ptr -= MMU_PT_UPDATE_PRESERVE_AD;
		how = PT_STORE_KEEP_AD;
	}
	f = frame_lookup(req.ptr >> PAGE_SHIFT);
	if (!f)
		return false;
	spin_lock(&d->mm.pt_lock);
	if (likely(d->life == DOMAIN_ALIVE && is_own_l1(f, ctx.tables)))
		rc = l1_update(maddr_to_virt(req.ptr), req.val, &ctx, how, NULL);
	spin_unlock(&d->mm.pt_lock);
	if (rc)
		return false;
	(void)budget_left(BATCH_UNITS);
	if (c->arg[2])
		(void)!guest_write_u32(c->arg[2], 1);
	return true;
}

static __attribute__((noinline)) long update_list(struct vcpu *v, struct hcall *c)
{
	struct target tables = { .d = v->domain }, pages;
	domid_t table_owner = (domid_t)(c->arg[3] >> 16);
	struct surroundings s;
	struct mmu_update req;
	struct batch b;
	int rc;

	if (unlikely(!batch_begin(&b, v, c, sizeof(req), &rc)))
		return rc;
	if (unlikely(table_owner && table_owner - 1 != v->domain->id)) {
		tables.d = domain_get_by_id((domid_t)(table_owner - 1));
		tables.held = true;
		if (!tables.d)
			return -ESRCH;
	}
	rc = target_get(v, (domid_t)c->arg[3], &pages);
	if (unlikely(rc))
		goto say;
	s.v = v;
	s.tables = tables.d;
	s.pages = pages.d;
	s.allowed = target_allowed(v, pages.d) && target_allowed(v, tables.d);
	s.ctx.tables = tables.d->mm.slot;
	s.ctx.pages = pages.d ? pages.d->mm.slot : OWNER_IO;
	s.ctx.io = pages.d ? pages.d->mm.io : v->domain->mm.io;
	spin_lock(&tables.d->mm.pt_lock);
	/* A table that teardown has passed would not be let go again. */
	if (unlikely(tables.d->life != DOMAIN_ALIVE)) {
		spin_unlock(&tables.d->mm.pt_lock);
		target_put(&pages);
		target_put(&tables);
		return -ESRCH;
	}
	while (b.left) {
		rc = copy_from_guest(&req, c->arg[0], sizeof(req));
		if (likely(!rc))
			rc = update_one(&s, &req);
		if (!batch_next(&b, v, c, sizeof(req), &rc))
			break;
	}
	spin_unlock(&tables.d->mm.pt_lock);
	if (unlikely(rc == -EINVAL || rc == -EPERM))
		explain(&s, req.ptr);
	target_put(&pages);
say:
	batch_end(&b, c);
	target_put(&tables);
	return rc;
}

/* tour 10: the guest's page-table write arrives here, still untrusted. */
long hc_mmu_update(struct vcpu *v, struct hcall *c)
{
	return likely(update_own_entry(v, c)) ? 0 : update_list(v, c);
}
