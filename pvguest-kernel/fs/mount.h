/* SPDX-License-Identifier: MIT */
/* mount.h - which tree hides which directory. */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "fs/inode.h"

struct mount {
	struct mount *next;
	struct inode *root;	/* counted */
	struct inode *point;	/* counted; NULL for the root of all */
	char source[32];
};

/* The trees in mount order, for /proc/mounts. */
extern struct mount *mount_list;

/* Put root (counted by the mount) over point, or at the top if point is NULL. */
int mount_tree(struct inode *root, struct inode *point, const char *source);

#endif
