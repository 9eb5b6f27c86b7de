/* SPDX-License-Identifier: MIT */
/* path.h - from a path to the directory and the inode it names.
 *
 * path_walk() serves look-up, creation and removal alike: it gives the last
 * component's directory, its name, and what it names if that exists.
 */
#ifndef FS_PATH_H
#define FS_PATH_H

#include "fs/abi.h"
#include "fs/inode.h"

#define WALK_FOLLOW	1u	/* follow a symbolic link in the last place */
#define WALK_DIR	2u	/* what is found must be a directory */

struct walk {
	struct inode *dir;	/* counted; NULL when the path has no last name */
	struct inode *found;	/* counted; NULL when nothing has that name */
	bool slash;		/* the path ended in a slash */
	char name[NAME_MAX + 1];
};

/* 0 with w filled in (end it with walk_end), or a negative errno with nothing
 * held. A missing last component is not an error here. */
int path_walk(struct inode *root, struct inode *start, const char *path,
	      unsigned int flags, struct walk *w);
void walk_end(struct walk *w);

/* The calling process's view: dirfd and AT_FDCWD, its root, a user's string.
 * user_walk() accepts AT_EMPTY_PATH (and then dir is NULL). */
int user_walk(int dirfd, uint64_t upath, unsigned int walk_flags,
	      unsigned int at_flags, struct walk *w);
/* As user_walk, but -ENOENT if nothing was found; *out is counted. */
int user_lookup(int dirfd, uint64_t upath, unsigned int walk_flags,
		unsigned int at_flags, struct inode **out);
/* A user's path as a kernel string, freed by kfree(). */
int user_path(uint64_t upath, char **out);

#endif
