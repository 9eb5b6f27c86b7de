/* SPDX-License-Identifier: MIT */
/* names.c - the calls that make, remove, move and read names.
 *
 * Guards: nothing that is a mount point or the root of a mount is removed or
 * renamed, links and renames stay inside one tree, and a directory is removed
 * only as a directory.
 */
#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "fs/file.h"
#include "fs/path.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/user.h"

/* Make an inode that is no regular file opened by O_CREAT. */
static long make_at(int dirfd, uint64_t upath, uint32_t mode, uint32_t rdev,
		    const char *target)
{
	struct inode *made;
	struct walk w;
	long rc;

	rc = user_walk(dirfd, upath, 0, 0, &w);
	if (rc)
		return rc;
	if (w.found)
		rc = -EEXIST;
	else if (w.slash && (mode & S_IFMT) != S_IFDIR)
		rc = -ENOENT;
	else if (!w.dir->ops->create)
		rc = -EROFS;
	else
		rc = w.dir->ops->create(w.dir, w.name, mode, rdev, target, &made);
	if (rc == 0)
		inode_put(made);
	walk_end(&w);
	return rc;
}

static uint32_t masked(uint64_t mode)
{
	return (uint32_t)mode & S_IALL & ~current->process->fs->umask;
}

long sys_mkdirat(uint64_t dirfd, uint64_t upath, uint64_t mode)
{
	return make_at((int)dirfd, upath, S_IFDIR | masked(mode), 0, NULL);
}

long sys_mkdir(uint64_t upath, uint64_t mode)
{
	return sys_mkdirat((uint64_t)AT_FDCWD, upath, mode);
}

long sys_mknodat(uint64_t dirfd, uint64_t upath, uint64_t mode, uint64_t rdev)
{
	uint32_t type = (uint32_t)mode & S_IFMT;

	if (type == S_IFDIR || type == S_IFLNK)
		return -EINVAL;
	return make_at((int)dirfd, upath, (type ? type : S_IFREG) | masked(mode),
		       (uint32_t)rdev, NULL);
}

long sys_mknod(uint64_t upath, uint64_t mode, uint64_t rdev)
{
	return sys_mknodat((uint64_t)AT_FDCWD, upath, mode, rdev);
}

long sys_symlinkat(uint64_t utarget, uint64_t dirfd, uint64_t upath)
{
	char *target;
	long rc = user_path(utarget, &target);

	if (rc)
		return rc;
	rc = *target ? make_at((int)dirfd, upath, S_IFLNK | 0777, 0, target)
		     : -ENOENT;
	kfree(target);
	return rc;
}

long sys_symlink(uint64_t utarget, uint64_t upath)
{
	return sys_symlinkat(utarget, (uint64_t)AT_FDCWD, upath);
}

/* May the entry w->name of w->dir go away? */
static int check_removable(struct walk *w)
{
	if (!w->found)
		return -ENOENT;
	if (!w->dir || w->found->covers)
		return -EBUSY;
	if (!w->dir->ops->unlink)
		return -EPERM;
	return 0;
}

long sys_unlinkat(uint64_t dirfd, uint64_t upath, uint64_t flags)
{
	bool rmdir = flags & AT_REMOVEDIR;
	struct walk w;
	long rc;

	rc = user_walk((int)dirfd, upath, 0, 0, &w);
	if (rc)
		return rc;
	rc = check_removable(&w);
	if (rc == 0 && rmdir && !inode_is(w.found, S_IFDIR))
		rc = -ENOTDIR;
	if (rc == 0 && !rmdir && inode_is(w.found, S_IFDIR))
		rc = -EISDIR;
	if (rc == 0)
		rc = w.dir->ops->unlink(w.dir, w.name);
	walk_end(&w);
	return rc;
}

long sys_unlink(uint64_t upath)
{
	return sys_unlinkat((uint64_t)AT_FDCWD, upath, 0);
}

long sys_rmdir(uint64_t upath)
{
	return sys_unlinkat((uint64_t)AT_FDCWD, upath, AT_REMOVEDIR);
}

static long rename_walked(struct walk *from, struct walk *to, unsigned int flags)
{
	int rc = check_removable(from);

	if (rc)
		return rc;
	if (!to->dir || (to->found && to->found->covers))
		return -EBUSY;
	if (to->slash && !inode_is(from->found, S_IFDIR))
		return -ENOTDIR;
	if (from->dir->sb != to->dir->sb)
		return -EXDEV;
	if (!from->dir->ops->rename)
		return -EPERM;
	return from->dir->ops->rename(from->dir, from->name, to->dir, to->name,
				      flags);
}

long sys_renameat2(uint64_t olddir, uint64_t uold, uint64_t newdir,
		   uint64_t unew, uint64_t flags)
{
	struct walk from, to;
	long rc;

	if (flags & ~(uint64_t)RENAME_NOREPLACE)
		return -EINVAL;
	rc = user_walk((int)olddir, uold, 0, 0, &from);
	if (rc)
		return rc;
	rc = user_walk((int)newdir, unew, 0, 0, &to);
	if (rc == 0) {
		rc = rename_walked(&from, &to, (unsigned int)flags);
		walk_end(&to);
	}
	walk_end(&from);
	return rc;
}

long sys_renameat(uint64_t olddir, uint64_t uold, uint64_t newdir, uint64_t unew)
{
	return sys_renameat2(olddir, uold, newdir, unew, 0);
}

long sys_rename(uint64_t uold, uint64_t unew)
{
	return sys_renameat2((uint64_t)AT_FDCWD, uold, (uint64_t)AT_FDCWD, unew, 0);
}

static long link_walked(struct inode *what, struct walk *w)
{
	if (w->found)
		return -EEXIST;
	if (w->slash)
		return -ENOENT;
	if (inode_is(what, S_IFDIR))
		return -EPERM;
	if (what->sb != w->dir->sb)
		return -EXDEV;
	if (!w->dir->ops->link)
		return -EPERM;
	return w->dir->ops->link(w->dir, w->name, what);
}

long sys_linkat(uint64_t olddir, uint64_t uold, uint64_t newdir, uint64_t unew,
		uint64_t flags)
{
	struct inode *what;
	struct walk w;
	long rc;

	rc = user_lookup((int)olddir, uold,
			 flags & AT_SYMLINK_FOLLOW ? WALK_FOLLOW : 0,
			 (unsigned int)flags, &what);
	if (rc)
		return rc;
	rc = user_walk((int)newdir, unew, 0, 0, &w);
	if (rc == 0) {
		rc = link_walked(what, &w);
		walk_end(&w);
	}
	inode_put(what);
	return rc;
}

long sys_link(uint64_t uold, uint64_t unew)
{
	return sys_linkat((uint64_t)AT_FDCWD, uold, (uint64_t)AT_FDCWD, unew, 0);
}

long sys_readlinkat(uint64_t dirfd, uint64_t upath, uint64_t ubuf, uint64_t size)
{
	struct inode *ino;
	char *buf;
	long rc;

	if ((int)size <= 0)
		return -EINVAL;
	rc = user_lookup((int)dirfd, upath, 0, AT_EMPTY_PATH, &ino);
	if (rc)
		return rc;
	buf = kmalloc(PATH_MAX);
	if (!buf)
		rc = -ENOMEM;
	else if (!ino->ops || !ino->ops->readlink)
		rc = -EINVAL;
	else
		rc = ino->ops->readlink(ino, buf, min_u64(PATH_MAX, (uint32_t)size));
	if (rc > 0 && copy_to_user(ubuf, buf, (size_t)rc))
		rc = -EFAULT;
	kfree(buf);
	inode_put(ino);
	return rc;
}

long sys_readlink(uint64_t upath, uint64_t ubuf, uint64_t size)
{
	return sys_readlinkat((uint64_t)AT_FDCWD, upath, ubuf, size);
}
