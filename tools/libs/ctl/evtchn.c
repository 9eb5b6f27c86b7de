/* SPDX-License-Identifier: MIT */
/* evtchn.c - thin dress over /dev/xen/evtchn's ioctls. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ctl/evtchn.h"
#include "ctl/linux_abi.h"

static int result(int rc)
{
	return rc < 0 ? -errno : rc;
}

int evtchn_open(void)
{
	return result(open("/dev/xen/evtchn",
			   O_RDWR | O_CLOEXEC | O_NONBLOCK));
}

int evtchn_bind_virq(int fd, uint32_t virq)
{
	return result(ioctl(fd, EVTCHN_BIND_VIRQ, &virq));
}

int evtchn_bind_interdomain(int fd, uint32_t domain, uint32_t port)
{
	struct evtchn_bind_interdomain_request request = { domain, port };

	return result(ioctl(fd, EVTCHN_BIND_INTERDOMAIN, &request));
}

int evtchn_unbind(int fd, uint32_t port)
{
	return result(ioctl(fd, EVTCHN_UNBIND, &port));
}

int evtchn_notify(int fd, uint32_t port)
{
	return result(ioctl(fd, EVTCHN_NOTIFY, &port));
}

int evtchn_next(int fd)
{
	uint32_t port;
	ssize_t got = read(fd, &port, sizeof(port));

	if (got < 0)
		return -errno;
	return got == sizeof(port) ? (int)port : -EAGAIN;
}

int evtchn_unmask(int fd, uint32_t port)
{
	ssize_t put = write(fd, &port, sizeof(port));

	return put < 0 ? -errno : 0;
}
