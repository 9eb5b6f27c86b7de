/* SPDX-License-Identifier: MIT */
/* stat.c - what inodes and trees look like from outside.
 *
 * One function fills each of Linux's structures; the calls differ only in how
 * they find the inode.
 */
#include "core/errno.h"
#include "core/syscall.h"
#include "core/time.h"
#include "core/types.h"
#include "fs/file.h"
#include "fs/path.h"
#include "mm/page.h"
#include "mm/user.h"

_Static_assert(sizeof(struct linux_stat) == 144, "Linux's struct stat");
_Static_assert(sizeof(struct linux_statx) == 256, "Linux's struct statx");
_Static_assert(sizeof(struct linux_statfs) == 120, "Linux's struct statfs");

static uint64_t blocks_of(const struct inode *ino)
{
	return inode_is(ino, S_IFREG) ? (ino->size + 511) / 512 : 0;
}

static long put_stat(const struct inode *ino, uint64_t ubuf)
{
	struct linux_stat st = {
		.st_dev = ino->sb->dev,
		.st_ino = ino->ino,
		.st_nlink = ino->nlink,
		.st_mode = ino->mode,
		.st_uid = ino->uid,
		.st_gid = ino->gid,
		.st_rdev = ino->rdev,
		.st_size = (int64_t)ino->size,
		.st_blksize = PAGE_SIZE,
		.st_blocks = (int64_t)blocks_of(ino),
		.atime_sec = ino->atime / NSEC_PER_SEC,
		.atime_nsec = ino->atime % NSEC_PER_SEC,
		.mtime_sec = ino->mtime / NSEC_PER_SEC,
		.mtime_nsec = ino->mtime % NSEC_PER_SEC,
		.ctime_sec = ino->ctime / NSEC_PER_SEC,
		.ctime_nsec = ino->ctime % NSEC_PER_SEC,
	};

	return copy_to_user(ubuf, &st, sizeof(st));
}

static struct linux_statx_time statx_time(uint64_t ns)
{
	return (struct linux_statx_time){
		.sec = (int64_t)(ns / NSEC_PER_SEC),
		.nsec = (uint32_t)(ns % NSEC_PER_SEC),
	};
}

static long put_statx(const struct inode *ino, uint64_t ubuf)
{
	struct linux_statx st = {
		.mask = STATX_BASIC_STATS,
		.blksize = PAGE_SIZE,
		.nlink = ino->nlink,
		.uid = ino->uid,
		.gid = ino->gid,
		.mode = (uint16_t)ino->mode,
		.ino = ino->ino,
		.size = ino->size,
		.blocks = blocks_of(ino),
		.atime = statx_time(ino->atime),
		.ctime = statx_time(ino->ctime),
		.mtime = statx_time(ino->mtime),
		.rdev_major = dev_major(ino->rdev),
		.rdev_minor = dev_minor(ino->rdev),
		.dev_major = dev_major(ino->sb->dev),
		.dev_minor = dev_minor(ino->sb->dev),
	};

	return copy_to_user(ubuf, &st, sizeof(st));
}

static long stat_at(int dirfd, uint64_t upath, unsigned int at_flags,
		    uint64_t ubuf, long (*put)(const struct inode *, uint64_t))
{
	struct inode *ino;
	long rc;

	rc = user_lookup(dirfd, upath,
			 at_flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW,
			 at_flags, &ino);
	if (rc)
		return rc;
	rc = put(ino, ubuf);
	inode_put(ino);
	return rc;
}

long sys_stat(uint64_t upath, uint64_t ubuf)
{
	return stat_at(AT_FDCWD, upath, 0, ubuf, put_stat);
}

long sys_lstat(uint64_t upath, uint64_t ubuf)
{
	return stat_at(AT_FDCWD, upath, AT_SYMLINK_NOFOLLOW, ubuf, put_stat);
}

long sys_newfstatat(uint64_t dirfd, uint64_t upath, uint64_t ubuf, uint64_t flags)
{
	return stat_at((int)dirfd, upath, (uint32_t)flags, ubuf, put_stat);
}

long sys_statx(uint64_t dirfd, uint64_t upath, uint64_t flags, uint64_t mask,
	       uint64_t ubuf)
{
	return stat_at((int)dirfd, upath, (uint32_t)flags, ubuf, put_statx);
}

long sys_fstat(uint64_t fd, uint64_t ubuf)
{
	struct file *f = file_from_fd((int)fd);
	long rc;

	if (!f)
		return -EBADF;
	rc = put_stat(f->inode, ubuf);
	file_put(f);
	return rc;
}

static long put_statfs(const struct inode *ino, uint64_t ubuf)
{
	struct linux_statfs st = {
		.f_type = ino->sb->magic,
		.f_bsize = PAGE_SIZE,
		.f_frsize = PAGE_SIZE,
		.f_blocks = page_total_count,
		.f_bfree = page_free_count,
		.f_bavail = page_free_count,
		.f_fsid = ino->sb->dev,
		.f_namelen = NAME_MAX,
	};

	if (ino->sb->backless)
		st.f_blocks = st.f_bfree = st.f_bavail = 0;
	return copy_to_user(ubuf, &st, sizeof(st));
}

long sys_statfs(uint64_t upath, uint64_t ubuf)
{
	return stat_at(AT_FDCWD, upath, 0, ubuf, put_statfs);
}

long sys_fstatfs(uint64_t fd, uint64_t ubuf)
{
	struct file *f = file_from_fd((int)fd);
	long rc;

	if (!f)
		return -EBADF;
	rc = put_statfs(f->inode, ubuf);
	file_put(f);
	return rc;
}
