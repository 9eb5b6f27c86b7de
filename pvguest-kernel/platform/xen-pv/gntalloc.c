/* SPDX-License-Identifier: MIT */
/* gntalloc.c - /dev/xen/gntalloc: pages that user programs share with other
 * domains.
 *
 * Guards: a page goes back to the kernel only when nobody can reach it: given
 * up by its file, mapped by no program, and its grant not in use. Until then
 * it lingers, and is looked at again whenever a page is made or given up.
 * Invariant: our table's entry changes from permit to nothing by one
 * compare-and-swap that fails while the other domain uses it.
 */
#include <public/grant_table.h>

#include "core/errno.h"
#include "fs/file.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/user.h"
#include "platform/xen-pv/grant.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define IOCTL_ALLOC_GREF GRANT_IOC(5, 24)
#define IOCTL_DEALLOC_GREF GRANT_IOC(6, 16)
#define FLAG_WRITABLE 1

#define TABLE_FRAMES 2
#define GRANTS (TABLE_FRAMES * PAGE_SIZE / sizeof(struct grant_entry_v1))
#define FILE_MAX 512u		/* pages a file may share */

/* Mapped over by the hypervisor's frames at the first use. */
static struct grant_entry_v1 table[GRANTS] __attribute__((section(".bss.pages"), aligned(4096)));
static struct shared *owner[GRANTS];

struct shared {
	struct list node;	/* of its file, then of `lingering` */
	uint64_t index;		/* its page in the file */
	uint32_t ref;
	struct page *page;
	struct unmap_notify notify;
};

struct gntalloc {
	struct list pages;
	uint32_t count;
	uint64_t next_index;
};

struct alloc_request {
	uint16_t domid, flags;
	uint32_t count;
	uint64_t index;
};

static struct list lingering = LIST_INIT(lingering);

static int table_init(void)
{
	xen_pfn_t frame[TABLE_FRAMES];
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = TABLE_FRAMES };
	static bool done;

	if (done)
		return 0;
	set_xen_guest_handle(op.frame_list, frame);
	if (hv_grant_table_op(GNTTABOP_setup_table, &op, 1) || op.status)
		return -ENOSYS;
	for (unsigned i = 0; i < TABLE_FRAMES; i++)
		xen_map_over((char *)table + i * PAGE_SIZE, frame[i] << PAGE_SHIFT);
	done = true;
	return 0;
}

static uint32_t free_ref(void)
{
	for (uint32_t ref = GNTTAB_NR_RESERVED_ENTRIES; ref < GRANTS; ref++)
		if (!owner[ref])
			return ref;
	return 0;
}

/* The flags go last: they make the entry count. */
static int share(struct shared *s, uint16_t domid, bool writable)
{
	struct grant_entry_v1 *e;

	s->ref = free_ref();
	if (!s->ref)
		return -ENOSPC;
	owner[s->ref] = s;
	e = &table[s->ref];
	e->domid = domid;
	e->frame = (uint32_t)pfn_to_mfn(page_pfn(s->page));
	__atomic_store_n(&e->flags, GTF_permit_access | (writable ? 0 : GTF_readonly),
			 __ATOMIC_RELEASE);
	return 0;
}

static bool unshare(struct shared *s)
{
	struct grant_entry_v1 *e = &table[s->ref];
	uint16_t flags = __atomic_load_n(&e->flags, __ATOMIC_ACQUIRE);

	if (flags & (GTF_reading | GTF_writing) ||
	    !__atomic_compare_exchange_n(&e->flags, &flags, 0, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		return false;
	owner[s->ref] = NULL;
	return true;
}

static void tell_unmapped(struct shared *s)
{
	if (s->notify.action & UNMAP_NOTIFY_CLEAR_BYTE)
		((char *)page_virt(s->page))[s->notify.index % PAGE_SIZE] = 0;
	if (s->notify.action & UNMAP_NOTIFY_SEND_EVENT)
		event_send(s->notify.port);
	s->notify.action = 0;
}

/* A page with our reference alone is in no address space. */
static void free_what_lingers(void)
{
	struct shared *s, *tmp;

	list_for_each_safe(s, tmp, &lingering, node) {
		if (s->page->refs > 1)
			continue;
		tell_unmapped(s);
		if (!unshare(s))
			continue;
		list_remove(&s->node);
		page_put(s->page);
		kfree(s);
	}
}

static void give_up(struct gntalloc *g, struct shared *s)
{
	list_remove(&s->node);
	list_push_back(&lingering, &s->node);
	g->count--;
}

static struct shared *shared_at(struct gntalloc *g, uint64_t index)
{
	struct shared *s;

	list_for_each(s, &g->pages, node)
		if (s->index == index)
			return s;
	return NULL;
}

static int add_page(struct gntalloc *g, const struct alloc_request *req, uint32_t i)
{
	struct shared *s = kzalloc(sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->index = g->next_index + i;
	s->page = page_alloc_zero();
	rc = s->page ? share(s, req->domid, req->flags & FLAG_WRITABLE) : -ENOMEM;
	if (rc) {
		if (s->page)
			page_put(s->page);
		kfree(s);
		return rc;
	}
	list_push_back(&g->pages, &s->node);
	g->count++;
	return 0;
}

static void drop_pages(struct gntalloc *g, uint64_t index, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		struct shared *s = shared_at(g, index + i);

		if (s)
			give_up(g, s);
	}
	free_what_lingers();
}

static long alloc_grefs(struct gntalloc *g, uint64_t arg)
{
	struct alloc_request req;
	int rc = table_init();
	uint32_t i;

	free_what_lingers();
	if (rc)
		return rc;
	if (get_user(req, arg))
		return -EFAULT;
	if (!req.count)
		return -EINVAL;
	if (req.count > FILE_MAX - g->count)
		return -ENOSPC;
	for (i = 0; i < req.count && !rc; i++) {
		rc = add_page(g, &req, i);
		if (!rc && copy_to_user(arg + sizeof(req) + i * 4,
					&shared_at(g, g->next_index + i)->ref, 4))
			rc = -EFAULT;
	}
	req.index = g->next_index << PAGE_SHIFT;
	if (!rc && put_user(req, arg))
		rc = -EFAULT;
	if (rc)
		drop_pages(g, g->next_index, i);
	else
		g->next_index += req.count;
	return rc;
}

static long dealloc_grefs(struct gntalloc *g, uint64_t arg)
{
	struct { uint64_t index; uint32_t count, pad; } req;

	if (get_user(req, arg))
		return -EFAULT;
	if (req.count > FILE_MAX)
		return -EINVAL;
	for (uint32_t i = 0; i < req.count; i++)
		if (!shared_at(g, (req.index >> PAGE_SHIFT) + i))
			return -EINVAL;
	drop_pages(g, req.index >> PAGE_SHIFT, req.count);
	return 0;
}

static long set_notify(struct gntalloc *g, uint64_t arg)
{
	struct unmap_notify req;
	struct shared *s;
	int rc = unmap_notify_get(&req, arg);

	if (rc)
		return rc;
	s = shared_at(g, req.index >> PAGE_SHIFT);
	if (!s)
		return -ENOENT;
	s->notify = req;
	return 0;
}

static long gntalloc_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case IOCTL_ALLOC_GREF:
		return alloc_grefs(file->priv, arg);
	case IOCTL_DEALLOC_GREF:
		return dealloc_grefs(file->priv, arg);
	case IOCTL_SET_UNMAP_NOTIFY:
		return set_notify(file->priv, arg);
	default:
		return -ENOTTY;
	}
}

static int gntalloc_mmap(struct file *file, struct mm *mm, struct vma *vma)
{
	struct gntalloc *g = file->priv;

	if (!(vma->flags & VMA_SHARED))
		return -EINVAL;
	vma->flags |= VMA_FIXED_SIZE;
	for (uint64_t va = vma->start; va < vma->end; va += PAGE_SIZE) {
		struct shared *s = shared_at(g, vma->pgoff + (va - vma->start) / PAGE_SIZE);

		if (!s)
			return -ENOENT;
		page_get(s->page);
		if (vma_insert_page(mm, vma, va, s->page)) {
			page_put(s->page);
			return -ENOMEM;
		}
	}
	return 0;
}

static int gntalloc_open(struct inode *inode, struct file *file)
{
	struct gntalloc *g = kzalloc(sizeof(*g));

	if (!g)
		return -ENOMEM;
	list_init(&g->pages);
	file->priv = g;
	return 0;
}

static void gntalloc_release(struct file *file)
{
	struct gntalloc *g = file->priv;
	struct shared *s;

	while ((s = list_first(&g->pages, struct shared, node)))
		give_up(g, s);
	free_what_lingers();
	kfree(g);
}

static const struct file_ops gntalloc_ops = {
	.open = gntalloc_open,
	.release = gntalloc_release,
	.ioctl = gntalloc_ioctl,
	.mmap = gntalloc_mmap,
};

void gntalloc_init(void)
{
	dev_register("xen/gntalloc", 0600, 10, 54, &gntalloc_ops);
}
