/* SPDX-License-Identifier: MIT */
/* epoll.h - what the rest of the files must know of epoll: nearly nothing. */
#ifndef FS_EPOLL_H
#define FS_EPOLL_H

#include "fs/file.h"

/* `f` is being released: no epoll may look at it again. */
void epoll_forget(struct file *f);

#endif
