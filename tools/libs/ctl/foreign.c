/* SPDX-License-Identifier: MIT */
/* foreign.c - other domains' frames in this process's address space.
 *
 * Guards: a mapping is whole or not there at all. As long as it is there,
 * the other domain's frames cannot be freed: unmap before destroying.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ctl/ctl.h"
#include "ctl/handle.h"
#include "ctl/linux_abi.h"

/* Returns the first frame's error, or 0. */
static int map_batch(struct ctl *c, domid_t id, void *address,
		     const uint64_t *mfns, size_t count, int *errors)
{
	struct privcmd_mmap_batch batch = {
		.count = (uint32_t)count,
		.domain = id,
		.address = (uintptr_t)address,
		.frames = mfns,
		.errors = errors,
	};

	if (ioctl(c->privcmd, PRIVCMD_MMAPBATCH_V2, &batch) < 0)
		return -errno;
	for (size_t i = 0; i < count; i++)
		if (errors[i])
			return errors[i];
	return 0;
}

static void *map(struct ctl *c, domid_t id, const uint64_t *mfns, size_t count,
		 int protection, int *errors)
{
	int *own_errors = NULL;
	void *address;
	int rc;

	if (!errors) {
		own_errors = calloc(count, sizeof(*own_errors));
		errors = own_errors;
		if (!errors)
			return NULL;
	}
	address = mmap(NULL, count * FRAME_SIZE, protection, MAP_SHARED,
		       c->privcmd, 0);
	if (address == MAP_FAILED) {
		rc = -errno;
		address = NULL;
		goto out;
	}
	rc = map_batch(c, id, address, mfns, count, errors);
	if (rc) {
		munmap(address, count * FRAME_SIZE);
		address = NULL;
	}
out:
	free(own_errors);
	errno = -rc;
	return address;
}

void *ctl_foreign_map(struct ctl *c, domid_t id, const uint64_t *mfns,
		      size_t count, int *errors)
{
	return map(c, id, mfns, count, PROT_READ | PROT_WRITE, errors);
}

void *ctl_foreign_map_read_only(struct ctl *c, domid_t id, const uint64_t *mfns,
				size_t count, int *errors)
{
	return map(c, id, mfns, count, PROT_READ, errors);
}

void ctl_foreign_unmap(struct ctl *c, void *address, size_t count)
{
	(void)c;
	if (address)
		munmap(address, count * FRAME_SIZE);
}

struct grant_entry_v1 *ctl_grant_table_map(struct ctl *c, domid_t id)
{
	void *address = mmap(NULL, FRAME_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED, c->privcmd, 0);
	struct privcmd_mmap_resource request = {
		.domain = id,
		.type = XENMEM_resource_grant_table,
		.id = XENMEM_resource_grant_table_id_shared,
		.count = 1,
		.address = (uintptr_t)address,
	};
	int error;

	if (address == MAP_FAILED)
		return NULL;
	if (!ioctl(c->privcmd, PRIVCMD_MMAP_RESOURCE, &request))
		return address;
	error = errno;
	munmap(address, FRAME_SIZE);
	errno = error;
	return NULL;
}
