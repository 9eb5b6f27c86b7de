/* SPDX-License-Identifier: MIT */
/* initramfs.c - the ramdisk: cpio archives one after another, each plain or
 * gzip'ed, with zeros between them.
 *
 * Says on the console what it unpacked or at which byte the ramdisk is wrong.
 */
#include "core/errno.h"
#include "core/printk.h"
#include "fs/cpio.h"
#include "fs/inflate.h"
#include "mm/kmalloc.h"

static int feed_all(void *ctx, const uint8_t *buf, size_t n)
{
	long took = cpio_feed(ctx, buf, n);

	if (took < 0)
		return (int)took;
	return (size_t)took == n ? 0 : -EINVAL;
}

/* One archive, or the zeros in front of one. Bytes taken or negative errno. */
static long unpack_next(struct cpio *c, const uint8_t *in, size_t n)
{
	long took;

	if (c->state == CPIO_BETWEEN && in[0] == 0x1f) {
		took = gunzip(in, n, feed_all, c);
		if (took > 0 && c->state != CPIO_BETWEEN)
			took = -EINVAL;
		return took;
	}
	took = cpio_feed(c, in, n);
	return took ? took : -EINVAL;
}

int fs_unpack_initramfs(const void *archive, size_t size)
{
	const uint8_t *in = archive;
	struct cpio *c = kzalloc(sizeof(*c));
	size_t at = 0;
	long rc = 0;

	if (!c)
		return -ENOMEM;
	c->root = fs_root();
	while (at < size && rc >= 0) {
		rc = unpack_next(c, in + at, size - at);
		if (rc > 0)
			at += (size_t)rc;
	}
	if (cpio_end(c) && rc >= 0)
		rc = -EINVAL;
	if (c->skipped)
		printk("initramfs: %u of %u entries could not be made\n",
		       c->skipped, c->entries);
	if (rc == -ENOMEM || rc == -ENOSPC)
		printk("initramfs: no memory left after %u entries\n", c->entries);
	else if (rc < 0)
		printk("initramfs: not a cpio archive (newc, plain or gzip), or "
		       "a damaged one, at byte %zu of %zu\n", at, size);
	else
		printk("initramfs: %u entries\n", c->entries);
	kfree(c);
	return rc < 0 ? (int)rc : 0;
}
