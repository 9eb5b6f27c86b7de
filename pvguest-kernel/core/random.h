/* SPDX-License-Identifier: MIT */
/* random.h - bytes for getrandom, /dev/urandom and AT_RANDOM. */
#ifndef KERNEL_CORE_RANDOM_H
#define KERNEL_CORE_RANDOM_H

#include "core/types.h"

void random_bytes(void *buf, size_t len);

#endif
