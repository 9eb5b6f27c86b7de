/* SPDX-License-Identifier: MIT */
/* proc.h - the process tree as files, for ps, top, free and mount. */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "fs/file.h"

struct inode *proc_root(void);	/* the one tree, not counted; NULL: no memory */
/* What /proc/cmdline says; the string stays the caller's. */
extern const char *proc_cmdline;

#endif
