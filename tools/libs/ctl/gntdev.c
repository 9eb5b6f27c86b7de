/* SPDX-License-Identifier: MIT */
/* gntdev.c - thin dress over /dev/xen/gntdev's ioctls. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/gntdev.h"
#include "ctl/linux_abi.h"

int gntdev_open(void)
{
	int fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void forget(int fd, uint64_t offset)
{
	struct gntdev_unmap_request request = { .offset = offset, .count = 1 };

	ioctl(fd, GNTDEV_UNMAP, &request);
}

void *gntdev_map(int fd, domid_t domain, uint32_t reference)
{
	struct gntdev_map_request request = {
		.count = 1,
		.grants = { { domain, reference } },
	};
	void *page;
	int error;

	if (ioctl(fd, GNTDEV_MAP, &request) < 0)
		return NULL;
	page = mmap(NULL, FRAME_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)request.offset);
	if (page != MAP_FAILED)
		return page;
	error = errno;
	forget(fd, request.offset);
	errno = error;
	return NULL;
}

void gntdev_unmap(int fd, void *page)
{
	struct gntdev_find_request request = { .address = (uintptr_t)page };
	int found = ioctl(fd, GNTDEV_FIND, &request);

	munmap(page, FRAME_SIZE);
	if (!found)
		forget(fd, request.offset);
}
