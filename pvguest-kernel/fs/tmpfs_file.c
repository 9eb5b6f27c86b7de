/* SPDX-License-Identifier: MIT */
/* tmpfs_file.c - the bytes of files in memory.
 *
 * Guards: every byte of a page beyond the file's size is zero, so growing a
 * file never shows old data; pages are counted, so a mapping outlives a
 * truncation. Files never take the last pages of the machine: tmpfs_has_room.
 * A hole costs nothing until it is written or mapped.
 */
#include "fs/tmpfs.h"

#include "core/errno.h"
#include "core/time.h"
#include "core/types.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"

#define PER_TABLE	(PAGE_SIZE / sizeof(void *))
#define FILE_PAGES_MAX	(TMPFS_DIRECT + PER_TABLE * PER_TABLE)

bool tmpfs_has_room(void)
{
	return page_free_count > page_total_count / 32 + 16;
}

/* A page full of pointers, or NULL. */
static void *table_new(void)
{
	struct page *p = page_alloc_zero();

	return p ? page_virt(p) : NULL;
}

/* Where the page's pointer lives; NULL if its table does not exist and was not
 * to be made, or there was no memory for it. index < FILE_PAGES_MAX. */
static struct page **slot(struct inode *ino, uint64_t index, bool make)
{
	struct page ***table;

	if (index < TMPFS_DIRECT)
		return &ino->u.data.direct[index];
	index -= TMPFS_DIRECT;
	if (!ino->u.data.table && make)
		ino->u.data.table = table_new();
	table = ino->u.data.table;
	if (!table)
		return NULL;
	if (!table[index / PER_TABLE] && make)
		table[index / PER_TABLE] = table_new();
	if (!table[index / PER_TABLE])
		return NULL;
	return &table[index / PER_TABLE][index % PER_TABLE];
}

static struct page *page_at(struct inode *ino, uint64_t index, bool make)
{
	struct page **p;

	if (index >= FILE_PAGES_MAX || (make && !tmpfs_has_room()))
		make = false;
	p = index < FILE_PAGES_MAX ? slot(ino, index, make) : NULL;
	if (!p)
		return NULL;
	if (!*p && make) {
		*p = page_alloc_zero();
		if (*p)
			ino->u.data.pages++;
	}
	return *p;
}

static void free_page(struct inode *ino, uint64_t index)
{
	struct page **p = slot(ino, index, false);

	if (p && *p) {
		page_put(*p);
		*p = NULL;
		ino->u.data.pages--;
	}
}

/* Give back all pages from `first` on. Tables are walked and not indices: a
 * sparse file may be a gigabyte of nothing. */
static void free_pages_from(struct inode *ino, uint64_t first)
{
	struct page ***table = ino->u.data.table;

	for (uint64_t i = first; i < TMPFS_DIRECT; i++)
		free_page(ino, i);
	for (uint64_t t = 0; table && t < PER_TABLE; t++) {
		uint64_t base = TMPFS_DIRECT + t * PER_TABLE;

		if (!table[t] || base + PER_TABLE <= first)
			continue;
		for (uint64_t i = 0; i < PER_TABLE; i++)
			if (base + i >= first)
				free_page(ino, base + i);
		if (base >= first) {
			page_put(virt_page(table[t]));
			table[t] = NULL;
		}
	}
	if (table && first <= TMPFS_DIRECT) {
		page_put(virt_page(table));
		ino->u.data.table = NULL;
	}
}

static int tmpfs_truncate(struct inode *ino, uint64_t size)
{
	if (!inode_is(ino, S_IFREG))
		return -EINVAL;
	if (size > FILE_PAGES_MAX * PAGE_SIZE)
		return -EFBIG;
	if (size < ino->size) {
		uint64_t in_page = size % PAGE_SIZE;

		free_pages_from(ino, (size + PAGE_SIZE - 1) / PAGE_SIZE);
		if (in_page) {
			struct page *p = page_at(ino, size / PAGE_SIZE, false);

			if (p)
				memset((char *)page_virt(p) + in_page, 0,
				       PAGE_SIZE - in_page);
		}
	}
	ino->size = size;
	ino->mtime = ino->ctime = clock_wall();
	return 0;
}

static void tmpfs_destroy(struct inode *ino)
{
	if (inode_is(ino, S_IFREG))
		free_pages_from(ino, 0);
	else if (inode_is(ino, S_IFLNK))
		kfree(ino->u.target);
}

static long tmpfs_readlink(struct inode *ino, char *buf, size_t size)
{
	size_t n = ino->size < size ? ino->size : size;

	if (!inode_is(ino, S_IFLNK))
		return -EINVAL;
	memcpy(buf, ino->u.target, n);
	return (long)n;
}

static long tmpfs_read(struct file *f, struct iter *to, uint64_t *pos)
{
	struct inode *ino = f->inode;
	long done = 0;

	while (to->left && *pos < ino->size) {
		uint64_t in_page = *pos % PAGE_SIZE;
		size_t n = min_u64(PAGE_SIZE - in_page, ino->size - *pos);
		struct page *p = page_at(ino, *pos / PAGE_SIZE, false);
		size_t got;

		n = min_u64(n, to->left);
		got = p ? iter_put(to, (char *)page_virt(p) + in_page, n)
			: iter_zero(to, n);
		*pos += got;
		done += (long)got;
		if (got < n)
			return done ? done : -EFAULT;
	}
	return done;
}

static long tmpfs_write(struct file *f, struct iter *from, uint64_t *pos)
{
	struct inode *ino = f->inode;
	long done = 0;
	long rc = 0;

	while (from->left && rc == 0) {
		uint64_t in_page = *pos % PAGE_SIZE;
		size_t n = min_u64(PAGE_SIZE - in_page, from->left);
		struct page *p = page_at(ino, *pos / PAGE_SIZE, true);
		size_t got;

		if (!p) {
			rc = *pos / PAGE_SIZE < FILE_PAGES_MAX ? -ENOSPC : -EFBIG;
			break;
		}
		got = iter_take(from, (char *)page_virt(p) + in_page, n);
		if (got < n)
			rc = -EFAULT;
		*pos += got;
		done += (long)got;
		if (*pos > ino->size)
			ino->size = *pos;
	}
	ino->mtime = ino->ctime = clock_wall();
	return done ? done : rc;
}

static int tmpfs_get_page(struct file *f, uint64_t index, struct page **page)
{
	struct page *p;

	if (index >= (f->inode->size + PAGE_SIZE - 1) / PAGE_SIZE)
		return -ENXIO;
	p = page_at(f->inode, index, true);
	if (!p)
		return -ENOMEM;
	page_get(p);
	*page = p;
	return 0;
}

const struct inode_ops tmpfs_file_inode_ops = {
	.readlink = tmpfs_readlink,
	.truncate = tmpfs_truncate,
	.destroy = tmpfs_destroy,
};

const struct file_ops tmpfs_file_ops = {
	.read = tmpfs_read,
	.write = tmpfs_write,
	.lseek = file_seek,
	.get_page = tmpfs_get_page,
};
