/* SPDX-License-Identifier: MIT */
/* pipe.h - pipes and named pipes. */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "fs/file.h"

extern const struct file_ops fifo_ops;	/* opens a named pipe */

#endif
