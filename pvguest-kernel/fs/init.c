/* SPDX-License-Identifier: MIT */
/* init.c - the first tree: an empty root with /dev and its terminals.
 *
 * Invariant: it is there before the first path is walked; failing to make it
 * is a panic, because nothing could be run.
 */
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

static void mount_at(struct inode *dir, const char *name, struct inode *tree)
{
	struct inode *point;

	if (dir->ops->create(dir, name, S_IFDIR | 0755, 0, NULL, &point) ||
	    mount_tree(tree, point, tree->sb->type))
		panic("cannot mount %s", tree->sb->type);
	inode_put(point);
}

void fs_init(void)
{
	root = tmpfs_new("rootfs");
	if (!root || mount_tree(root, NULL, "rootfs"))
		panic("no memory for the root file system");
	dev_init();
	mount_at(root, "dev", dev_root());
	mount_at(dev_root(), "pts", dev_pts_root());
	console_tty_init();
	pty_init();
}
