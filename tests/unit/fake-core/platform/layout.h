/* SPDX-License-Identifier: MIT */
/* layout.h - physical memory is an arena at an address the host has free. */
#ifndef KERNEL_PLATFORM_LAYOUT_H
#define KERNEL_PLATFORM_LAYOUT_H

#define KERNEL_BASE 0x100000000000ul

#endif
