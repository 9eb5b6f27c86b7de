/* SPDX-License-Identifier: MIT */
/* fill.h - writing the start-of-day contents into a new domain's frames. */
#ifndef TOOLS_BUILD_FILL_H
#define TOOLS_BUILD_FILL_H

#include <stdint.h>

#include <xen/xen.h>

#include "build/image.h"
#include "build/kernel.h"
#include "build/layout.h"

/* The domain's memory as the builder sees it: the machine frame of each
 * pseudo-physical one, and the two runs of layout->written mapped here. */
struct guest_memory {
	uint64_t *mfns;
	uint8_t *mapped[2];
};

/* What start_info tells the guest besides the layout. */
struct boot_facts {
	uint64_t shared_info_mfn;
	uint32_t store_port;
	uint32_t console_port;
	/* 0: no ramdisk */
	uint64_t ramdisk_bytes;
	const char *cmdline;
};

/* All frames of layout->written are overwritten: with zeroes first. */
void fill_kernel(const struct layout *layout, struct guest_memory *memory,
		 const struct kernel *kernel, const struct image *file);
void fill_p2m(const struct layout *layout, struct guest_memory *memory);
void fill_start_info(const struct layout *layout, struct guest_memory *memory,
		     const struct boot_facts *facts);

/* page_tables.c */
void fill_page_tables(const struct layout *layout,
		      struct guest_memory *memory);

/* The registers with which vCPU 0 enters the kernel. */
void fill_context(struct vcpu_guest_context *context,
		  const struct layout *layout, const struct kernel *kernel,
		  const struct guest_memory *memory);

/* The builder's view of one frame of layout->written. */
void *fill_frame(const struct layout *layout,
		 const struct guest_memory *memory, uint64_t pfn);

#endif
