/* SPDX-License-Identifier: MIT */
/* user.h - the only way to and from user memory.
 *
 * Every function returns 0 or more on success and -EFAULT when the range is
 * not the user's or cannot be faulted in. They may sleep (a page may have to
 * be read) but never block on a signal.
 */
#ifndef KERNEL_MM_USER_H
#define KERNEL_MM_USER_H

#include "core/types.h"

int copy_from_user(void *dst, uint64_t src, size_t n) MUST_CHECK;
int copy_to_user(uint64_t dst, const void *src, size_t n) MUST_CHECK;
int clear_user(uint64_t dst, size_t n) MUST_CHECK;

/* Copies a string of at most size-1 bytes; returns its length, -EFAULT, or
 * -ENAMETOOLONG when no zero byte came in time. */
ssize_t strncpy_from_user(char *dst, uint64_t src, size_t size) MUST_CHECK;

#define get_user(lvalue, addr) copy_from_user(&(lvalue), (addr), sizeof(lvalue))
#define put_user(lvalue, addr) copy_to_user((addr), &(lvalue), sizeof(lvalue))

#endif
