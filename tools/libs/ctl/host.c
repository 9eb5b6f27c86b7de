/* SPDX-License-Identifier: MIT */
/* host.c - questions about the machine and the hypervisor itself (sysctl,
 * xen_version). They change nothing, except that reading the log may clear it.
 */
#include <errno.h>
#include <string.h>

#include "ctl/ctl.h"

int ctl_physinfo(struct ctl *c, struct xen_sysctl_physinfo *info)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };
	int rc = ctl_sysctl(c, &op);

	if (rc)
		return rc;
	*info = op.u.physinfo;
	return 0;
}

int ctl_read_log(struct ctl *c, char *text, size_t room, bool clear)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };
	char *buffer = ctl_buffer_alloc(c, room);
	int rc;

	if (!buffer)
		return -errno;
	op.u.readconsole.clear = clear;
	op.u.readconsole.count = (uint32_t)room;
	set_xen_guest_handle(op.u.readconsole.buffer, buffer);
	rc = ctl_sysctl(c, &op);
	if (!rc && op.u.readconsole.count > room)
		rc = -EPROTO;
	if (!rc) {
		rc = (int)op.u.readconsole.count;
		memcpy(text, buffer, (size_t)rc);
	}
	ctl_buffer_free(c, buffer, room);
	return rc;
}

int ctl_scheduler(struct ctl *c)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_sched_id };
	int rc = ctl_sysctl(c, &op);

	return rc ? rc : (int)op.u.sched_id.sched_id;
}

int ctl_version(struct ctl *c)
{
	uint64_t args[5] = { XENVER_version };

	return ctl_hypercall(c, __HYPERVISOR_xen_version, args);
}

int ctl_version_field(struct ctl *c, unsigned int command, void *out,
		      size_t size)
{
	uint64_t args[5] = { command, (uintptr_t)ctl_payload(c) };
	int rc;

	if (size > CTL_PAYLOAD_BYTES)
		return -EINVAL;
	memcpy(ctl_payload(c), out, size);
	rc = ctl_hypercall(c, __HYPERVISOR_xen_version, args);
	memcpy(out, ctl_payload(c), size);
	return rc;
}
