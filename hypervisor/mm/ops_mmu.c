/* SPDX-License-Identifier: MIT */
/* ops_mmu.c - front of mmu_update: a batch of page-table writes.
 *
 * Guards: each request is read once; a frame number is checked before it is
 * an index; tables are written only through pt_update.c.
 * A batch stops at the first refusal and says how many were done.
 */
#include "base/errno.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/pt_update.h"
#include "mm/roots.h"
#include "mm/target.h"

#define CONTINUED	0x80000000U	/* in the count: taken up again */

/* One request's surroundings, the same for the whole batch. */
struct batch {
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

static int write_table(struct batch *b, struct frame *f, uint64_t *slot,
		       uint64_t val, enum pt_store how)
{
	unsigned level = use_type(f->use);
	mfn_t drop = MFN_NONE;
	int rc;

	if (!type_is_valid(f, (enum page_type)level) || b->pages != b->tables)
		return -EINVAL;
	if (level == PT_L4) {
		unsigned i = (unsigned)((uint64_t)slot & ~PAGE_MASK) / 8;

		if (i >= HYP_SLOT_FIRST && i <= HYP_SLOT_LAST)
			return -EINVAL;
	}
	rc = table_update(level, slot, val, &b->ctx, how, NULL, &drop);
	if (!mfn_eq(drop, MFN_NONE))
		b->v->mm.dropping = drop;
	return rc;
}

static int update_entry(struct batch *b, uint64_t maddr, uint64_t val, unsigned cmd)
{
	enum pt_store how = cmd == MMU_PT_UPDATE_PRESERVE_AD ? PT_STORE_KEEP_AD :
							       PT_STORE_PLAIN;
	uint64_t *slot = maddr_to_virt(maddr & ~7UL);
	enum page_type t;
	struct frame *f;
	int rc;

	f = frame_lookup(maddr >> PAGE_SHIFT);
	if (unlikely(!f))
		return -EINVAL;
	/* Under the owner's lock a valid table stays one: no reference needed. */
	if (likely(type_is_valid(f, PT_L1) && frame_owner(f) == b->ctx.tables))
		return l1_update(slot, val, &b->ctx, how, NULL);
	if (!frame_get(f, b->ctx.tables))
		return -EINVAL;
	t = use_type(f->use);
	if (type_is_table(t) && (f->use & USE_COUNT))
		rc = write_table(b, f, slot, val, how);
	else
		rc = write_plain(f, slot, val);
	frame_put(f);
	return rc;
}

static int update_m2p(struct batch *b, uint64_t maddr, uint64_t pfn)
{
	mfn_t m = mfn_make(maddr >> PAGE_SHIFT);
	struct frame *f;

	if (b->tables != b->v->domain)
		return -EPERM;
	f = frame_lookup(m.n);
	if (!f || !b->pages || !frame_get(f, b->pages->mm.slot))
		return -EINVAL;
	WRITE_ONCE(m2p_write[m.n], pfn);
	frame_put(f);
	return 0;
}

static int update_one(struct batch *b, const struct mmu_update *req)
{
	unsigned cmd = req->ptr & 7;

	switch (cmd) {
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_PRESERVE_AD:
	case MMU_PT_UPDATE_NO_TRANSLATE:
		if (unlikely(!b->allowed))
			return -EPERM;
		return update_entry(b, req->ptr - cmd, req->val, cmd);
	case MMU_MACHPHYS_UPDATE:
		if (!target_allowed(b->v, b->pages))
			return -EPERM;
		return update_m2p(b, req->ptr, req->val);
	}
	return -ENOSYS;
}

/* Requests from c->arg on; advances c->arg over what is done. */
static int run_batch(struct batch *b, struct hcall *c, uint32_t count)
{
	struct mmu_update req;
	int rc = 0;

	spin_lock(&b->tables->mm.pt_lock);
	while (count) {
		if (copy_from_guest(&req, c->arg[0], sizeof(req))) {
			rc = -EFAULT;
			break;
		}
		rc = update_one(b, &req);
		if (rc)
			break;
		c->arg[0] += sizeof(req);
		count--;
		if (unlikely(!mfn_eq(b->v->mm.dropping, MFN_NONE) ||
			     (!budget_left(1) && count))) {
			rc = -ERESTART;
			break;
		}
	}
	spin_unlock(&b->tables->mm.pt_lock);
	c->arg[1] = count | CONTINUED;
	return rc;
}

/* tour 10: the guest's page-table write arrives here, still untrusted. */
long hc_mmu_update(struct vcpu *v, struct hcall *c)
{
	struct target tables, pages;
	uint32_t count = (uint32_t)c->arg[1], done = 0;
	domid_t table_owner = (domid_t)(c->arg[3] >> 16);
	struct batch b;
	int rc;

	rc = finish_dropping(v);
	if (unlikely(rc))
		return rc;
	if (unlikely(count & CONTINUED)) {
		if (count == CONTINUED && !c->arg[0])
			return (int)c->arg[3];
		count &= ~CONTINUED;
		if (c->arg[2])
			(void)!copy_from_guest(&done, c->arg[2], sizeof(done));
	}
	if (unlikely(!guest_range_ok(c->arg[0], (uint64_t)count * sizeof(struct mmu_update))))
		return -EFAULT;
	tables = (struct target){ .d = v->domain };
	if (unlikely(table_owner && table_owner - 1 != v->domain->id)) {
		tables.d = domain_get_by_id((domid_t)(table_owner - 1));
		tables.held = true;
		if (!tables.d)
			return -ESRCH;
		if (tables.d->life != DOMAIN_ALIVE) {
			target_put(&tables);
			return -ESRCH;
		}
	}
	rc = target_get(v, (domid_t)c->arg[3], &pages);
	if (unlikely(rc))
		goto say;
	b.v = v;
	b.tables = tables.d;
	b.pages = pages.d;
	b.allowed = target_allowed(v, pages.d) && target_allowed(v, tables.d);
	b.ctx.tables = tables.d->mm.slot;
	b.ctx.pages = pages.d ? pages.d->mm.slot : OWNER_IO;
	b.ctx.io = pages.d ? pages.d->mm.io : v->domain->mm.io;
	rc = run_batch(&b, c, count);
	done += count - ((uint32_t)c->arg[1] & ~CONTINUED);
	target_put(&pages);
say:
	if (c->arg[2])	/* where it cannot be written, upstream says nothing either */
		(void)!copy_to_guest(c->arg[2], &done, sizeof(done));
	target_put(&tables);
	return rc;
}
