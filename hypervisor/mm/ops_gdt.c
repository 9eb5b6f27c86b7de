/* SPDX-License-Identifier: MIT */
/* ops_gdt.c - fronts of set_gdt and update_descriptor.
 */
#include "base/errno.h"
#include "cpu/tlb.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/descriptor.h"
#include "mm/map.h"

#define GUEST_GDT_PAGES	ARRAY_SIZE(((struct mm_vcpu *)0)->gdt_frames)

long hc_set_gdt(struct vcpu *v, struct hcall *c)
{
	uint64_t frames[GUEST_GDT_PAGES];
	uint32_t entries = (uint32_t)c->arg[1];
	int rc;

	if (entries > GUEST_GDT_PAGES * 512)
		return -EINVAL;
	if (copy_from_guest(frames, c->arg[0], (entries + 511) / 512 * sizeof(frames[0])))
		return -EFAULT;
	rc = mm_set_gdt(v, frames, entries);
	if (!rc)
		tlb_flush_local();
	return rc;
}

/* In a frame of descriptors it stays one; in any other it is plain memory. */
long hc_update_descriptor(struct vcpu *v, struct hcall *c)
{
	uint64_t maddr = c->arg[0], desc = c->arg[1];
	const struct pt_ctx ctx = { .tables = v->domain->mm.slot };
	struct frame *f = frame_lookup(maddr >> PAGE_SHIFT);
	bool left, typed;
	long rc = -EINVAL;

	if ((maddr & 7) || !f || !descriptor_check(&desc) || !frame_get(f, ctx.tables))
		return -EINVAL;
	spin_lock(&v->domain->mm.pt_lock);
	/* What is a page of descriptors without a count may become another. */
	typed = use_type(READ_ONCE(f->use)) == PT_SEGDESC &&
		(type_get_more(f, PT_SEGDESC) || !type_get(f, PT_SEGDESC, &ctx, &left));
	if (typed || writable_get(f)) {
		WRITE_ONCE(*(uint64_t *)maddr_to_virt(maddr), desc);
		type_put_simple(f);
		rc = 0;
	}
	spin_unlock(&v->domain->mm.pt_lock);
	frame_put(f);
	return rc;
}
