/* SPDX-License-Identifier: MIT */
/* bitmap.h - a tool's bitmap of CPUs or nodes.
 */
#ifndef PARAVANE_CONTROL_BITMAP_H
#define PARAVANE_CONTROL_BITMAP_H

#include <public/domctl.h>

#include "base/compiler.h"

/* The first 64 bits of the caller's map; missing ones are 0. -EFAULT. */
MUST_CHECK long bitmap_from_caller(uint64_t *bits, const struct xenctl_bitmap *map);
/* Into the caller's map, zero beyond 64 bits. -EFAULT, -EINVAL (too long). */
MUST_CHECK long bitmap_to_caller(const struct xenctl_bitmap *map, uint64_t bits);

#endif
