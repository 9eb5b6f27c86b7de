/* SPDX-License-Identifier: MIT */
/* user_path.c - paths as system calls give them, and each process's place.
 *
 * Guards: working directory and root count as users of their trees, so that
 * umount refuses to pull them away.
 */
#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "fs/file.h"
#include "fs/path.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/user.h"

static struct inode *place_get(struct inode *ino)
{
	ino->sb->users++;
	return inode_get(ino);
}

static void place_put(struct inode *ino)
{
	ino->sb->users--;
	inode_put(ino);
}

static struct fs_context *context_new(struct inode *root, struct inode *cwd,
				      uint32_t umask)
{
	struct fs_context *c = kzalloc(sizeof(*c));

	if (!c)
		return NULL;
	c->refs = 1;
	c->umask = umask;
	c->root = place_get(root);
	c->cwd = place_get(cwd);
	return c;
}

struct fs_context *fs_context_create_initial(void)
{
	return context_new(fs_root(), fs_root(), 022);
}

struct fs_context *fs_context_get(struct fs_context *c)
{
	c->refs++;
	return c;
}

struct fs_context *fs_context_copy(struct fs_context *c)
{
	return context_new(c->root, c->cwd, c->umask);
}

void fs_context_put(struct fs_context *c)
{
	if (!c || --c->refs)
		return;
	place_put(c->cwd);
	place_put(c->root);
	kfree(c);
}

int user_path(uint64_t upath, char **out)
{
	char *path = kmalloc(PATH_MAX);
	ssize_t len;

	if (!path)
		return -ENOMEM;
	len = strncpy_from_user(path, upath, PATH_MAX);
	if (len < 0) {
		kfree(path);
		return (int)len;
	}
	*out = path;
	return 0;
}

/* The directory a relative path starts from, counted. */
static int start_of(int dirfd, struct inode **out)
{
	struct file *f;

	if (dirfd == AT_FDCWD) {
		*out = inode_get(current->process->fs->cwd);
		return 0;
	}
	f = file_from_fd(dirfd);
	if (!f)
		return -EBADF;
	*out = inode_get(f->inode);
	file_put(f);
	return 0;
}

static int walk_from(int dirfd, const char *path, unsigned int walk_flags,
		     unsigned int at_flags, struct walk *w)
{
	struct inode *root = current->process->fs->root;
	struct inode *start = NULL;
	int rc = 0;

	if (*path != '/')
		rc = start_of(dirfd, &start);
	if (rc)
		return rc;
	if (!*path && (at_flags & AT_EMPTY_PATH)) {
		*w = (struct walk){ .found = start };
		return 0;
	}
	rc = path_walk(root, start, path, walk_flags, w);
	inode_put(start);
	return rc;
}

int user_walk(int dirfd, uint64_t upath, unsigned int walk_flags,
	      unsigned int at_flags, struct walk *w)
{
	char *path;
	int rc = user_path(upath, &path);

	if (rc)
		return rc;
	rc = walk_from(dirfd, path, walk_flags, at_flags, w);
	kfree(path);
	return rc;
}

int user_lookup(int dirfd, uint64_t upath, unsigned int walk_flags,
		unsigned int at_flags, struct inode **out)
{
	struct walk w;
	int rc = user_walk(dirfd, upath, walk_flags, at_flags, &w);

	if (rc)
		return rc;
	if (!w.found)
		rc = -ENOENT;
	else
		*out = inode_get(w.found);
	walk_end(&w);
	return rc;
}

static long change_dir(struct inode **place, struct inode *to)
{
	if (!inode_is(to, S_IFDIR))
		return -ENOTDIR;
	place_get(to);
	place_put(*place);
	*place = to;
	return 0;
}

long sys_chdir(uint64_t upath)
{
	struct inode *ino;
	long rc = user_lookup(AT_FDCWD, upath, WALK_FOLLOW | WALK_DIR, 0, &ino);

	if (rc)
		return rc;
	rc = change_dir(&current->process->fs->cwd, ino);
	inode_put(ino);
	return rc;
}

long sys_fchdir(uint64_t fd)
{
	struct file *f = file_from_fd((int)fd);
	long rc;

	if (!f)
		return -EBADF;
	rc = change_dir(&current->process->fs->cwd, f->inode);
	file_put(f);
	return rc;
}

long sys_chroot(uint64_t upath)
{
	struct inode *ino;
	long rc = user_lookup(AT_FDCWD, upath, WALK_FOLLOW | WALK_DIR, 0, &ino);

	if (rc)
		return rc;
	rc = change_dir(&current->process->fs->root, ino);
	inode_put(ino);
	return rc;
}

long sys_getcwd(uint64_t ubuf, uint64_t size)
{
	struct fs_context *fs = current->process->fs;
	char *buf = kmalloc(PATH_MAX);
	long len;

	if (!buf)
		return -ENOMEM;
	len = inode_path(fs->root, fs->cwd, buf, PATH_MAX);
	if (len >= 0 && (uint64_t)len + 1 > size)
		len = -ERANGE;
	if (len >= 0 && copy_to_user(ubuf, buf, (size_t)len + 1))
		len = -EFAULT;
	kfree(buf);
	return len < 0 ? len : len + 1;
}

long sys_umask(uint64_t mask)
{
	uint32_t old = current->process->fs->umask;

	current->process->fs->umask = mask & 0777;
	return old;
}
