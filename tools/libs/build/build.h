/* SPDX-License-Identifier: MIT */
/* build.h - the domain builder: from files to a paused domain, ready to run.
 * The library's door.
 */
#ifndef TOOLS_BUILD_BUILD_H
#define TOOLS_BUILD_BUILD_H

#include "base/reason.h"
#include "ctl/ctl.h"

struct build_request {
	/* for messages only */
	const char *name;
	const char *kernel;
	/* NULL for none */
	const char *ramdisk;
	/* at most MAX_GUEST_CMDLINE - 1 characters; NULL for none */
	const char *cmdline;
	/* KiB, multiples of 4; max_kib >= memory_kib */
	uint64_t memory_kib;
	uint64_t max_kib;
	uint32_t vcpus;
	/* the highest it may have; above 4095 it may switch to FIFO delivery */
	uint32_t event_channels;
	xen_domain_handle_t handle;
};

/* What the domain's keepers must know: the shared pages and their ports in
 * the domain, unbound and waiting for the control domain. */
struct built_domain {
	domid_t id;
	uint64_t console_mfn;
	uint32_t console_port;
	uint64_t store_mfn;
	uint32_t store_port;
};

/* Makes the domain; it is left paused. On failure nothing is left of it and
 * `why` tells the person what to change. */
int build_domain(struct ctl *c, const struct build_request *request,
		 struct built_domain *built, struct reason *why);

#endif
