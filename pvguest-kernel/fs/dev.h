/* SPDX-License-Identifier: MIT */
/* dev.h - device nodes: from a number to a driver's operations. */
#ifndef FS_DEV_H
#define FS_DEV_H

#include "fs/file.h"

/* Opening any S_IFCHR inode goes through its open, which finds the driver. */
extern const struct file_ops chrdev_ops;

/* The driver behind a number, with no node yet. */
int dev_driver(unsigned int major, unsigned int minor, const struct file_ops *ops);

void dev_init(void);			/* makes the tree and null, zero, ... */
struct inode *dev_root(void);		/* the one devtmpfs, not counted */
struct inode *dev_pts_root(void);	/* the one devpts, mounted on its pts */

#endif
