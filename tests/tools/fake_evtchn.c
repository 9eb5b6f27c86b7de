/* SPDX-License-Identifier: MIT */
/* fake_evtchn.c - /dev/xen/evtchn as a pipe: what fake_event writes, the code
 * under test reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl/evtchn.h"
#include "fake_ctl.h"

int evtchn_open(void)
{
	int ends[2];

	if (pipe2(ends, O_NONBLOCK))
		abort();
	fake.event_writer = ends[1];
	return ends[0];
}

void fake_event(uint32_t port)
{
	if (write(fake.event_writer, &port, sizeof(port)) != sizeof(port))
		abort();
}

int evtchn_bind_virq(int fd, uint32_t virq)
{
	return FAKE_VIRQ_PORT;
}

int evtchn_bind_interdomain(int fd, uint32_t domain, uint32_t port)
{
	return fake.exists ? (int)FAKE_LOCAL_PORT(port) : -ESRCH;
}

int evtchn_unbind(int fd, uint32_t port)
{
	return 0;
}

int evtchn_notify(int fd, uint32_t port)
{
	fake.notifies++;
	return 0;
}

int evtchn_next(int fd)
{
	uint32_t port;

	return read(fd, &port, sizeof(port)) == sizeof(port) ? (int)port :
							       -EAGAIN;
}

int evtchn_unmask(int fd, uint32_t port)
{
	return 0;
}
