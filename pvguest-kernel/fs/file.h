/* SPDX-License-Identifier: MIT */
/* file.h - open files, the operations behind them, and descriptor tables.
 *
 * A struct file is counted: one reference per descriptor, one per system call
 * in progress (so a close in another thread cannot free it under a sleeping
 * read), one per memory mapping. Drivers fill in struct file_ops.
 * Not here: poll tables (poll.h), names (inode.h, path.h).
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "fs/abi.h"
#include "fs/inode.h"
#include "fs/iter.h"

struct file;
struct mm;
struct page;
struct poll_table;
struct vma;

/* Any operation may be NULL: read and write then say EINVAL, lseek ESPIPE,
 * ioctl ENOTTY, poll "always ready", mmap and get_page ENODEV. Results are a
 * count or a negative errno. `pos` is the offset to use and to advance; files
 * without an lseek may ignore it. */
struct file_ops {
	/* f is complete but for priv; may set priv and even replace f->ops */
	int (*open)(struct inode *ino, struct file *f);
	/* the last reference is gone; not called if open failed */
	void (*release)(struct file *f);
	long (*read)(struct file *f, struct iter *to, uint64_t *pos);
	long (*write)(struct file *f, struct iter *from, uint64_t *pos);
	long (*lseek)(struct file *f, int64_t offset, int whence);
	long (*ioctl)(struct file *f, unsigned int cmd, unsigned long arg);
	/* ready POLL* bits now; calls poll_wait() for each queue that matters */
	unsigned int (*poll)(struct file *f, struct poll_table *pt);
	/* devices: fill the range in; it is in mm's list and holds f already */
	int (*mmap)(struct file *f, struct mm *mm, struct vma *vma);
	/* devices whose entries are not ours to clear: this part of the range
	 * goes, and its entries with it */
	void (*zap)(struct mm *mm, struct vma *vma, uint64_t start, uint64_t end);
	/* files in memory: a counted page of the file, a hole filled first;
	 * -ENXIO beyond the end */
	int (*get_page)(struct file *f, uint64_t index, struct page **page);
};

struct file {
	uint32_t refs;
	uint32_t flags;		/* O_ACCMODE, O_APPEND, O_NONBLOCK, O_PATH... */
	uint64_t pos;
	const struct file_ops *ops;
	struct inode *inode;	/* counted; never NULL (pipes have one too) */
	void *priv;
};

/* A new file on `ino` (takes its own reference), running ops->open. */
int file_open_inode(struct inode *ino, uint32_t flags, struct file **out);
/* An inode without a name, with no file operations yet; NULL: no memory. */
struct inode *inode_anon(uint32_t mode);
/* A file on an inode of its own that cannot be opened again: sockets,
 * eventfds. mode is S_IFSOCK... */
struct file *file_anon(const struct file_ops *ops, uint32_t mode,
		       uint32_t flags, void *priv);
/* The lseek operation of whatever has positions from 0 to its inode's size. */
long file_seek(struct file *f, int64_t offset, int whence);
struct file *file_get(struct file *f);
void file_put(struct file *f);

/* Kernel-side access, for exec and the initramfs. */
long file_read_kernel(struct file *f, void *buf, size_t n, uint64_t pos);
long file_write_kernel(struct file *f, const void *buf, size_t n, uint64_t pos);
/* Open by path for the kernel's own use (exec): path is a kernel string. */
int file_open_kernel(const char *path, uint32_t flags, struct file **out);

/* 0 if the file may be run, else -EACCES. */
int file_may_exec(struct file *f);

/* --- descriptor tables --- */

#define FD_LIMIT	1024	/* RLIMIT_NOFILE, hard */

struct files {
	uint32_t refs;
	unsigned int size;
	struct file **fd;
	uint64_t cloexec[FD_LIMIT / 64];
};

struct files *files_create_initial(void);	/* 0, 1, 2: /dev/console */
struct files *files_get(struct files *t);
struct files *files_copy(struct files *t);	/* fork; NULL: no memory */
void files_put(struct files *t);
void files_close_on_exec(struct files *t);

/* Lowest free descriptor >= from; takes over the caller's reference on f only
 * on success. Returns the descriptor, -EMFILE or -ENOMEM. */
int fd_install(struct file *f, unsigned int from, bool cloexec);
/* Two at once; on failure both files are put. */
int fd_install_pair(struct file *a, struct file *b, bool cloexec, int fd[2]);
struct file *file_from_fd(int fd);	/* current's; counted, or NULL: EBADF */
int fd_close(int fd);

/* --- a process's place in the tree (shared by CLONE_FS) --- */

struct fs_context {
	uint32_t refs;
	uint32_t umask;
	struct inode *cwd;
	struct inode *root;
};

struct fs_context *fs_context_create_initial(void);
struct fs_context *fs_context_get(struct fs_context *c);
struct fs_context *fs_context_copy(struct fs_context *c);
void fs_context_put(struct fs_context *c);

/* --- set-up --- */

void fs_init(void);		/* the root tmpfs, /dev and its own devices */
struct inode *fs_root(void);	/* not counted: it lives for ever */
/* Unpack a ramdisk into the root; its memory is the caller's again afterwards.
 * 0, or a negative errno after saying why on the console. */
int fs_unpack_initramfs(const void *archive, size_t size);

/* Make /dev/NAME (NAME may be "xen/privcmd"; folders are made). */
int dev_register(const char *name, uint32_t mode, unsigned int major,
		 unsigned int minor, const struct file_ops *ops);

#endif
