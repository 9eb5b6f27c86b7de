/* SPDX-License-Identifier: MIT */
/* kernel.h - what a PV kernel's file says about itself.
 *
 * kernel_parse is pure: a buffer goes in, a description comes out, and no
 * byte outside the buffer is looked at, whatever the file claims. The
 * description is checked: layout.c and load.c may rely on what is written
 * beside each field.
 */
#ifndef TOOLS_BUILD_KERNEL_H
#define TOOLS_BUILD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

#define KERNEL_SEGMENTS_MAX 16

/* Not given by the kernel's notes. No valid address: it is not page-aligned. */
#define KERNEL_UNSET UINT64_MAX

struct kernel_segment {
	/* bytes from the start of the domain's memory; sorted, disjoint */
	uint64_t start;
	/* file_bytes <= memory_bytes; the rest is zeroes */
	uint64_t memory_bytes;
	uint64_t file_bytes;
	/* offset + file_bytes lies in the file */
	uint64_t offset;
};

struct kernel {
	struct kernel_segment segments[KERNEL_SEGMENTS_MAX];
	unsigned int segment_count;
	/* first and last + 1 byte of domain memory that a segment covers */
	uint64_t start;
	uint64_t end;
	/* where byte 0 of the domain's memory is mapped; page-aligned */
	uint64_t virt_base;
	/* inside the kernel */
	uint64_t entry;
	/* page-aligned and inside the kernel, or KERNEL_UNSET */
	uint64_t hypercall_page;
	/* page-aligned, or KERNEL_UNSET: the p2m list follows the kernel */
	uint64_t p2m_base;
	/* bit n: the kernel cannot do without feature n (XENFEAT_*) */
	uint32_t features_required;
	/* takes its ramdisk unmapped, by frame number */
	bool ramdisk_by_pfn;
	char guest_os[32];
};

/* `name` is for the messages only. -ENOEXEC: not such a file at all;
 * -EINVAL: it contradicts itself; -EOPNOTSUPP: it wants what we lack. */
int kernel_parse(struct kernel *kernel, const void *bytes, size_t size,
		 const char *name, struct reason *why);

#endif
