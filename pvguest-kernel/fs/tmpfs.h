/* SPDX-License-Identifier: MIT */
/* tmpfs.h - the file system in memory: root, /dev, /tmp and what is mounted. */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include "fs/file.h"

#define TMPFS_MAGIC	0x01021994

/* A new empty tree's root, counted; NULL when out of memory. */
struct inode *tmpfs_new(const char *type);
/* Unlink everything below root, so that only open files survive. */
void tmpfs_empty(struct inode *root);
/* Pages the file systems must leave free for processes. */
bool tmpfs_has_room(void);

extern const struct inode_ops tmpfs_dir_inode_ops;
extern const struct inode_ops tmpfs_file_inode_ops;
extern const struct file_ops tmpfs_file_ops;

#endif
