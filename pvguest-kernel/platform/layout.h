/* SPDX-License-Identifier: MIT */
/* layout.h - where physical memory appears in the kernel's address space. */
#ifndef KERNEL_PLATFORM_LAYOUT_H
#define KERNEL_PLATFORM_LAYOUT_H

/* Address 0 of physical memory; all of it follows, up to 2 GiB. */
#define KERNEL_BASE 0xffffffff80000000ul

#endif
