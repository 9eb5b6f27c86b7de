/* SPDX-License-Identifier: MIT */
/* errno.h - the error numbers of the ABI, by their usual names.
 *
 * The list itself is the public one (public/errno.h); calls return them
 * negated.
 */
#ifndef PARAVANE_BASE_ERRNO_H
#define PARAVANE_BASE_ERRNO_H

enum {
#define XEN_ERRNO(name, value)	name = value,
#include <public/errno.h>
#undef XEN_ERRNO
};

#endif
