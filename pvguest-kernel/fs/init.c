/* SPDX-License-Identifier: MIT */
/* init.c - the first tree: an empty root with /dev and its terminals. */
#include "core/printk.h"
#include "fs/dev.h"
#include "fs/mount.h"
#include "fs/tmpfs.h"
#include "fs/tty.h"

static struct inode *root;

struct inode *fs_root(void)
{
	return root;
}

void fs_init(void)
{
	struct inode *dev;

	root = tmpfs_new("rootfs");
	if (!root || mount_tree(root, NULL, "rootfs"))
		panic("no memory for the root file system");
	dev_init();
	if (root->ops->create(root, "dev", S_IFDIR | 0755, 0, NULL, &dev) ||
	    mount_tree(dev_root(), dev, "devtmpfs"))
		panic("cannot make /dev");
	inode_put(dev);
	console_tty_init();
	pty_init();
}
