/* SPDX-License-Identifier: MIT */
/* fake_gntdev.c - /dev/xen/gntdev: maps what the one domain's table grants. */
#include <errno.h>

#include "ctl/gntdev.h"
#include "fake_ctl.h"

int gntdev_open(void)
{
	return fake.no_grants ? -ENOENT : 1000;
}

void *gntdev_map(int fd, uint32_t domain, uint32_t reference)
{
	const struct grant_entry_v1 *entry =
		(struct grant_entry_v1 *)fake_frame(FAKE_GRANTS) + reference;

	errno = fd < 0 ? EBADF : EINVAL;
	if (fd < 0 || !fake.exists || domain != FAKE_DOMID ||
	    entry->flags != GTF_permit_access || entry->domid != 0)
		return NULL;
	fake.mappings++;
	return fake_frame(entry->frame);
}

void gntdev_unmap(void *page)
{
	fake.mappings--;
}
