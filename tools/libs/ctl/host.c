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

int ctl_read_log(struct ctl *c, char *text, size_t room, uint32_t *index,
		 bool clear)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };
	int rc;

	if (room > CTL_PAYLOAD_BYTES)
		room = CTL_PAYLOAD_BYTES;
	op.u.readconsole.clear = clear;
	op.u.readconsole.incremental = 1;
	op.u.readconsole.index = *index;
	op.u.readconsole.count = (uint32_t)room;
	set_xen_guest_handle(op.u.readconsole.buffer,
			     (char *)ctl_payload(c));
	rc = ctl_sysctl(c, &op);
	if (rc)
		return rc;
	if (op.u.readconsole.count > room)
		return -EPROTO;
	*index = op.u.readconsole.index;
	memcpy(text, ctl_payload(c), op.u.readconsole.count);
	return (int)op.u.readconsole.count;
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

int ctl_paravane(struct ctl *c, struct paravane_sysctl *request)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_paravane };
	int rc;

	_Static_assert(sizeof(*request) <= sizeof(op.u), "fits");
	request->version = PARAVANE_SYSCTL_VERSION;
	memcpy(&op.u, request, sizeof(*request));
	rc = ctl_sysctl(c, &op);
	memcpy(request, &op.u, sizeof(*request));
	return rc;
}
