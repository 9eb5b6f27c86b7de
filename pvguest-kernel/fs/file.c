/* SPDX-License-Identifier: MIT */
/* file.c - the life of open files, and the kernel's own way to use them.
 *
 * Guards: an open file holds its inode and counts as a user of its tree, so
 * that umount sees it; release runs exactly once, at the last put.
 * Not here: descriptors (fdtable.c), the calls that read and write (rw.c).
 */
#include "fs/file.h"

#include "core/errno.h"
#include "core/printk.h"
#include "core/process.h"
#include "fs/epoll.h"
#include "fs/path.h"
#include "mm/kmalloc.h"

static const struct file_ops no_ops;
static struct superblock *anon_sb;	/* of everything without a name */

static struct file *file_new(struct inode *ino, const struct file_ops *ops,
			     uint32_t flags)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f)
		return NULL;
	f->refs = 1;
	f->flags = flags;
	f->ops = ops;
	f->inode = inode_get(ino);
	ino->sb->users++;
	return f;
}

static void file_free(struct file *f)
{
	f->inode->sb->users--;
	inode_put(f->inode);
	kfree(f);
}

int file_open_inode(struct inode *ino, uint32_t flags, struct file **out)
{
	const struct file_ops *ops = flags & O_PATH ? &no_ops : ino->fops;
	struct file *f;
	int rc;

	if (!ops)
		return -ENXIO;
	f = file_new(ino, ops, flags);
	if (!f)
		return -ENOMEM;
	rc = ops->open ? ops->open(ino, f) : 0;
	if (rc)
		file_free(f);
	else
		*out = f;
	return rc;
}

struct inode *inode_anon(uint32_t mode)
{
	struct inode *ino;

	if (!anon_sb)
		anon_sb = sb_new("anon", 0x09041934);
	ino = anon_sb ? inode_new(anon_sb, mode) : NULL;
	if (ino)
		ino->nlink = 1;
	return ino;
}

struct file *file_anon(const struct file_ops *ops, uint32_t mode,
		       uint32_t flags, void *priv)
{
	struct inode *ino = inode_anon(mode);
	struct file *f;

	if (!ino)
		return NULL;
	f = file_new(ino, ops, flags);
	if (f)
		f->priv = priv;
	inode_put(ino);
	return f;
}

struct file *file_get(struct file *f)
{
	f->refs++;
	return f;
}

void file_put(struct file *f)
{
	if (!f)
		return;
	BUG_ON(f->refs == 0);
	if (--f->refs)
		return;
	if (f->ops->poll)
		epoll_forget(f);
	if (f->ops->release)
		f->ops->release(f);
	file_free(f);
}

long file_seek(struct file *f, int64_t offset, int whence)
{
	int64_t base;

	if (whence == SEEK_SET)
		base = 0;
	else if (whence == SEEK_CUR)
		base = (int64_t)f->pos;
	else if (whence == SEEK_END)
		base = (int64_t)f->inode->size;
	else
		return -EINVAL;
	if (__builtin_add_overflow(base, offset, &offset) || offset < 0)
		return -EINVAL;
	f->pos = (uint64_t)offset;
	return offset;
}

long file_read_kernel(struct file *f, void *buf, size_t n, uint64_t pos)
{
	struct iter to;

	if (!f->ops->read)
		return -EINVAL;
	iter_kernel(&to, buf, n);
	return f->ops->read(f, &to, &pos);
}

long file_write_kernel(struct file *f, const void *buf, size_t n, uint64_t pos)
{
	struct iter from;

	if (!f->ops->write)
		return -EINVAL;
	iter_kernel(&from, buf, n);
	return f->ops->write(f, &from, &pos);
}

int file_open_kernel(const char *path, uint32_t flags, struct file **out)
{
	struct fs_context *fs = current->process->fs;
	struct walk w;
	int rc;

	rc = path_walk(fs->root, fs->cwd, path, WALK_FOLLOW, &w);
	if (rc)
		return rc;
	rc = w.found ? file_open_inode(w.found, flags, out) : -ENOENT;
	walk_end(&w);
	return rc;
}

int file_may_exec(struct file *f)
{
	return inode_is(f->inode, S_IFREG) && (f->inode->mode & 0111)
		? 0 : -EACCES;
}
