/* SPDX-License-Identifier: MIT */
/* rw.c - the calls that move bytes through descriptors.
 *
 * Guards: a file is read or written only if it was opened for that, user
 * vectors are copied once and their total checked, and offsets never pass
 * what a signed 64-bit number holds.
 */
#include "core/errno.h"
#include "core/syscall.h"
#include "core/types.h"
#include "fs/file.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/user.h"

#define FIONBIO		0x5421u
#define FIONCLEX	0x5450u
#define FIOCLEX		0x5451u

#define IOV_LIMIT	1024
#define IOV_FAST	8
#define RW_LIMIT	0x7ffff000ul	/* Linux moves no more at once */

enum use { READ, WRITE };

static long file_move(struct file *f, struct iter *it, uint64_t *pos, enum use use)
{
	uint32_t acc = f->flags & O_ACCMODE;
	long (*op)(struct file *, struct iter *, uint64_t *);

	if ((f->flags & O_PATH) || acc == (use == READ ? O_WRONLY : O_RDONLY))
		return -EBADF;
	op = use == READ ? f->ops->read : f->ops->write;
	if (!op)
		return -EINVAL;
	if (use == WRITE && (f->flags & O_APPEND) && f->ops->lseek)
		*pos = f->inode->size;
	if ((int64_t)*pos < 0 || (int64_t)(*pos + it->left) < 0)
		return -EINVAL;
	return op(f, it, pos);
}

/* With an offset of the caller's, or (offset NULL) the file's own. */
static long move_fd(int fd, struct iter *it, const uint64_t *offset, enum use use)
{
	struct file *f = file_from_fd(fd);
	uint64_t pos;
	long rc;

	if (!f)
		return -EBADF;
	if (it->left > RW_LIMIT)
		it->left = RW_LIMIT;
	if (!offset) {
		rc = file_move(f, it, &f->pos, use);
	} else if (!f->ops->lseek) {
		rc = -ESPIPE;
	} else {
		pos = *offset;
		rc = file_move(f, it, &pos, use);
	}
	file_put(f);
	return rc;
}

static long move_buf(uint64_t fd, uint64_t buf, uint64_t n,
		     const uint64_t *offset, enum use use)
{
	struct iter it;

	iter_user(&it, buf, n);
	return move_fd((int)fd, &it, offset, use);
}

long sys_read(uint64_t fd, uint64_t buf, uint64_t n)
{
	return move_buf(fd, buf, n, NULL, READ);
}

long sys_write(uint64_t fd, uint64_t buf, uint64_t n)
{
	return move_buf(fd, buf, n, NULL, WRITE);
}

long sys_pread64(uint64_t fd, uint64_t buf, uint64_t n, uint64_t offset)
{
	return move_buf(fd, buf, n, &offset, READ);
}

long sys_pwrite64(uint64_t fd, uint64_t buf, uint64_t n, uint64_t offset)
{
	return move_buf(fd, buf, n, &offset, WRITE);
}

int iovec_from_user(uint64_t uvec, uint64_t count, struct iovec *fast,
		    unsigned int fast_count, struct iovec **out, size_t *total)
{
	struct iovec *vec = fast;
	int rc = 0;

	if (count > IOV_LIMIT)
		return -EINVAL;
	if (count > fast_count) {
		vec = kmalloc(count * sizeof(*vec));
		if (!vec)
			return -ENOMEM;
	}
	if (copy_from_user(vec, uvec, count * sizeof(*vec)))
		rc = -EFAULT;
	*total = 0;
	for (uint64_t i = 0; i < count && rc == 0; i++)
		if (__builtin_add_overflow(*total, vec[i].len, total) ||
		    *total > INT64_MAX)
			rc = -EINVAL;
	if (rc && vec != fast)
		kfree(vec);
	*out = vec;
	return rc;
}

static long move_vec(uint64_t fd, uint64_t uvec, uint64_t count, enum use use)
{
	struct iovec fast[IOV_FAST], *vec;
	struct iter it;
	size_t total;
	long rc;

	rc = iovec_from_user(uvec, (uint32_t)count, fast, IOV_FAST, &vec, &total);
	if (rc)
		return rc;
	iter_vector(&it, vec, (unsigned int)count, total);
	rc = move_fd((int)fd, &it, NULL, use);
	if (vec != fast)
		kfree(vec);
	return rc;
}

long sys_readv(uint64_t fd, uint64_t uvec, uint64_t count)
{
	return move_vec(fd, uvec, count, READ);
}

long sys_writev(uint64_t fd, uint64_t uvec, uint64_t count)
{
	return move_vec(fd, uvec, count, WRITE);
}

long sys_lseek(uint64_t fd, uint64_t offset, uint64_t whence)
{
	struct file *f = file_from_fd((int)fd);
	long rc;

	if (!f)
		return -EBADF;
	rc = f->ops->lseek ? f->ops->lseek(f, (int64_t)offset, (int)whence)
			   : -ESPIPE;
	file_put(f);
	return rc;
}

static long set_nonblock(struct file *f, uint64_t uvalue)
{
	int32_t on;

	if (get_user(on, uvalue))
		return -EFAULT;
	f->flags = on ? f->flags | O_NONBLOCK : f->flags & ~(uint32_t)O_NONBLOCK;
	return 0;
}

/* Three requests are about the descriptor and mean the same for every file. */
long sys_ioctl(uint64_t fd, uint64_t cmd, uint64_t arg)
{
	struct file *f;
	long rc;

	if ((uint32_t)cmd == FIOCLEX || (uint32_t)cmd == FIONCLEX)
		return sys_fcntl(fd, F_SETFD, (uint32_t)cmd == FIOCLEX);
	f = file_from_fd((int)fd);
	if (!f)
		return -EBADF;
	if ((uint32_t)cmd == FIONBIO)
		rc = set_nonblock(f, arg);
	else
		rc = f->ops->ioctl ? f->ops->ioctl(f, (unsigned int)cmd, arg)
				   : -ENOTTY;
	file_put(f);
	return rc;
}

/* What could not be written is not taken from the source: `in` has positions,
 * and its position goes back. */
static long copy_between(struct file *in, uint64_t *in_pos,
			 struct file *out, uint64_t *out_pos, uint64_t n)
{
	struct page *page = page_alloc(0);
	long total = 0;
	long rc = 0;

	if (!page)
		return -ENOMEM;
	while (n && rc >= 0) {
		struct iter it;
		long got;

		iter_kernel(&it, page_virt(page), min_u64(n, PAGE_SIZE));
		got = file_move(in, &it, in_pos, READ);
		if (got <= 0) {
			rc = got;
			break;
		}
		iter_kernel(&it, page_virt(page), (size_t)got);
		rc = file_move(out, &it, out_pos, WRITE);
		if (rc < got)
			*in_pos -= (uint64_t)(got - (rc > 0 ? rc : 0));
		if (rc > 0) {
			total += rc;
			n -= (uint64_t)rc;
		}
		if (rc < got)
			break;
	}
	page_put(page);
	return total ? total : rc;
}

/* Positions come from user memory where an address is given, else from the
 * files; uin and uout are user addresses or 0. */
static long copy_fds(int fdin, uint64_t uin, int fdout, uint64_t uout, uint64_t n)
{
	struct file *in = file_from_fd(fdin);
	struct file *out = file_from_fd(fdout);
	uint64_t in_pos = 0, out_pos = 0;
	long rc;

	rc = -EBADF;
	if (!in || !out)
		goto done;
	rc = -EINVAL;		/* from a stream: programs fall back to read() */
	if (!in->ops->lseek)
		goto done;
	rc = -ESPIPE;
	if (uout && !out->ops->lseek)
		goto done;
	rc = -EFAULT;
	if ((uin && get_user(in_pos, uin)) || (uout && get_user(out_pos, uout)))
		goto done;
	rc = copy_between(in, uin ? &in_pos : &in->pos,
			  out, uout ? &out_pos : &out->pos, min_u64(n, RW_LIMIT));
	if ((uin && put_user(in_pos, uin)) || (uout && put_user(out_pos, uout)))
		rc = -EFAULT;
done:
	file_put(in);
	file_put(out);
	return rc;
}

long sys_sendfile(uint64_t out, uint64_t in, uint64_t uoffset, uint64_t n)
{
	return copy_fds((int)in, uoffset, (int)out, 0, n);
}

long sys_copy_file_range(uint64_t in, uint64_t uin, uint64_t out, uint64_t uout,
			 uint64_t n, uint64_t flags)
{
	return flags ? -EINVAL : copy_fds((int)in, uin, (int)out, uout, n);
}
