/* SPDX-License-Identifier: MIT */
/* attr.c - the calls that change or ask an inode's attributes: mode, owner,
 * times, size, access.
 *
 * Everyone is root: access() refuses only to execute what has no x bit.
 */
#include "core/errno.h"
#include "core/syscall.h"
#include "core/time.h"
#include "fs/file.h"
#include "fs/path.h"
#include "mm/user.h"

#define X_OK	1

static unsigned int walk_flags(uint64_t at_flags)
{
	return at_flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;
}

static void set_mode(struct inode *ino, uint64_t mode)
{
	ino->mode = (ino->mode & S_IFMT) | ((uint32_t)mode & S_IALL);
	ino->ctime = clock_wall();
}

long sys_fchmodat(uint64_t dirfd, uint64_t upath, uint64_t mode)
{
	struct inode *ino;
	long rc = user_lookup((int)dirfd, upath, WALK_FOLLOW, 0, &ino);

	if (rc)
		return rc;
	set_mode(ino, mode);
	inode_put(ino);
	return 0;
}

long sys_chmod(uint64_t upath, uint64_t mode)
{
	return sys_fchmodat((uint64_t)AT_FDCWD, upath, mode);
}

long sys_fchmod(uint64_t fd, uint64_t mode)
{
	struct file *f = file_from_fd((int)fd);

	if (!f)
		return -EBADF;
	set_mode(f->inode, mode);
	file_put(f);
	return 0;
}

static void set_owner(struct inode *ino, uint32_t uid, uint32_t gid)
{
	if (uid != UINT32_MAX)
		ino->uid = uid;
	if (gid != UINT32_MAX)
		ino->gid = gid;
	ino->ctime = clock_wall();
}

long sys_fchownat(uint64_t dirfd, uint64_t upath, uint64_t uid, uint64_t gid,
		  uint64_t flags)
{
	struct inode *ino;
	long rc = user_lookup((int)dirfd, upath, walk_flags(flags),
			      (unsigned int)flags, &ino);

	if (rc)
		return rc;
	set_owner(ino, (uint32_t)uid, (uint32_t)gid);
	inode_put(ino);
	return 0;
}

long sys_chown(uint64_t upath, uint64_t uid, uint64_t gid)
{
	return sys_fchownat((uint64_t)AT_FDCWD, upath, uid, gid, 0);
}

long sys_lchown(uint64_t upath, uint64_t uid, uint64_t gid)
{
	return sys_fchownat((uint64_t)AT_FDCWD, upath, uid, gid,
			    AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(uint64_t fd, uint64_t uid, uint64_t gid)
{
	struct file *f = file_from_fd((int)fd);

	if (!f)
		return -EBADF;
	set_owner(f->inode, (uint32_t)uid, (uint32_t)gid);
	file_put(f);
	return 0;
}

/* One of utimensat's two times into *ns, which keeps its value for OMIT. */
static int decode_time(const struct linux_timespec *ts, uint64_t now, uint64_t *ns)
{
	if (ts->nsec == UTIME_OMIT)
		return 0;
	if (ts->nsec == UTIME_NOW) {
		*ns = now;
		return 0;
	}
	if (ts->nsec < 0 || ts->nsec >= (int64_t)NSEC_PER_SEC || ts->sec < 0 ||
	    ts->sec > (int64_t)(UINT64_MAX / NSEC_PER_SEC) - 1)
		return -EINVAL;
	*ns = (uint64_t)ts->sec * NSEC_PER_SEC + (uint64_t)ts->nsec;
	return 0;
}

static int set_times(struct inode *ino, const struct linux_timespec ts[2])
{
	uint64_t now = clock_wall();
	uint64_t atime = ino->atime;
	uint64_t mtime = ino->mtime;

	if (decode_time(&ts[0], now, &atime) || decode_time(&ts[1], now, &mtime))
		return -EINVAL;
	ino->atime = atime;
	ino->mtime = mtime;
	ino->ctime = now;
	return 0;
}

/* futimens() is this call with no path: the descriptor's own inode. */
long sys_utimensat(uint64_t dirfd, uint64_t upath, uint64_t utimes, uint64_t flags)
{
	struct linux_timespec ts[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
	struct inode *ino;
	struct file *f;
	long rc;

	if (utimes && get_user(ts, utimes))
		return -EFAULT;
	if (upath) {
		rc = user_lookup((int)dirfd, upath, walk_flags(flags),
				 (unsigned int)flags, &ino);
		if (rc)
			return rc;
	} else {
		f = file_from_fd((int)dirfd);
		if (!f)
			return -EBADF;
		ino = inode_get(f->inode);
		file_put(f);
	}
	rc = set_times(ino, ts);
	inode_put(ino);
	return rc;
}

static long set_size(struct inode *ino, uint64_t size)
{
	if (inode_is(ino, S_IFDIR))
		return -EISDIR;
	if ((int64_t)size < 0 || !ino->ops || !ino->ops->truncate)
		return -EINVAL;
	return ino->ops->truncate(ino, size);
}

long sys_truncate(uint64_t upath, uint64_t size)
{
	struct inode *ino;
	long rc = user_lookup(AT_FDCWD, upath, WALK_FOLLOW, 0, &ino);

	if (rc)
		return rc;
	rc = set_size(ino, size);
	inode_put(ino);
	return rc;
}

long sys_ftruncate(uint64_t fd, uint64_t size)
{
	struct file *f = file_from_fd((int)fd);
	long rc;

	if (!f)
		return -EBADF;
	rc = (f->flags & O_ACCMODE) == O_RDONLY ? -EINVAL
						: set_size(f->inode, size);
	file_put(f);
	return rc;
}

long sys_faccessat2(uint64_t dirfd, uint64_t upath, uint64_t mode, uint64_t flags)
{
	struct inode *ino;
	long rc = user_lookup((int)dirfd, upath, walk_flags(flags),
			      (unsigned int)flags, &ino);

	if (rc)
		return rc;
	if ((mode & X_OK) && !inode_is(ino, S_IFDIR) && !(ino->mode & 0111))
		rc = -EACCES;
	inode_put(ino);
	return rc;
}

long sys_faccessat(uint64_t dirfd, uint64_t upath, uint64_t mode)
{
	return sys_faccessat2(dirfd, upath, mode, 0);
}

long sys_access(uint64_t upath, uint64_t mode)
{
	return sys_faccessat2((uint64_t)AT_FDCWD, upath, mode, 0);
}

/* All files are in memory: there is nothing to write back. */
long sys_sync(void)
{
	return 0;
}

long sys_fsync(uint64_t fd)
{
	struct file *f = file_from_fd((int)fd);

	file_put(f);
	return f ? 0 : -EBADF;
}

long sys_fdatasync(uint64_t fd)
{
	return sys_fsync(fd);
}

long sys_syncfs(uint64_t fd)
{
	return sys_fsync(fd);
}

long sys_fadvise64(uint64_t fd, uint64_t offset, uint64_t len, uint64_t advice)
{
	return sys_fsync(fd);
}
