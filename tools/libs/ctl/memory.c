/* SPDX-License-Identifier: MIT */
/* memory.c - giving memory to a domain and typing its page tables.
 *
 * Not here: seeing that memory (foreign.c).
 */
#include <errno.h>
#include <string.h>

#include "ctl/ctl.h"

#define POPULATE_BATCH (CTL_PAYLOAD_BYTES / sizeof(xen_pfn_t))

/* One batch through the payload: pseudo-physical numbers go in, machine
 * frames come out. The call also writes the machine-to-physical table. */
static int64_t populate_batch(struct ctl *c, domid_t id, uint64_t first,
			      uint64_t count, uint64_t *mfns)
{
	struct xen_memory_reservation op = {
		.nr_extents = count,
		.domid = id,
	};
	xen_pfn_t *frames = ctl_payload(c);
	int64_t done;

	for (uint64_t i = 0; i < count; i++)
		frames[i] = first + i;
	set_xen_guest_handle(op.extent_start, frames);
	done = ctl_memory_op(c, XENMEM_populate_physmap, &op, sizeof(op));
	if (done > (int64_t)count)
		return -EPROTO;
	if (done > 0)
		memcpy(mfns, frames, (size_t)done * sizeof(mfns[0]));
	return done;
}

int64_t ctl_memory_populate(struct ctl *c, domid_t id, uint64_t first,
			    uint64_t count, uint64_t *mfns)
{
	uint64_t done = 0;

	while (done < count) {
		uint64_t batch = count - done;
		int64_t got;

		if (batch > POPULATE_BATCH)
			batch = POPULATE_BATCH;
		got = populate_batch(c, id, first + done, batch, mfns + done);
		if (got < 0)
			return got;
		done += (uint64_t)got;
		if ((uint64_t)got < batch)
			break;
	}
	return (int64_t)done;
}

int ctl_memory_set_map(struct ctl *c, domid_t id, uint64_t bytes)
{
	/* The ABI's map entry is 20 bytes: two u64 and a u32, packed. */
	struct __attribute__((packed)) {
		uint64_t start;
		uint64_t size;
		uint32_t type;
	} ram = { 0, bytes, 1 };
	struct xen_foreign_memory_map op = {
		.domid = id,
		.map.nr_entries = 1,
	};

	_Static_assert(sizeof(ram) == 20, "E820 entry");
	memcpy(ctl_payload(c), &ram, sizeof(ram));
	set_xen_guest_handle(op.map.buffer, ctl_payload(c));
	return (int)ctl_memory_op(c, XENMEM_set_memory_map, &op, sizeof(op));
}

int ctl_memory_pin_l4(struct ctl *c, domid_t id, uint64_t mfn)
{
	struct mmuext_op *op = ctl_argument(c);
	uint64_t args[5] = { (uintptr_t)op, 1, 0, id };

	memset(op, 0, sizeof(*op));
	op->cmd = MMUEXT_PIN_L4_TABLE;
	op->arg1.mfn = mfn;
	return ctl_hypercall(c, __HYPERVISOR_mmuext_op, args);
}
