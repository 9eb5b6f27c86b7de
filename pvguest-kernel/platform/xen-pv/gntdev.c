/* SPDX-License-Identifier: MIT */
/* gntdev.c - /dev/xen/gntdev: other domains' granted pages for user programs.
 *
 * MAP_GRANT_REF names grants and gets an index, mmap at that index maps them.
 * Guards: an entry made by a grant goes by the hypervisor's unmap and in no
 * other way, at munmap, exec and exit, whether or not the other domain lives.
 * A set of grants lasts until it is both unmapped and forgotten.
 */
#include <public/grant_table.h>

#include "core/errno.h"
#include "core/process.h"
#include "fs/file.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/user.h"
#include "platform/xen-pv/grant.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define GRANTS_MAX 1024u	/* a file may have at once */
#define NO_HANDLE UINT32_MAX

#define IOCTL_MAP_GRANT_REF GRANT_IOC(0, 24)
#define IOCTL_UNMAP_GRANT_REF GRANT_IOC(1, 16)
#define IOCTL_OFFSET_FOR_VADDR GRANT_IOC(2, 24)
#define IOCTL_SET_MAX_GRANTS GRANT_IOC(3, 4)

struct one_ref {
	uint32_t domid, ref;
};

struct map {
	struct list node;
	uint64_t index;			/* its first page in the file */
	uint32_t count, mapped;
	bool forgotten;
	/* as mapped last: where its first page is */
	bool readonly;
	const struct mm *mm;
	uint64_t base;
	struct unmap_notify notify;
	struct {
		struct one_ref of;
		uint32_t handle;
	} grant[];
};

struct gntdev {
	struct list maps;
	uint32_t grants, limit;
	uint64_t next_index;
};

struct map_request {
	uint32_t count, pad;
	uint64_t index;
};

static struct map *map_at(struct gntdev *g, uint64_t index)
{
	struct map *m;

	list_for_each(m, &g->maps, node)
		if (index >= m->index && index < m->index + m->count)
			return m;
	return NULL;
}

/* As ioctls name one, which cannot name a forgotten one. */
static struct map *map_named(struct gntdev *g, uint64_t offset, uint32_t count)
{
	struct map *m = map_at(g, offset >> PAGE_SHIFT);

	if (!m || m->forgotten || m->index != offset >> PAGE_SHIFT || m->count != count)
		return NULL;
	return m;
}

static void map_free_if_unused(struct gntdev *g, struct map *m)
{
	if (m->mapped || !m->forgotten)
		return;
	g->grants -= m->count;
	list_remove(&m->node);
	kfree(m);
}

static long map_refs(struct gntdev *g, uint64_t arg)
{
	struct map_request req;
	struct map *m;

	if (get_user(req, arg))
		return -EFAULT;
	if (!req.count || req.count > g->limit - min_u64(g->limit, g->grants))
		return -EINVAL;
	m = kzalloc(sizeof(*m) + req.count * sizeof(m->grant[0]));
	if (!m)
		return -ENOMEM;
	for (uint32_t i = 0; i < req.count; i++) {
		m->grant[i].handle = NO_HANDLE;
		if (copy_from_user(&m->grant[i].of, arg + sizeof(req) + i * sizeof(struct one_ref),
				   sizeof(struct one_ref)))
			goto fault;
	}
	m->count = req.count;
	m->index = g->next_index;
	req.index = m->index << PAGE_SHIFT;
	if (put_user(req, arg))
		goto fault;
	g->next_index += m->count;
	g->grants += m->count;
	list_push_back(&g->maps, &m->node);
	return 0;
fault:
	kfree(m);
	return -EFAULT;
}

static long unmap_refs(struct gntdev *g, uint64_t arg)
{
	struct { uint64_t index; uint32_t count, pad; } req;
	struct map *m;

	if (get_user(req, arg))
		return -EFAULT;
	m = map_named(g, req.index, req.count);
	if (!m)
		return -ENOENT;
	m->forgotten = true;
	map_free_if_unused(g, m);
	return 0;
}

static const struct file_ops gntdev_ops;

static long offset_for_vaddr(struct gntdev *g, uint64_t arg)
{
	struct { uint64_t vaddr, offset; uint32_t count, pad; } req;
	const struct vma *vma;
	const struct map *m;

	if (get_user(req, arg))
		return -EFAULT;
	vma = vma_find(current->process->mm, req.vaddr);
	if (!vma || vma->start != req.vaddr || !vma->file || vma->file->priv != g)
		return -EINVAL;
	m = map_at(g, vma->pgoff);
	if (!m)
		return -EINVAL;
	req.offset = m->index << PAGE_SHIFT;
	req.count = m->count;
	return put_user(req, arg);
}

static long set_max_grants(struct gntdev *g, uint64_t arg)
{
	uint32_t limit;

	if (get_user(limit, arg))
		return -EFAULT;
	if (limit > GRANTS_MAX)
		return -EINVAL;
	g->limit = limit;
	return 0;
}

static long set_notify(struct gntdev *g, uint64_t arg)
{
	struct unmap_notify req;
	struct map *m;
	int rc = unmap_notify_get(&req, arg);

	if (rc)
		return rc;
	m = map_at(g, req.index >> PAGE_SHIFT);
	if (!m || m->forgotten)
		return -ENOENT;
	if ((req.action & UNMAP_NOTIFY_CLEAR_BYTE) && m->mapped && m->readonly)
		return -EINVAL;
	m->notify = req;
	return 0;
}

static long gntdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct gntdev *g = file->priv;

	switch (cmd) {
	case IOCTL_MAP_GRANT_REF:
		return map_refs(g, arg);
	case IOCTL_UNMAP_GRANT_REF:
		return unmap_refs(g, arg);
	case IOCTL_OFFSET_FOR_VADDR:
		return offset_for_vaddr(g, arg);
	case IOCTL_SET_MAX_GRANTS:
		return set_max_grants(g, arg);
	case IOCTL_SET_UNMAP_NOTIFY:
		return set_notify(g, arg);
	default:
		return -ENOTTY;
	}
}

static int map_one(struct map *m, uint32_t i, const uint64_t *slot)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = virt_to_machine(slot),
		.flags = GNTMAP_host_map | GNTMAP_application_map | GNTMAP_contains_pte |
			 (m->readonly ? GNTMAP_readonly : 0),
		.ref = m->grant[i].of.ref,
		.dom = (domid_t)m->grant[i].of.domid,
	};

	if (hv_grant_table_op(GNTTABOP_map_grant_ref, &op, 1) || op.status)
		return -EINVAL;
	m->grant[i].handle = op.handle;
	m->mapped++;
	return 0;
}

/* What is mapped when one is refused goes again with the range. */
static int gntdev_mmap(struct file *file, struct mm *mm, struct vma *vma)
{
	struct gntdev *g = file->priv;
	uint32_t count = (uint32_t)((vma->end - vma->start) >> PAGE_SHIFT);
	struct map *m = map_named(g, vma->pgoff << PAGE_SHIFT, count);
	int rc = 0;

	vma->flags |= VMA_FOREIGN | VMA_NOFORK | VMA_FIXED_SIZE;
	if (!m || m->mapped || !(vma->flags & VMA_SHARED))
		return -EINVAL;
	m->readonly = !(vma->flags & VMA_WRITE);
	m->mm = mm;
	m->base = vma->start;
	for (uint32_t i = 0; i < count && !rc; i++) {
		const uint64_t *slot = pt_slot(&mm->tables, vma->start + i * PAGE_SIZE, true);

		rc = slot ? map_one(m, i, slot) : -ENOMEM;
	}
	return rc;
}

/* The other domain may look at this byte, or wait for this event. The byte is
 * written by way of the grant, since the address space may not be in use. */
static void tell_unmapped(struct map *m, uint64_t i)
{
	uint32_t action = m->notify.action;

	if (!action || m->notify.index >> PAGE_SHIFT != m->index + i)
		return;
	m->notify.action = 0;
	if (action & UNMAP_NOTIFY_CLEAR_BYTE) {
		static const char zero;
		struct gnttab_copy op = {
			.source = {
				.u.gmfn = virt_to_machine(&zero) >> PAGE_SHIFT,
				.domid = DOMID_SELF,
				.offset = (uint64_t)&zero % PAGE_SIZE,
			},
			.dest = {
				.u.ref = m->grant[i].of.ref,
				.domid = (domid_t)m->grant[i].of.domid,
				.offset = m->notify.index % PAGE_SIZE,
			},
			.len = 1,
			.flags = GNTCOPY_dest_gref,
		};

		hv_grant_table_op(GNTTABOP_copy, &op, 1);
	}
	if (action & UNMAP_NOTIFY_SEND_EVENT)
		event_send(m->notify.port);
}

/* A range whose mmap was refused has nothing mapped, whatever its offset and its
 * length say. */
static void gntdev_zap(struct mm *mm, struct vma *vma, uint64_t start, uint64_t end)
{
	struct gntdev *g = vma->file->priv;
	struct map *m = map_at(g, vma->pgoff);

	if (!m || m->mm != mm || vma->start != m->base + ((vma->pgoff - m->index) << PAGE_SHIFT))
		return;
	end = min_u64(end, m->base + m->count * PAGE_SIZE);
	for (uint64_t va = start; va < end; va += PAGE_SIZE) {
		uint64_t i = (va - m->base) >> PAGE_SHIFT;
		struct gnttab_unmap_grant_ref op = { .handle = m->grant[i].handle };

		if (op.handle == NO_HANDLE)
			continue;
		tell_unmapped(m, i);
		op.host_addr = virt_to_machine(pt_slot(&mm->tables, va, false));
		hv_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1);
		m->grant[i].handle = NO_HANDLE;
		m->mapped--;
	}
	if (!m->mapped)
		m->mm = NULL;
	map_free_if_unused(g, m);
}

static int gntdev_open(struct inode *inode, struct file *file)
{
	struct gntdev *g = kzalloc(sizeof(*g));

	if (!g)
		return -ENOMEM;
	list_init(&g->maps);
	g->limit = GRANTS_MAX;
	file->priv = g;
	return 0;
}

/* A range holds its file: nothing is mapped any more. */
static void gntdev_release(struct file *file)
{
	struct gntdev *g = file->priv;
	struct map *m, *tmp;

	list_for_each_safe(m, tmp, &g->maps, node)
		kfree(m);
	kfree(g);
}

static const struct file_ops gntdev_ops = {
	.open = gntdev_open,
	.release = gntdev_release,
	.ioctl = gntdev_ioctl,
	.mmap = gntdev_mmap,
	.zap = gntdev_zap,
};

void gntdev_init(void)
{
	dev_register("xen/gntdev", 0600, 10, 53, &gntdev_ops);
}
