/* SPDX-License-Identifier: MIT */
/* kmalloc.h - small kernel objects. May fail; never sleeps. */
#ifndef KERNEL_MM_KMALLOC_H
#define KERNEL_MM_KMALLOC_H

#include "core/types.h"

void *kmalloc(size_t size) MUST_CHECK;
void *kzalloc(size_t size) MUST_CHECK;
void kfree(void *p);		/* NULL is fine */

#endif
