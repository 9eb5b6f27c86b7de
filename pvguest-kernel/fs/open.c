/* SPDX-License-Identifier: MIT */
/* open.c - from a path and flags to a descriptor.
 *
 * Everyone is root here, so no permission is asked but the x bit of exec and
 * access().
 */
#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "fs/file.h"
#include "fs/path.h"

/* Linux lets open() ignore unknown flags; these are kept in the file. O_NOCTTY
 * is for a terminal's open only. */
#define KEPT_FLAGS	(O_ACCMODE | O_APPEND | O_NONBLOCK | O_PATH | O_DIRECTORY)

static int create_missing(struct walk *w, uint32_t mode)
{
	if (w->slash)
		return -EISDIR;
	if (!w->dir || !w->dir->ops->create)
		return -EROFS;
	mode &= S_IALL & ~current->process->fs->umask;
	return w->dir->ops->create(w->dir, w->name, S_IFREG | mode, 0, NULL,
				   &w->found);
}

static bool wants_write(uint32_t flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* What was found (w->found is not NULL) against what was asked. */
static int check_found(struct inode *ino, uint32_t flags)
{
	bool dir = inode_is(ino, S_IFDIR);

	if ((flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	if ((flags & O_DIRECTORY) && !dir)
		return -ENOTDIR;
	if (inode_is(ino, S_IFLNK) && !(flags & O_PATH))
		return -ELOOP;
	if (dir && (wants_write(flags) || (flags & O_CREAT)))
		return -EISDIR;
	return 0;
}

static int open_walked(struct walk *w, uint32_t flags, uint32_t mode,
		       struct file **out)
{
	bool made = false;
	int rc;

	if (w->found) {
		rc = check_found(w->found, flags);
	} else if (flags & O_CREAT) {
		rc = create_missing(w, mode);
		made = rc == 0;
	} else {
		rc = -ENOENT;
	}
	if (rc)
		return rc;
	if ((flags & O_TRUNC) && !made && inode_is(w->found, S_IFREG) &&
	    w->found->ops->truncate) {
		rc = w->found->ops->truncate(w->found, 0);
		if (rc)
			return rc;
	}
	rc = file_open_inode(w->found, flags & (KEPT_FLAGS | O_NOCTTY), out);
	if (rc == 0)
		(*out)->flags &= KEPT_FLAGS;
	return rc;
}

static long open_at(int dirfd, uint64_t upath, uint32_t flags, uint32_t mode)
{
	unsigned int walk_flags = WALK_FOLLOW;
	struct walk w;
	struct file *f;
	int rc;

	if ((flags & O_ACCMODE) == 3 || (flags & O_TMPFILE))
		return -EINVAL;
	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if ((flags & O_NOFOLLOW) || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		walk_flags = 0;
	rc = user_walk(dirfd, upath, walk_flags, 0, &w);
	if (rc)
		return rc;
	rc = open_walked(&w, flags, mode, &f);
	walk_end(&w);
	if (rc)
		return rc;
	rc = fd_install(f, 0, flags & O_CLOEXEC);
	if (rc < 0)
		file_put(f);
	return rc;
}

long sys_openat(uint64_t dirfd, uint64_t upath, uint64_t flags, uint64_t mode)
{
	return open_at((int)dirfd, upath, (uint32_t)flags, (uint32_t)mode);
}

long sys_open(uint64_t upath, uint64_t flags, uint64_t mode)
{
	return open_at(AT_FDCWD, upath, (uint32_t)flags, (uint32_t)mode);
}

long sys_creat(uint64_t upath, uint64_t mode)
{
	return open_at(AT_FDCWD, upath, O_CREAT | O_WRONLY | O_TRUNC,
		       (uint32_t)mode);
}
