/* SPDX-License-Identifier: MIT */
/* layout.h - which pseudo-physical frame of a new domain holds what.
 *
 * Pure arithmetic. The picture is the ABI's start-of-day layout (xen.h):
 *
 *   virt_base -> pfn 0
 *     kernel | ramdisk | p2m list | start_info | store | console |
 *     page tables | stack | padding to 4 MiB, at least 512 KiB
 *   end of the mapped region
 *     ramdisk, if the kernel takes it by frame number
 *     p2m list and its page tables, if the kernel wants it elsewhere
 *
 * Everything but the page tables is mapped writable; nothing after the end
 * of the region is mapped, except the p2m list at its own address.
 */
#ifndef TOOLS_BUILD_LAYOUT_H
#define TOOLS_BUILD_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "build/kernel.h"

/* A run of pseudo-physical frames. */
struct span {
	uint64_t first;
	uint64_t count;
};

/* A mapped range: `pages` pages at `virt` show the frames from `pfn` on.
 * tables[level] are the frames of its page tables of that level (1 to 3). */
struct mapped_range {
	uint64_t virt;
	uint64_t pages;
	uint64_t pfn;
	struct span tables[4];
};

struct layout {
	/* all frames of the domain */
	uint64_t pages;
	struct span kernel;
	struct span ramdisk;
	struct span p2m;
	uint64_t start_info;
	uint64_t store;
	uint64_t console;
	/* the level-4 table, first of the region's page tables */
	uint64_t root;
	struct span page_tables;
	uint64_t stack;
	struct mapped_range region;
	/* pages == 0 unless the p2m list has an address of its own */
	struct mapped_range p2m_range;
	/* the frames that the builder writes: two runs, the second perhaps
	 * empty, ascending and apart */
	struct span written[2];
};

/* -ENOMEM: does not fit into `pages`; the sentence names what is missing.
 * -EINVAL: the kernel wants addresses that are the hypervisor's. */
int layout_compute(struct layout *layout, const struct kernel *kernel,
		   uint64_t pages, uint64_t ramdisk_bytes, const char *name,
		   struct reason *why);

/* The virtual address at which a frame of the region is mapped. */
uint64_t layout_virt(const struct layout *layout, uint64_t pfn);

/* The frame of the table of `level` that maps `virt`; virt must be mapped. */
uint64_t layout_table(const struct layout *layout, int level, uint64_t virt);

/* True for page tables, which the guest may map read-only only. */
bool layout_is_table(const struct layout *layout, uint64_t pfn);

#endif
