/* SPDX-License-Identifier: MIT */
/* gntdev.h - pages that other domains granted (/dev/xen/gntdev).
 *
 * As long as a page is mapped, its domain cannot be freed.
 */
#ifndef TOOLS_CTL_GNTDEV_H
#define TOOLS_CTL_GNTDEV_H

#include <stdint.h>

/* A descriptor, or a negative errno. */
int gntdev_open(void);

/* Maps one page, readable and writable. NULL with errno set; EBADF for a
 * descriptor below 0. */
void *gntdev_map(int fd, uint32_t domain, uint32_t reference);
void gntdev_unmap(void *page);

#endif
