/* SPDX-License-Identifier: MIT */
/* privcmd.c - /dev/xen/privcmd: hypercalls and foreign memory for tools.
 *
 * The ioctls are Linux's. A hypercall's buffers are user addresses: the
 * hypervisor reads them through the address space in use, which is the
 * caller's. Who may do what is the hypervisor's decision, not ours.
 * Guards: foreign ranges are never copied or inherited (mm/mm.h).
 */
#include <public/memory.h>

#include "core/errno.h"
#include "core/process.h"
#include "fs/file.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/user.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define IOC(type, nr, size) ((uint32_t)(size) << 16 | (type) << 8 | (nr))
#define BATCH 64
#define RESOURCE_FRAMES_MAX 512

struct privcmd_hypercall {
	uint64_t op;
	uint64_t arg[5];
};

struct privcmd_mmapbatch_v2 {
	uint32_t num;
	uint16_t dom;
	uint64_t addr;
	uint64_t frames;	/* user array of uint64_t */
	uint64_t errors;	/* user array of int, or 0 */
};

struct privcmd_mmap_resource {
	uint16_t dom;
	uint32_t type;
	uint32_t id;
	uint32_t idx;
	uint64_t num;
	uint64_t addr;
};

#define IOCTL_HYPERCALL IOC('P', 0, sizeof(struct privcmd_hypercall))
#define IOCTL_MMAPBATCH_V2 IOC('P', 4, sizeof(struct privcmd_mmapbatch_v2))
#define IOCTL_MMAP_RESOURCE IOC('P', 7, sizeof(struct privcmd_mmap_resource))

static long do_hypercall(uint64_t arg)
{
	struct privcmd_hypercall hc;

	if (get_user(hc, arg))
		return -EFAULT;
	return hypercall5(hc.op, hc.arg[0], hc.arg[1], hc.arg[2], hc.arg[3], hc.arg[4]);
}

/* The foreign range that holds all of [addr, addr + num pages), or NULL. */
static struct vma *foreign_range(uint64_t addr, uint64_t num)
{
	struct vma *vma = vma_find(current->process->mm, addr);

	if (!vma || !(vma->flags & VMA_FOREIGN) || addr % PAGE_SIZE ||
	    num > (vma->end - addr) / PAGE_SIZE)
		return NULL;
	return vma;
}

static int check_unmapped(struct mm *mm, uint64_t addr, uint64_t num)
{
	uint64_t va = addr;

	return pt_next(&mm->tables, &va, addr + num * PAGE_SIZE) ? -EINVAL : 0;
}

/* Maps up to BATCH frames; error[i] is 0 or negative. */
static int map_batch(const struct vma *vma, uint64_t addr, const uint64_t *frame, unsigned num,
		     unsigned domid, int *error)
{
	struct page_tables *pt = &current->process->mm->tables;

	for (unsigned i = 0; i < num; i++) {
		uint64_t *slot = pt_slot(pt, addr + i * PAGE_SIZE, true);

		if (!slot)
			return -ENOMEM;
		error[i] = xen_map_foreign(slot, frame[i], vma->flags & VMA_WRITE, domid);
	}
	return 0;
}

/* Per-frame failures are in the array; only -ENOENT (paged out, try again) is
 * also the call's result. */
static long mmapbatch(uint64_t arg)
{
	struct privcmd_mmapbatch_v2 b;
	const struct vma *vma;
	uint64_t frame[BATCH];
	int error[BATCH];
	long result = 0;

	if (get_user(b, arg))
		return -EFAULT;
	vma = foreign_range(b.addr, b.num);
	if (!vma || !b.num || check_unmapped(current->process->mm, b.addr, b.num))
		return -EINVAL;
	for (uint64_t done = 0; done < b.num;) {
		unsigned n = (unsigned)min_u64(BATCH, b.num - done);
		int rc;

		if (copy_from_user(frame, b.frames + done * 8, n * 8))
			return -EFAULT;
		rc = map_batch(vma, b.addr + done * PAGE_SIZE, frame, n, b.dom, error);
		if (rc)
			return rc;
		for (unsigned i = 0; i < n; i++)
			if (error[i] == -ENOENT)
				result = -ENOENT;
		if (b.errors && copy_to_user(b.errors + done * 4, error, n * 4))
			return -EFAULT;
		done += n;
	}
	return result;
}

static long resource_size(struct privcmd_mmap_resource *r, uint64_t arg)
{
	struct xen_mem_acquire_resource req = {
		.domid = r->dom, .type = (uint16_t)r->type, .id = r->id,
	};
	long rc = hv_memory_op(XENMEM_acquire_resource, &req);

	if (rc)
		return rc;
	r->num = req.nr_frames;
	return copy_to_user(arg, r, sizeof(*r));
}

static long map_resource(const struct privcmd_mmap_resource *r, uint64_t *frame)
{
	struct xen_mem_acquire_resource req = {
		.domid = r->dom, .type = (uint16_t)r->type, .id = r->id,
		.frame = r->idx, .nr_frames = (uint32_t)r->num,
	};
	const struct vma *vma = foreign_range(r->addr, r->num);
	long rc;

	if (!vma || check_unmapped(current->process->mm, r->addr, r->num))
		return -EINVAL;
	set_xen_guest_handle(req.frame_list, (xen_pfn_t *)frame);
	rc = hv_memory_op(XENMEM_acquire_resource, &req);
	for (uint64_t done = 0; !rc && done < r->num; done += BATCH) {
		unsigned n = (unsigned)min_u64(BATCH, r->num - done);
		int error[BATCH];

		rc = map_batch(vma, r->addr + done * PAGE_SIZE, frame + done, n, r->dom, error);
		for (unsigned i = 0; i < n && !rc; i++)
			rc = error[i];
	}
	return rc;
}

static long mmap_resource(uint64_t arg)
{
	struct privcmd_mmap_resource r;
	uint64_t *frame;
	long rc;

	if (get_user(r, arg))
		return -EFAULT;
	if (!r.addr && !r.num)
		return resource_size(&r, arg);
	if (!r.num || r.num > RESOURCE_FRAMES_MAX)
		return -EINVAL;
	frame = kmalloc(r.num * sizeof(*frame));
	if (!frame)
		return -ENOMEM;
	rc = map_resource(&r, frame);
	kfree(frame);
	return rc;
}

/* tour 28: how a program of the control domain makes a call of its own. */
static long privcmd_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case IOCTL_HYPERCALL:
		return do_hypercall(arg);
	case IOCTL_MMAPBATCH_V2:
		return mmapbatch(arg);
	case IOCTL_MMAP_RESOURCE:
		return mmap_resource(arg);
	default:
		return -ENOTTY;
	}
}

/* Only the place is reserved: an ioctl fills it. */
static int privcmd_mmap(struct file *file, struct mm *mm, struct vma *vma)
{
	if (!(vma->flags & VMA_SHARED))
		return -EINVAL;
	vma->flags |= VMA_FOREIGN | VMA_NOFORK | VMA_FIXED_SIZE;
	return 0;
}

static const struct file_ops privcmd_ops = {
	.ioctl = privcmd_ioctl,
	.mmap = privcmd_mmap,
};

void privcmd_init(void)
{
	dev_register("xen/privcmd", 0600, 10, 60, &privcmd_ops);
}
