/* SPDX-License-Identifier: MIT */
/* tmpfs.c - directories and links in memory.
 *
 * Guards: a directory's entry list holds each name once, in ascending order of
 * cookies, so that a reader's position stays good while entries come and go.
 * Each entry holds a reference on its inode, and the inode one on the
 * directory; removing the entry breaks the circle.
 * Not here: the bytes of files (tmpfs_file.c).
 */
#include "fs/tmpfs.h"

#include "core/errno.h"
#include "core/time.h"
#include "fs/dev.h"
#include "fs/pipe.h"
#include "fs/readdir.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

struct tmpfs_entry {
	struct tmpfs_entry *next;
	struct inode *inode;	/* counted */
	uint64_t cookie;	/* position for readdir; 0 and 1 are "." and ".." */
	char name[];
};

static void touch(struct inode *ino)
{
	ino->mtime = ino->ctime = clock_wall();
}

/* The link that points at the entry called name, or at the list's end. */
static struct tmpfs_entry **find(struct inode *dir, const char *name)
{
	struct tmpfs_entry **at = &dir->u.entries;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static int tmpfs_lookup(struct inode *dir, const char *name, struct inode **out)
{
	struct tmpfs_entry *e = *find(dir, name);

	if (!e)
		return -ENOENT;
	*out = inode_get(e->inode);
	return 0;
}

static int add(struct inode *dir, const char *name, struct inode *what)
{
	struct tmpfs_entry **at = find(dir, name);
	size_t len = strlen(name);
	struct tmpfs_entry *e;

	if (*at)
		return -EEXIST;
	if (dir->nlink == 0)
		return -ENOENT;	/* removed, but somebody still stands in it */
	e = kmalloc(sizeof(*e) + len + 1);
	if (!e)
		return -ENOSPC;
	e->next = NULL;
	e->inode = inode_get(what);
	e->cookie = ++dir->sb->next_ino + 1;
	memcpy(e->name, name, len + 1);
	*at = e;
	inode_set_parent(what, dir);
	if (inode_is(what, S_IFDIR))
		dir->nlink++;
	touch(dir);
	return 0;
}

/* `what` has lost one name in `dir`; its entry's reference goes. A directory
 * keeps its parent (".." still works), and so does a file with other names. */
static void forget(struct inode *dir, struct inode *what)
{
	if (inode_is(what, S_IFDIR))
		dir->nlink--;
	else if (what->nlink == 0)
		inode_set_parent(what, NULL);
	what->ctime = clock_wall();
	touch(dir);
	inode_put(what);
}

static void drop(struct inode *dir, struct tmpfs_entry **at)
{
	struct tmpfs_entry *e = *at;
	struct inode *what = e->inode;

	*at = e->next;
	kfree(e);
	forget(dir, what);
}

static int tmpfs_create(struct inode *dir, const char *name, uint32_t mode,
			uint32_t rdev, const char *target, struct inode **out)
{
	struct inode *ino;
	int rc;

	if (*find(dir, name))
		return -EEXIST;
	if (!tmpfs_has_room())
		return -ENOSPC;
	ino = inode_new(dir->sb, mode);
	if (!ino)
		return -ENOSPC;
	ino->nlink = inode_is(ino, S_IFDIR) ? 2 : 1;
	ino->rdev = rdev;
	ino->ops = inode_is(ino, S_IFDIR) ? &tmpfs_dir_inode_ops
					  : &tmpfs_file_inode_ops;
	if (inode_is(ino, S_IFREG))
		ino->fops = &tmpfs_file_ops;
	else if (inode_is(ino, S_IFDIR))
		ino->fops = &readdir_file_ops;
	else if (inode_is(ino, S_IFCHR))
		ino->fops = &chrdev_ops;
	else if (inode_is(ino, S_IFIFO))
		ino->fops = &fifo_ops;
	rc = 0;
	if (inode_is(ino, S_IFLNK)) {
		ino->size = strlen(target);
		ino->u.target = kmalloc(ino->size + 1);
		if (ino->u.target)
			memcpy(ino->u.target, target, ino->size + 1);
		else
			rc = -ENOSPC;
	}
	if (rc == 0)
		rc = add(dir, name, ino);
	if (rc == 0)
		*out = ino;
	else
		inode_put(ino);
	return rc;
}

static int tmpfs_link(struct inode *dir, const char *name, struct inode *what)
{
	int rc;

	if (what->nlink == 0)
		return -ENOENT;
	rc = add(dir, name, what);
	if (rc == 0)
		what->nlink++;
	return rc;
}

/* path.c's caller has already checked kinds and mount points. */
static int tmpfs_unlink(struct inode *dir, const char *name)
{
	struct tmpfs_entry **at = find(dir, name);
	struct inode *what;

	if (!*at)
		return -ENOENT;
	what = (*at)->inode;
	if (inode_is(what, S_IFDIR)) {
		if (what->u.entries)
			return -ENOTEMPTY;
		what->nlink = 0;
	} else {
		what->nlink--;
	}
	drop(dir, at);
	return 0;
}

static bool is_below(struct inode *ino, struct inode *ancestor)
{
	for (;;) {
		if (ino == ancestor)
			return true;
		if (ino->parent == ino || !ino->parent)
			return false;
		ino = ino->parent;
	}
}

/* The entry's name comes to mean `what`. */
static int replace(struct inode *dir, struct tmpfs_entry *e, struct inode *what)
{
	struct inode *old = e->inode;

	if (inode_is(old, S_IFDIR) && old->u.entries)
		return -ENOTEMPTY;
	e->inode = inode_get(what);
	inode_set_parent(what, dir);
	if (inode_is(what, S_IFDIR))
		dir->nlink++;
	old->nlink = inode_is(old, S_IFDIR) ? 0 : old->nlink - 1;
	forget(dir, old);
	return 0;
}

static int tmpfs_rename(struct inode *from, const char *old,
			struct inode *to, const char *new, unsigned int flags)
{
	struct tmpfs_entry *src = *find(from, old);
	struct tmpfs_entry *dst = *find(to, new);
	int rc;

	if (!src)
		return -ENOENT;
	if (dst && (flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (dst && dst->inode == src->inode)
		return 0;
	if (inode_is(src->inode, S_IFDIR) && is_below(to, src->inode))
		return -EINVAL;
	if (dst && inode_is(src->inode, S_IFDIR) && !inode_is(dst->inode, S_IFDIR))
		return -ENOTDIR;
	if (dst && !inode_is(src->inode, S_IFDIR) && inode_is(dst->inode, S_IFDIR))
		return -EISDIR;
	if (!dst)
		rc = add(to, new, src->inode);
	else
		rc = replace(to, dst, src->inode);
	if (rc == 0)
		drop(from, find(from, old));
	return rc;
}

static int tmpfs_name_of(struct inode *dir, struct inode *child, char *name)
{
	for (struct tmpfs_entry *e = dir->u.entries; e; e = e->next)
		if (e->inode == child) {
			memcpy(name, e->name, strlen(e->name) + 1);
			return 0;
		}
	return -ENOENT;
}

static int tmpfs_list(struct inode *dir, struct dirsink *to)
{
	for (struct tmpfs_entry *e = dir->u.entries; e; e = e->next)
		if (e->cookie >= to->pos &&
		    !dir_emit(to, e->name, e->inode->ino, e->inode->mode,
			      e->cookie + 1))
			break;
	return 0;
}

struct inode *tmpfs_new(const char *type)
{
	struct superblock *sb = sb_new(type, TMPFS_MAGIC);
	struct inode *root;

	if (!sb)
		return NULL;
	root = inode_new(sb, S_IFDIR | 0755);
	sb_put(sb);
	if (!root)
		return NULL;
	root->parent = root;
	root->nlink = 2;
	root->ops = &tmpfs_dir_inode_ops;
	root->fops = &readdir_file_ops;
	return root;
}

/* Depth first without recursion: go down the first entry until it is a leaf,
 * remove that, start again from its directory. */
void tmpfs_empty(struct inode *root)
{
	struct inode *dir = root;

	while (dir != root || dir->u.entries) {
		struct tmpfs_entry *e = dir->u.entries;

		if (!e) {
			dir = dir->parent;
			dir->u.entries->inode->nlink = 0;
			drop(dir, &dir->u.entries);
		} else if (inode_is(e->inode, S_IFDIR)) {
			dir = e->inode;
		} else {
			e->inode->nlink--;
			drop(dir, &dir->u.entries);
		}
	}
	root->nlink = 0;
}

const struct inode_ops tmpfs_dir_inode_ops = {
	.lookup = tmpfs_lookup,
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.rename = tmpfs_rename,
	.name_of = tmpfs_name_of,
	.list = tmpfs_list,
};
