/* SPDX-License-Identifier: MIT */
/* inode.c - the life of inodes and superblocks, and their way back to a path.
 *
 * Guards: an inode is freed exactly when its last reference goes, and takes
 * its reference on its parent with it.
 * Not here: what a file system keeps in an inode (tmpfs.c, proc.c).
 */
#include "fs/abi.h"
#include "fs/inode.h"

#include "core/errno.h"
#include "mm/kmalloc.h"
#include "core/printk.h"
#include "lib/string.h"
#include "core/time.h"

static uint32_t next_dev = 1;

struct superblock *sb_new(const char *type, uint32_t magic)
{
	struct superblock *sb = kzalloc(sizeof(*sb));

	if (!sb)
		return NULL;
	sb->refs = 1;
	sb->type = type;
	sb->magic = magic;
	sb->dev = dev_make(0, next_dev++);
	return sb;
}

void sb_put(struct superblock *sb)
{
	if (--sb->refs == 0)
		kfree(sb);
}

struct inode *inode_new(struct superblock *sb, uint32_t mode)
{
	struct inode *ino = kzalloc(sizeof(*ino));

	if (!ino)
		return NULL;
	ino->refs = 1;
	ino->mode = mode;
	ino->sb = sb;
	sb->refs++;
	ino->ino = ++sb->next_ino;
	ino->atime = ino->mtime = ino->ctime = clock_wall();
	return ino;
}

struct inode *inode_get(struct inode *ino)
{
	ino->refs++;
	return ino;
}

/* A loop and not recursion: a long chain of removed directories may hang on
 * the last reference. */
void inode_put(struct inode *ino)
{
	while (ino) {
		struct inode *parent = ino->parent != ino ? ino->parent : NULL;

		BUG_ON(ino->refs == 0);
		if (--ino->refs)
			return;
		if (ino->ops && ino->ops->destroy)
			ino->ops->destroy(ino);
		sb_put(ino->sb);
		kfree(ino);
		ino = parent;
	}
}

void inode_set_parent(struct inode *ino, struct inode *parent)
{
	struct inode *old = ino->parent;

	ino->parent = parent ? inode_get(parent) : NULL;
	if (old != ino)
		inode_put(old);
}

long inode_path(struct inode *root, struct inode *ino, char *buf, size_t size)
{
	char name[NAME_MAX + 1];
	size_t at = size - 1;
	size_t len;

	buf[at] = '\0';
	while (ino != root) {
		if (ino->covers) {
			ino = ino->covers;
			continue;
		}
		if (!ino->parent || ino->parent == ino)
			return -ENOENT;
		if (!ino->parent->ops->name_of ||
		    ino->parent->ops->name_of(ino->parent, ino, name))
			return -ENOENT;
		len = strlen(name);
		if (len + 1 > at)
			return -ERANGE;
		at -= len;
		memcpy(buf + at, name, len);
		buf[--at] = '/';
		ino = ino->parent;
	}
	if (at == size - 1)
		buf[--at] = '/';
	memmove(buf, buf + at, size - at);
	return (long)(size - at - 1);
}
