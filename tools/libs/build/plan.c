/* SPDX-License-Identifier: MIT */
/* plan.c - what a domain would be like, from its files alone. */
#include "build/image.h"
#include "build/input.h"
#include "build/plan.h"

static int read_kernel(const struct build_request *r, struct build_plan *plan,
		       struct reason *why)
{
	struct image file;
	int rc = image_read(&file, r->kernel, why);

	if (!rc)
		rc = image_unpack(&file, r->kernel, why);
	if (!rc)
		rc = kernel_parse(&plan->kernel, file.bytes, file.size,
				  r->kernel, why);
	plan->kernel_bytes = file.size;
	image_free(&file);
	return rc;
}

int build_plan(const struct build_request *r, struct build_plan *plan,
	       struct reason *why)
{
	struct input ramdisk = { .fd = -1 };
	int rc = read_kernel(r, plan, why);

	if (!rc && r->ramdisk)
		rc = input_open(&ramdisk, r->ramdisk, why);
	plan->ramdisk_bytes = ramdisk.size;
	input_close(&ramdisk);
	if (rc)
		return rc;
	return layout_compute(&plan->layout, &plan->kernel, r->memory_kib / 4,
			      plan->ramdisk_bytes, r->kernel, why);
}
