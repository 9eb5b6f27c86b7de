/* SPDX-License-Identifier: MIT */
/* dev.c - /dev: nodes, the table of drivers behind their numbers, and the
 * devices that need no driver (null, zero, full, random, urandom, kmsg).
 *
 * Invariant: a node's number finds its driver at open, so a node made by
 * mknod works like the kernel's own.
 */
#include "fs/dev.h"

#include "core/errno.h"
#include "core/printk.h"
#include "core/random.h"
#include "core/types.h"
#include "fs/path.h"
#include "fs/tmpfs.h"
#include "lib/string.h"

#define DRIVERS_MAX	64

static struct {
	uint32_t rdev;
	const struct file_ops *ops;
} drivers[DRIVERS_MAX];
static unsigned int driver_count;
static struct inode *devtmpfs, *devpts;

struct inode *dev_root(void)
{
	return devtmpfs;
}

struct inode *dev_pts_root(void)
{
	return devpts;
}

static int chrdev_open(struct inode *ino, struct file *f)
{
	for (unsigned int i = 0; i < driver_count; i++)
		if (drivers[i].rdev == ino->rdev) {
			f->ops = drivers[i].ops;
			return f->ops->open ? f->ops->open(ino, f) : 0;
		}
	return -ENXIO;
}

const struct file_ops chrdev_ops = {
	.open = chrdev_open,
};

int dev_driver(unsigned int major, unsigned int minor, const struct file_ops *ops)
{
	uint32_t rdev = dev_make(major, minor);

	for (unsigned int i = 0; i < driver_count; i++)
		if (drivers[i].rdev == rdev)
			return drivers[i].ops == ops ? 0 : -EBUSY;
	if (driver_count == DRIVERS_MAX)
		return -ENOSPC;
	drivers[driver_count].rdev = rdev;
	drivers[driver_count++].ops = ops;
	return 0;
}

int dev_register(const char *name, uint32_t mode, unsigned int major,
		 unsigned int minor, const struct file_ops *ops)
{
	uint32_t rdev = dev_make(major, minor);
	const char *slash = strchr(name, '/');
	char folder[32];
	struct walk w;
	struct inode *made;
	int rc;

	rc = dev_driver(major, minor, ops);
	if (rc == 0 && slash) {
		strlcpy(folder, name, min_u64(sizeof(folder), slash - name + 1));
		rc = devtmpfs->ops->create(devtmpfs, folder, S_IFDIR | 0755, 0,
					   NULL, &made);
		if (rc == 0)
			inode_put(made);
		else if (rc == -EEXIST)
			rc = 0;
	}
	if (rc == 0)
		rc = path_walk(devtmpfs, devtmpfs, name, 0, &w);
	if (rc)
		return rc;
	rc = -EEXIST;
	if (!w.found)
		rc = w.dir->ops->create(w.dir, w.name, S_IFCHR | mode, rdev,
					NULL, &w.found);
	walk_end(&w);
	return rc;
}

static long null_read(struct file *f, struct iter *to, uint64_t *pos)
{
	return 0;
}

static long null_write(struct file *f, struct iter *from, uint64_t *pos)
{
	return (long)from->left;
}

static long any_lseek(struct file *f, int64_t offset, int whence)
{
	return 0;
}

static long zero_read(struct file *f, struct iter *to, uint64_t *pos)
{
	size_t want = to->left;
	size_t got = iter_zero(to, want);

	return got || !want ? (long)got : -EFAULT;
}

static long full_write(struct file *f, struct iter *from, uint64_t *pos)
{
	return -ENOSPC;
}

static long random_read(struct file *f, struct iter *to, uint64_t *pos)
{
	uint8_t bytes[64];
	long done = 0;

	while (to->left) {
		size_t n = min_u64(to->left, sizeof(bytes));
		size_t got;

		random_bytes(bytes, n);
		got = iter_put(to, bytes, n);
		done += (long)got;
		if (got < n)
			return done ? done : -EFAULT;
	}
	return done;
}

/* What is written to /dev/kmsg appears like the kernel's own words. */
static long kmsg_write(struct file *f, struct iter *from, uint64_t *pos)
{
	size_t len = from->left;
	char line[200];
	size_t n = iter_take(from, line, min_u64(len, sizeof(line) - 1));

	if (n == 0 && len)
		return -EFAULT;
	line[n] = '\0';
	printk("%s%s", line, n && line[n - 1] == '\n' ? "" : "\n");
	return (long)len;
}

static long kmsg_read(struct file *f, struct iter *to, uint64_t *pos)
{
	char buf[256];
	size_t n = klog_read(pos, buf, min_u64(to->left, sizeof(buf)));

	return iter_put(to, buf, n) == n ? (long)n : -EFAULT;
}

static const struct file_ops null_ops = {
	.read = null_read, .write = null_write, .lseek = any_lseek,
};
static const struct file_ops zero_ops = {
	.read = zero_read, .write = null_write, .lseek = any_lseek,
};
static const struct file_ops full_ops = {
	.read = zero_read, .write = full_write, .lseek = any_lseek,
};
static const struct file_ops random_ops = {
	.read = random_read, .write = null_write,
};
static const struct file_ops kmsg_ops = {
	.read = kmsg_read, .write = kmsg_write, .lseek = any_lseek,
};

static const struct {
	const char *name;
	unsigned int minor;
	const struct file_ops *ops;
} mem_devices[] = {
	{ "null", 3, &null_ops },
	{ "zero", 5, &zero_ops },
	{ "full", 7, &full_ops },
	{ "random", 8, &random_ops },
	{ "urandom", 9, &random_ops },
	{ "kmsg", 11, &kmsg_ops },
};

static void link_name(const char *name, const char *target)
{
	struct inode *made;

	if (devtmpfs->ops->create(devtmpfs, name, S_IFLNK | 0777, 0, target,
				  &made) == 0)
		inode_put(made);
}

void dev_init(void)
{
	devtmpfs = tmpfs_new("devtmpfs");
	devpts = tmpfs_new("devpts");
	if (!devtmpfs || !devpts)
		panic("no memory for /dev");
	devtmpfs->sb->kept = devpts->sb->kept = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(mem_devices); i++)
		if (dev_register(mem_devices[i].name, 0666, 1,
				 mem_devices[i].minor, mem_devices[i].ops))
			panic("cannot make /dev/%s", mem_devices[i].name);
	link_name("fd", "/proc/self/fd");
	link_name("stdin", "/proc/self/fd/0");
	link_name("stdout", "/proc/self/fd/1");
	link_name("stderr", "/proc/self/fd/2");
}
