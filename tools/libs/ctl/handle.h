/* SPDX-License-Identifier: MIT */
/* handle.h - what a `struct ctl` is made of; for libs/ctl only. */
#ifndef TOOLS_CTL_HANDLE_H
#define TOOLS_CTL_HANDLE_H

#include <stdint.h>

#include "ctl/ctl.h"

/* The scratch buffer: the first page holds the argument structure and, in
 * its second half, a multicall entry; the payload follows. */
#define CTL_MULTICALL_OFFSET (FRAME_SIZE / 2)
#define CTL_SCRATCH_BYTES    (FRAME_SIZE + CTL_PAYLOAD_BYTES)

struct ctl {
	int privcmd;
	/* /dev/xen/hypercall, or -1 where the kernel lacks it */
	int buffers;
	uint8_t *scratch;
};

_Static_assert(sizeof(struct xen_domctl) <= CTL_ARGUMENT_BYTES, "fits");
_Static_assert(sizeof(struct xen_sysctl) <= CTL_ARGUMENT_BYTES, "fits");
_Static_assert(CTL_ARGUMENT_BYTES <= CTL_MULTICALL_OFFSET, "no overlap");

#endif
