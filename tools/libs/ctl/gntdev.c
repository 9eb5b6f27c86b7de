/* SPDX-License-Identifier: MIT */
/* gntdev.c - thin dress over /dev/xen/gntdev.
 *
 * Guards: a grant is mapped or nothing is left of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "ctl/ctl.h"
#include "ctl/gntdev.h"
#include "ctl/linux_abi.h"

int gntdev_open(void)
{
	int fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void *gntdev_map(int fd, uint32_t domain, uint32_t reference)
{
	struct gntdev_map_request request = {
		.count = 1,
		.grants = { { domain, reference } },
	};
	struct gntdev_unmap_request done = { .count = 1 };
	void *page;
	int error;

	if (ioctl(fd, GNTDEV_MAP, &request) < 0)
		return NULL;
	page = mmap(NULL, FRAME_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)request.offset);
	error = errno;
	/* a mapping keeps it until munmap; without one nothing does */
	done.offset = request.offset;
	ioctl(fd, GNTDEV_UNMAP, &done);
	errno = error;
	return page == MAP_FAILED ? NULL : page;
}

void gntdev_unmap(void *page)
{
	if (page)
		munmap(page, FRAME_SIZE);
}
