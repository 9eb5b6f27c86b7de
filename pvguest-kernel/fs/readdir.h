/* SPDX-License-Identifier: MIT */
/* readdir.h - listing a directory, position by position. */
#ifndef FS_READDIR_H
#define FS_READDIR_H

#include "fs/file.h"

struct dirsink {
	struct iter *to;
	uint64_t pos;		/* of the next entry wanted */
	bool fault, full;
	unsigned int entries;
};

/* False when the reader's buffer is full: stop. `next` is the position behind
 * this entry; positions 0 and 1 are "." and "..", and ascend. */
bool dir_emit(struct dirsink *s, const char *name, uint64_t ino, uint32_t mode,
	      uint64_t next);

/* What opening any directory gives: lseek, and nothing to read. */
extern const struct file_ops readdir_file_ops;

#endif
