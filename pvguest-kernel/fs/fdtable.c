/* SPDX-License-Identifier: MIT */
/* fdtable.c - descriptors: small numbers for open files.
 *
 * Guards: each used slot holds one reference on its file; `cloexec` bits are
 * set only for used slots. The array doubles as descriptors are taken, up to
 * FD_LIMIT.
 */
#include "fs/file.h"

#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/user.h"

#define FIRST_SIZE	32

static struct files *files_new(unsigned int size)
{
	struct files *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->refs = 1;
	t->size = size;
	t->fd = kzalloc(size * sizeof(t->fd[0]));
	if (!t->fd) {
		kfree(t);
		return NULL;
	}
	return t;
}

struct files *files_create_initial(void)
{
	struct files *t = files_new(FIRST_SIZE);
	struct file *f;

	if (!t || file_open_kernel("/dev/console", O_RDWR, &f))
		return t;
	for (int fd = 0; fd < 3; fd++)
		t->fd[fd] = file_get(f);
	file_put(f);
	return t;
}

struct files *files_get(struct files *t)
{
	t->refs++;
	return t;
}

struct files *files_copy(struct files *old)
{
	struct files *t = files_new(old->size);

	if (!t)
		return NULL;
	memcpy(t->cloexec, old->cloexec, sizeof(t->cloexec));
	for (unsigned int fd = 0; fd < old->size; fd++)
		if (old->fd[fd])
			t->fd[fd] = file_get(old->fd[fd]);
	return t;
}

static void set_cloexec(struct files *t, unsigned int fd, bool on)
{
	uint64_t bit = 1ul << (fd % 64);

	if (on)
		t->cloexec[fd / 64] |= bit;
	else
		t->cloexec[fd / 64] &= ~bit;
}

static bool get_cloexec(struct files *t, unsigned int fd)
{
	return t->cloexec[fd / 64] >> (fd % 64) & 1;
}

static int close_slot(struct files *t, unsigned int fd)
{
	struct file *f = fd < t->size ? t->fd[fd] : NULL;

	if (!f)
		return -EBADF;
	t->fd[fd] = NULL;
	set_cloexec(t, fd, false);
	file_put(f);
	return 0;
}

void files_put(struct files *t)
{
	if (!t || --t->refs)
		return;
	for (unsigned int fd = 0; fd < t->size; fd++)
		close_slot(t, fd);
	kfree(t->fd);
	kfree(t);
}

void files_close_on_exec(struct files *t)
{
	for (unsigned int fd = 0; fd < t->size; fd++)
		if (get_cloexec(t, fd))
			close_slot(t, fd);
}

/* Make slot fd exist. */
static int grow(struct files *t, unsigned int fd)
{
	unsigned int size = t->size;
	struct file **bigger;

	if (fd >= FD_LIMIT)
		return -EMFILE;
	while (size <= fd)
		size *= 2;
	if (size == t->size)
		return 0;
	bigger = kzalloc(size * sizeof(bigger[0]));
	if (!bigger)
		return -ENOMEM;
	memcpy(bigger, t->fd, t->size * sizeof(bigger[0]));
	kfree(t->fd);
	t->fd = bigger;
	t->size = size;
	return 0;
}

int fd_install(struct file *f, unsigned int from, bool cloexec)
{
	struct files *t = current->process->files;
	unsigned int fd = from;
	int rc;

	while (fd < t->size && t->fd[fd])
		fd++;
	rc = grow(t, fd);
	if (rc)
		return rc;
	t->fd[fd] = f;
	set_cloexec(t, fd, cloexec);
	return (int)fd;
}

int fd_install_pair(struct file *a, struct file *b, bool cloexec, int fd[2])
{
	fd[0] = fd_install(a, 0, cloexec);
	if (fd[0] < 0) {
		file_put(a);
		file_put(b);
		return fd[0];
	}
	fd[1] = fd_install(b, 0, cloexec);
	if (fd[1] < 0) {
		fd_close(fd[0]);
		file_put(b);
		return fd[1];
	}
	return 0;
}

struct file *file_from_fd(int fd)
{
	struct files *t = current->process->files;

	if (fd < 0 || (unsigned int)fd >= t->size || !t->fd[fd])
		return NULL;
	return file_get(t->fd[fd]);
}

int fd_close(int fd)
{
	return close_slot(current->process->files, (unsigned int)fd);
}

long sys_close(uint64_t fd)
{
	return fd_close((int)fd);
}

long sys_close_range(uint64_t first, uint64_t last, uint64_t flags)
{
	struct files *t = current->process->files;

	if ((uint32_t)first > (uint32_t)last || (flags & ~4ul))
		return -EINVAL;
	for (uint64_t fd = (uint32_t)first;
	     fd <= (uint32_t)last && fd < t->size; fd++) {
		if (flags)
			set_cloexec(t, (unsigned int)fd, t->fd[fd] != NULL);
		else
			close_slot(t, (unsigned int)fd);
	}
	return 0;
}

/* dup2 and dup3 once the descriptors are known to differ. */
static long dup_onto(struct file *f, unsigned int fd, bool cloexec)
{
	struct files *t = current->process->files;
	int rc = grow(t, fd);

	if (rc)
		return rc == -EMFILE ? -EBADF : rc;
	close_slot(t, fd);
	t->fd[fd] = file_get(f);
	set_cloexec(t, fd, cloexec);
	return fd;
}

long sys_dup3(uint64_t old, uint64_t new, uint64_t flags)
{
	struct file *f;
	long rc;

	if ((flags & ~(uint64_t)O_CLOEXEC) || (uint32_t)old == (uint32_t)new)
		return -EINVAL;
	f = file_from_fd((int)old);
	if (!f)
		return -EBADF;
	rc = dup_onto(f, (uint32_t)new, flags & O_CLOEXEC);
	file_put(f);
	return rc;
}

long sys_dup2(uint64_t old, uint64_t new)
{
	struct file *f;

	if ((uint32_t)old != (uint32_t)new)
		return sys_dup3(old, new, 0);
	f = file_from_fd((int)old);
	file_put(f);
	return f ? (long)(uint32_t)new : -EBADF;
}

static long dup_from(struct file *f, uint64_t from, bool cloexec)
{
	int rc;

	if (from >= FD_LIMIT)
		return -EINVAL;
	rc = fd_install(file_get(f), (unsigned int)from, cloexec);
	if (rc < 0)
		file_put(f);
	return rc;
}

long sys_dup(uint64_t old)
{
	return sys_fcntl(old, F_DUPFD, 0);
}

/* Record locks are granted to everybody: nothing here runs two writers that
 * would need them. F_GETLK reports the range as free (l_type, 2 bytes). */
static long lock_call(uint64_t cmd, uint64_t arg)
{
	uint16_t type = F_UNLCK;

	return cmd == F_GETLK ? put_user(type, arg) : 0;
}

long sys_fcntl(uint64_t fd, uint64_t cmd, uint64_t arg)
{
	const uint32_t settable = O_APPEND | O_NONBLOCK;
	struct files *t = current->process->files;
	struct file *f = file_from_fd((int)fd);
	long rc = 0;

	if (!f)
		return -EBADF;
	switch ((uint32_t)cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		rc = dup_from(f, arg, (uint32_t)cmd == F_DUPFD_CLOEXEC);
		break;
	case F_GETFD:
		rc = get_cloexec(t, (uint32_t)fd) ? FD_CLOEXEC : 0;
		break;
	case F_SETFD:
		set_cloexec(t, (uint32_t)fd, arg & FD_CLOEXEC);
		break;
	case F_GETFL:
		rc = f->flags;
		break;
	case F_SETFL:
		f->flags = (f->flags & ~settable) | ((uint32_t)arg & settable);
		break;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
		rc = lock_call((uint32_t)cmd, arg);
		break;
	case F_SETOWN:
	case F_GETOWN:
		break;
	default:
		rc = -EINVAL;
	}
	file_put(f);
	return rc;
}

long sys_flock(uint64_t fd, uint64_t op)
{
	struct file *f = file_from_fd((int)fd);

	file_put(f);
	return f ? 0 : -EBADF;
}
