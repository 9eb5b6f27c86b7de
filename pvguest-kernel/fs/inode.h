/* SPDX-License-Identifier: MIT */
/* inode.h - what a name stands for: files, directories, links, devices.
 *
 * There is no cache of names: every file system here lives in memory, so a
 * look-up asks the directory itself. An inode holds a counted reference on the
 * directory it was last linked into, which is enough for ".." and getcwd().
 * Not here: what an open file is (file.h), how paths are walked (path.h).
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dirsink;
struct file_ops;
struct inode;
struct page;

/* One tree, mounted or not. Counted by its inodes and its mount. */
struct superblock {
	uint32_t refs;
	const char *type;
	uint32_t magic;		/* statfs() f_type */
	uint32_t dev;		/* st_dev of everything in it */
	uint32_t users;		/* open files and working directories: umount */
	bool kept;		/* the kernel's own: lives on when unmounted */
	bool backless;		/* holds no data: statfs() says size 0 */
	uint64_t next_ino;
};

/* Names are NUL-terminated, at most NAME_MAX bytes, never "", "." or "..";
 * path.c sees to that. An operation left NULL is refused with EPERM (create:
 * EROFS). `*out` is a counted reference. */
struct inode_ops {
	int (*lookup)(struct inode *dir, const char *name, struct inode **out);
	/* mode carries the file type; target is a symbolic link's text */
	int (*create)(struct inode *dir, const char *name, uint32_t mode,
		      uint32_t rdev, const char *target, struct inode **out);
	int (*link)(struct inode *dir, const char *name, struct inode *what);
	int (*unlink)(struct inode *dir, const char *name);
	int (*rename)(struct inode *from, const char *old,
		      struct inode *to, const char *new, unsigned int flags);
	/* a symbolic link's text into buf; its length or a negative errno */
	long (*readlink)(struct inode *ino, char *buf, size_t size);
	/* a link that names an object and not a path (/proc/N/fd/M) */
	int (*follow)(struct inode *ino, struct inode **out);
	int (*truncate)(struct inode *ino, uint64_t size);
	/* the name `child` has in this directory, for getcwd() */
	int (*name_of)(struct inode *dir, struct inode *child, char *name);
	/* dir_emit() every entry from to->pos on; "." and ".." are added */
	int (*list)(struct inode *dir, struct dirsink *to);
	/* the last reference is gone: free what `priv` or `u` holds */
	void (*destroy)(struct inode *ino);
};

#define TMPFS_DIRECT	6

struct tmpfs_entry;

struct inode {
	uint32_t refs;
	uint32_t mode;		/* S_IFMT type and permission bits */
	uint32_t nlink;
	uint32_t uid, gid;
	uint32_t rdev;
	uint64_t ino;
	uint64_t size;
	uint64_t atime, mtime, ctime;	/* ns since 1970 */
	const struct inode_ops *ops;
	const struct file_ops *fops;
	struct superblock *sb;
	struct inode *parent;	/* counted; a root's is itself, uncounted */
	struct inode *mounted;	/* root of the tree mounted here, or NULL */
	struct inode *covers;	/* a mounted root: the directory it hides */
	union {
		struct tmpfs_entry *entries;		/* directory */
		char *target;				/* symbolic link */
		struct {
			struct page *direct[TMPFS_DIRECT]; /* first pages */
			struct page ***table;		/* the others */
			uint64_t pages;			/* allocated */
		} data;					/* regular file */
		struct {
			int pid;			/* 0: not of a process */
			unsigned int kind, fd;
		} proc;					/* of /proc */
		void *priv;				/* anything else */
	} u;
};

struct superblock *sb_new(const char *type, uint32_t magic);
void sb_put(struct superblock *sb);

/* One reference, no links, times set to now, owner root; NULL: no memory. */
struct inode *inode_new(struct superblock *sb, uint32_t mode);
struct inode *inode_get(struct inode *ino);
void inode_put(struct inode *ino);

void inode_set_parent(struct inode *ino, struct inode *parent);

/* The path of `ino` below `root` into buf (size >= 2): its length without the
 * NUL, -ENOENT if it has no name any more, or -ERANGE. */
long inode_path(struct inode *root, struct inode *ino, char *buf, size_t size);

static inline bool inode_is(const struct inode *ino, uint32_t type)
{
	return (ino->mode & 0170000) == type;
}

#endif
