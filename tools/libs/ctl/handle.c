/* SPDX-License-Identifier: MIT */
/* handle.c - the open door to the hypervisor, and the calls as such.
 *
 * Guards: an argument lies in memory the hypervisor can reach without a
 * fault, because every structure is copied through the scratch buffer.
 * Not here: what the calls mean (domain.c, memory.c, host.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/handle.h"
#include "ctl/linux_abi.h"

#define PRIVCMD "/dev/xen/privcmd"

int ctl_open(struct ctl **out, struct reason *why)
{
	struct ctl *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (!c)
		return refuse(why, -ENOMEM, "out of memory");
	c->buffers = -1;
	c->privcmd = open(PRIVCMD, O_RDWR | O_CLOEXEC);
	if (c->privcmd < 0) {
		rc = refuse_errno(why, -errno,
				  "cannot open " PRIVCMD " (tools run as root in the control domain)");
		goto out;
	}
	c->scratch = ctl_buffer_alloc(c, CTL_SCRATCH_BYTES);
	if (!c->scratch) {
		rc = refuse_errno(why, -errno,
				  "cannot get memory for hypercall arguments");
		goto out;
	}
	*out = c;
	return 0;
out:
	ctl_close(c);
	return rc;
}

void ctl_close(struct ctl *c)
{
	if (!c)
		return;
	if (c->scratch)
		ctl_buffer_free(c, c->scratch, CTL_SCRATCH_BYTES);
	if (c->buffers >= 0)
		close(c->buffers);
	if (c->privcmd >= 0)
		close(c->privcmd);
	free(c);
}

void *ctl_argument(struct ctl *c)
{
	return c->scratch;
}

void *ctl_payload(struct ctl *c)
{
	return c->scratch + FRAME_SIZE;
}

int ctl_hypercall(struct ctl *c, uint64_t number, const uint64_t args[5])
{
	struct privcmd_hypercall call = { .op = number };
	int rc;

	memcpy(call.arg, args, sizeof(call.arg));
	rc = ioctl(c->privcmd, PRIVCMD_HYPERCALL, &call);
	return rc < 0 ? -errno : rc;
}

int64_t ctl_hypercall_wide(struct ctl *c, uint64_t number,
			   const uint64_t args[5])
{
	struct multicall_entry *entry =
		(struct multicall_entry *)(c->scratch + CTL_MULTICALL_OFFSET);
	uint64_t outer[5] = { (uintptr_t)entry, 1 };
	int rc;

	memset(entry, 0, sizeof(*entry));
	entry->op = number;
	memcpy(entry->args, args, 5 * sizeof(args[0]));
	rc = ctl_hypercall(c, __HYPERVISOR_multicall, outer);
	return rc ? rc : (int64_t)entry->result;
}

int ctl_domctl(struct ctl *c, struct xen_domctl *op)
{
	uint64_t args[5] = { (uintptr_t)ctl_argument(c) };
	int rc;

	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	do {
		memcpy(ctl_argument(c), op, sizeof(*op));
		rc = ctl_hypercall(c, __HYPERVISOR_domctl, args);
		memcpy(op, ctl_argument(c), sizeof(*op));
	} while (rc == -EAGAIN);
	return rc;
}

int ctl_sysctl(struct ctl *c, struct xen_sysctl *op)
{
	uint64_t args[5] = { (uintptr_t)ctl_argument(c) };
	int rc;

	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	do {
		memcpy(ctl_argument(c), op, sizeof(*op));
		rc = ctl_hypercall(c, __HYPERVISOR_sysctl, args);
		memcpy(op, ctl_argument(c), sizeof(*op));
	} while (rc == -EAGAIN);
	return rc;
}

int64_t ctl_memory_op(struct ctl *c, unsigned int command, void *arg,
		      size_t size)
{
	uint64_t args[5] = { command, (uintptr_t)ctl_argument(c) };
	int64_t rc;

	memcpy(ctl_argument(c), arg, size);
	rc = ctl_hypercall_wide(c, __HYPERVISOR_memory_op, args);
	memcpy(arg, ctl_argument(c), size);
	return rc;
}

int ctl_event_channel_op(struct ctl *c, unsigned int command, void *arg,
			 size_t size)
{
	uint64_t args[5] = { command, (uintptr_t)ctl_argument(c) };
	int rc;

	memcpy(ctl_argument(c), arg, size);
	rc = ctl_hypercall(c, __HYPERVISOR_event_channel_op, args);
	memcpy(arg, ctl_argument(c), size);
	return rc;
}
