/* SPDX-License-Identifier: MIT */
/* readdir.c - open directories and getdents64.
 *
 * Invariant: an entry is written to the user whole or not at all, and the
 * position moves only past entries that were.
 */
#include "fs/readdir.h"

#include "core/errno.h"
#include "core/syscall.h"
#include "lib/string.h"

/* Linux's struct linux_dirent64; the name follows. */
struct dirent_head {
	uint64_t ino;
	int64_t next;
	uint16_t reclen;
	uint8_t type;
} __attribute__((packed));

bool dir_emit(struct dirsink *s, const char *name, uint64_t ino, uint32_t mode,
	      uint64_t next)
{
	size_t len = strlen(name) + 1;
	size_t reclen = (sizeof(struct dirent_head) + len + 7) & ~7ul;
	struct dirent_head head = {
		.ino = ino,
		.next = (int64_t)next,
		.reclen = (uint16_t)reclen,
		.type = (uint8_t)((mode & S_IFMT) >> 12),
	};
	size_t pad = reclen - sizeof(head) - len;

	if (s->to->left < reclen) {
		s->full = true;
		return false;
	}
	if (iter_put(s->to, &head, sizeof(head)) != sizeof(head) ||
	    iter_put(s->to, name, len) != len ||
	    iter_zero(s->to, pad) != pad) {
		s->fault = true;
		return false;
	}
	s->pos = next;
	s->entries++;
	return true;
}

static int list_dir(struct inode *dir, struct dirsink *s)
{
	struct inode *up = dir->parent ? dir->parent : dir;

	if (s->pos == 0 && !dir_emit(s, ".", dir->ino, S_IFDIR, 1))
		return 0;
	if (s->pos == 1 && !dir_emit(s, "..", up->ino, S_IFDIR, 2))
		return 0;
	return dir->ops->list ? dir->ops->list(dir, s) : 0;
}

long sys_getdents64(uint64_t fd, uint64_t buf, uint64_t len)
{
	struct file *f = file_from_fd((int)fd);
	struct dirsink s = { 0 };
	struct iter to;
	long rc;

	if (!f)
		return -EBADF;
	rc = -ENOTDIR;
	if (!inode_is(f->inode, S_IFDIR))
		goto out;
	iter_user(&to, buf, (uint32_t)len);
	s.to = &to;
	s.pos = f->pos;
	rc = list_dir(f->inode, &s);
	f->pos = s.pos;
	if (s.entries)
		rc = (long)((uint32_t)len - to.left);
	else if (s.fault)
		rc = -EFAULT;
	else if (s.full)
		rc = -EINVAL;
out:
	file_put(f);
	return rc;
}

static long dir_read(struct file *f, struct iter *to, uint64_t *pos)
{
	return -EISDIR;
}

const struct file_ops readdir_file_ops = {
	.read = dir_read,
	.lseek = file_seek,
};
