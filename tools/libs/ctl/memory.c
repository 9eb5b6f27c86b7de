/* SPDX-License-Identifier: MIT */
/* memory.c - giving memory to a domain and typing its page tables.
 *
 * Not here: seeing that memory (foreign.c).
 */
#include <errno.h>
#include <string.h>

#include "ctl/ctl.h"

#define POPULATE_BATCH (CTL_PAYLOAD_BYTES / sizeof(xen_pfn_t))

/* Frames are asked for in runs of 2^order, which cost less each than single
 * ones; what no run is left for is asked for singly. */
#define RUN_ORDER 4

/* One batch through the payload: pseudo-physical numbers go in, machine
 * frames come out. The call also writes the machine-to-physical table.
 * Returns how many runs there were. */
static int64_t populate_batch(struct ctl *c, domid_t id, uint64_t first,
			      uint64_t runs, unsigned int order, uint64_t *mfns)
{
	struct xen_memory_reservation op = {
		.nr_extents = runs,
		.extent_order = order,
		.domid = id,
	};
	xen_pfn_t *frames = ctl_payload(c);
	int64_t done;

	for (uint64_t i = 0; i < runs; i++)
		frames[i] = first + (i << order);
	set_xen_guest_handle(op.extent_start, frames);
	done = ctl_memory_op(c, XENMEM_populate_physmap, &op, sizeof(op));
	if (done > (int64_t)runs)
		return -EPROTO;
	for (int64_t i = 0; i < done; i++)
		for (uint64_t j = 0; j < 1UL << order; j++)
			*mfns++ = frames[i] + j;
	return done;
}

/* As ctl_memory_populate, in runs of one order; what is left over of `count`
 * is not asked for. */
static int64_t populate_runs(struct ctl *c, domid_t id, uint64_t first,
			     uint64_t count, unsigned int order,
			     uint64_t *mfns)
{
	uint64_t runs = count >> order, done = 0;

	while (done < runs) {
		uint64_t batch = runs - done;
		int64_t got;

		if (batch > POPULATE_BATCH)
			batch = POPULATE_BATCH;
		got = populate_batch(c, id, first + (done << order), batch,
				     order, mfns + (done << order));
		if (got < 0)
			return got;
		done += (uint64_t)got;
		if ((uint64_t)got < batch)
			break;
	}
	return (int64_t)(done << order);
}

int64_t ctl_memory_populate(struct ctl *c, domid_t id, uint64_t first,
			    uint64_t count, uint64_t *mfns)
{
	int64_t done = populate_runs(c, id, first, count, RUN_ORDER, mfns);
	int64_t rest;

	if (done < 0 || (uint64_t)done == count)
		return done;
	rest = populate_runs(c, id, first + (uint64_t)done,
			     count - (uint64_t)done, 0, mfns + done);
	return rest < 0 ? rest : done + rest;
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
