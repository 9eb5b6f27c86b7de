/* SPDX-License-Identifier: MIT */
/* plan.h - what a domain would be like, from its files alone. */
#ifndef TOOLS_BUILD_PLAN_H
#define TOOLS_BUILD_PLAN_H

#include "build/build.h"
#include "build/kernel.h"
#include "build/layout.h"

struct build_plan {
	struct kernel kernel;
	uint64_t kernel_bytes;
	uint64_t ramdisk_bytes;
	struct layout layout;
};

/* Reads the files and lays the domain out as build_domain would; needs no
 * hypervisor, and so knows nothing of its features and free memory. */
int build_plan(const struct build_request *request, struct build_plan *plan,
	       struct reason *why);

#endif
