/* SPDX-License-Identifier: MIT */
/* abi.h - Linux's x86-64 numbers and structures for files.
 *
 * User programs are built for Linux, so these values are theirs and not ours
 * to choose. The layouts are asserted where they are used by static_assert.
 * Not here: error numbers (core/errno.h), signals (core/signal.h).
 */
#ifndef FS_ABI_H
#define FS_ABI_H

#include <stdint.h>

#define NAME_MAX	255
#define PATH_MAX	4096
#define SYMLINK_DEPTH	40

/* open() */
#define O_ACCMODE	00000003
#define O_RDONLY	00000000
#define O_WRONLY	00000001
#define O_RDWR		00000002
#define O_CREAT		00000100
#define O_EXCL		00000200
#define O_NOCTTY	00000400
#define O_TRUNC		00001000
#define O_APPEND	00002000
#define O_NONBLOCK	00004000
#define O_DIRECT	00040000
#define O_DIRECTORY	00200000
#define O_NOFOLLOW	00400000
#define O_CLOEXEC	02000000
#define O_PATH		010000000
#define O_TMPFILE	020000000

/* st_mode */
#define S_IFMT		0170000
#define S_IFSOCK	0140000
#define S_IFLNK		0120000
#define S_IFREG		0100000
#define S_IFBLK		0060000
#define S_IFDIR		0040000
#define S_IFCHR		0020000
#define S_IFIFO		0010000
#define S_IALL		07777

/* the ...at() calls */
#define AT_FDCWD		(-100)
#define AT_SYMLINK_NOFOLLOW	0x100
#define AT_REMOVEDIR		0x200
#define AT_SYMLINK_FOLLOW	0x400
#define AT_EMPTY_PATH		0x1000

#define RENAME_NOREPLACE	1

/* fcntl() */
#define F_DUPFD		0
#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_SETFL		4
#define F_GETLK		5
#define F_SETLK		6
#define F_SETLKW	7
#define F_SETOWN	8
#define F_GETOWN	9
#define F_DUPFD_CLOEXEC	1030
#define FD_CLOEXEC	1
#define F_UNLCK		2

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2

#define POLLIN		0x001
#define POLLPRI		0x002
#define POLLOUT		0x004
#define POLLERR		0x008
#define POLLHUP		0x010
#define POLLNVAL	0x020
#define POLLRDNORM	0x040
#define POLLWRNORM	0x100
#define POLLRDHUP	0x2000

struct linux_stat {
	uint64_t st_dev;
	uint64_t st_ino;
	uint64_t st_nlink;
	uint32_t st_mode;
	uint32_t st_uid;
	uint32_t st_gid;
	uint32_t pad0;
	uint64_t st_rdev;
	int64_t st_size;
	int64_t st_blksize;
	int64_t st_blocks;
	uint64_t atime_sec, atime_nsec;
	uint64_t mtime_sec, mtime_nsec;
	uint64_t ctime_sec, ctime_nsec;
	int64_t unused[3];
};

struct linux_statx_time {
	int64_t sec;
	uint32_t nsec;
	int32_t pad;
};

struct linux_statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad0;
	uint64_t ino, size, blocks, attributes_mask;
	struct linux_statx_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t mnt_id;
	uint64_t spare[13];
};
#define STATX_BASIC_STATS	0x7ff

struct linux_statfs {
	uint64_t f_type, f_bsize, f_blocks, f_bfree, f_bavail;
	uint64_t f_files, f_ffree, f_fsid, f_namelen, f_frsize, f_flags;
	uint64_t spare[4];
};

struct linux_timespec {
	int64_t sec;
	int64_t nsec;
};
#define UTIME_NOW	0x3fffffff
#define UTIME_OMIT	0x3ffffffe

/* Linux's packing of device numbers in st_rdev, for small numbers. */
static inline uint32_t dev_make(unsigned int major, unsigned int minor)
{
	return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);
}

static inline unsigned int dev_major(uint32_t dev)
{
	return (dev >> 8) & 0xfff;
}

static inline unsigned int dev_minor(uint32_t dev)
{
	return (dev & 0xff) | ((dev >> 12) & 0xfff00);
}

#endif
