/* SPDX-License-Identifier: MIT */
/* mount.c - putting trees over directories and taking them away.
 *
 * Guards: a directory has at most one tree over it and a tree is mounted at
 * most once, so one pointer each way says everything. A tree goes only when no
 * file in it is open, no process stands in it and nothing is mounted on it.
 */
#include "fs/mount.h"

#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "fs/dev.h"
#include "fs/path.h"
#include "fs/proc.h"
#include "fs/tmpfs.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/user.h"

#define MS_REMOUNT	32u
#define MS_BIND		4096u
#define MS_MOVE		8192u
#define MS_PROPAGATION	(1u << 17 | 1u << 18 | 1u << 19 | 1u << 20)
#define MNT_DETACH	2u

struct mount *mount_list;

int mount_tree(struct inode *root, struct inode *point, const char *source)
{
	struct mount **at = &mount_list;
	struct mount *m;

	if (root->covers || (point && point->mounted))
		return -EBUSY;
	/* not where no path would lead to it again: a removed directory, or
	 * one of /proc, which are made anew at each look */
	if (point && (point->nlink == 0 || point->sb->backless))
		return -ENOENT;
	m = kzalloc(sizeof(*m));
	if (!m)
		return -ENOMEM;
	strlcpy(m->source, source, sizeof(m->source));
	m->root = inode_get(root);
	if (point) {
		m->point = inode_get(point);
		point->mounted = root;
		root->covers = point;
	}
	while (*at)
		at = &(*at)->next;
	*at = m;
	return 0;
}

static bool has_mounts(struct superblock *sb)
{
	for (struct mount *m = mount_list; m; m = m->next)
		if (m->point && m->point->sb == sb)
			return true;
	return false;
}

static int umount_tree(struct inode *root, bool lazy)
{
	struct mount **at = &mount_list;
	struct mount *m;

	while (*at && (*at)->root != root)
		at = &(*at)->next;
	m = *at;
	if (!m)
		return -EINVAL;
	if (!m->point || has_mounts(root->sb) || (root->sb->users && !lazy))
		return -EBUSY;
	*at = m->next;
	m->point->mounted = NULL;
	root->covers = NULL;
	if (!root->sb->kept && root->ops == &tmpfs_dir_inode_ops)
		tmpfs_empty(root);
	inode_put(m->point);
	inode_put(m->root);
	kfree(m);
	return 0;
}

/* The tree a type's name stands for, counted. devtmpfs, devpts and proc are
 * one tree each, as in Linux. */
static int tree_by_type(const char *type, struct inode **out)
{
	*out = NULL;
	if (strcmp(type, "tmpfs") == 0) {
		*out = tmpfs_new("tmpfs");
		return *out ? 0 : -ENOMEM;
	}
	if (strcmp(type, "devtmpfs") == 0)
		*out = dev_root();
	else if (strcmp(type, "devpts") == 0)
		*out = dev_pts_root();
	else if (strcmp(type, "proc") == 0)
		*out = proc_root();
	if (!*out)
		return -ENODEV;
	inode_get(*out);
	return 0;
}

static long mount_at(uint64_t utarget, const char *source, const char *type)
{
	struct inode *root, *point;
	long rc;

	rc = user_lookup(AT_FDCWD, utarget, WALK_FOLLOW | WALK_DIR, 0, &point);
	if (rc)
		return rc;
	/* walks start at a process's root and would not enter a tree over it */
	if (point == current->process->fs->root)
		rc = -EBUSY;
	else
		rc = tree_by_type(type, &root);
	if (rc == 0) {
		/* the kernel has mounted /dev already: asking again is fine */
		if (root != point)
			rc = mount_tree(root, point, source);
		inode_put(root);
	}
	inode_put(point);
	return rc;
}

long sys_mount(uint64_t usource, uint64_t utarget, uint64_t utype,
	       uint64_t flags, uint64_t udata)
{
	char type[16], source[32];

	if (flags & (MS_BIND | MS_MOVE))
		return -EINVAL;
	if (flags & (MS_REMOUNT | MS_PROPAGATION))
		return 0;
	if (strncpy_from_user(type, utype, sizeof(type)) < 0)
		return -EINVAL;
	if (!usource || strncpy_from_user(source, usource, sizeof(source)) < 0)
		strlcpy(source, "none", sizeof(source));
	return mount_at(utarget, source, type);
}

long sys_umount2(uint64_t utarget, uint64_t flags)
{
	struct inode *ino;
	long rc = user_lookup(AT_FDCWD, utarget, WALK_FOLLOW, 0, &ino);

	if (rc)
		return rc;
	rc = umount_tree(ino, flags & MNT_DETACH);
	inode_put(ino);
	return rc;
}
