/* SPDX-License-Identifier: MIT */
/* grants.c - grants to oneself, and frames given back and got. */
#include <xen/grant_table.h>
#include <xen/memory.h>

#include "bench.h"

#define REF	10
#define MANY	32

static char table_page[4096] PAGE, granted[4096] PAGE, window[4096] PAGE;
static volatile struct grant_entry_v1 *const entries = (void *)table_page;
static domid_t self;

/* The first domain is domain 0. */
static void grant_one(void)
{
	uint64_t frame;
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 1 };

	set_xen_guest_handle(s.frame_list, &frame);
	want(call(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
	want(s.status, GNTST_okay);
	want(map_frame(table_page, frame, RW), 0);
	entries[REF].domid = self;
	entries[REF].frame = (uint32_t)virt_to_mfn(granted);
	entries[REF].flags = GTF_permit_access;
	memset(granted, 'g', sizeof(granted));
}

static unsigned long map_unmap(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		struct gnttab_map_grant_ref m = {
			.host_addr = (uint64_t)window, .flags = GNTMAP_host_map,
			.ref = REF, .dom = self,
		};
		struct gnttab_unmap_grant_ref u = { .host_addr = (uint64_t)window };

		call(grant_table_op, GNTTABOP_map_grant_ref, &m, 1);
		good += window[100] == 'g';
		u.handle = m.handle;
		call(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
		good -= m.status || u.status;
	}
	return (*pte_of(window) & PTE_PRESENT) ? 0 : good;
}

static void own_window(void)
{
	map_as(window, RW);
}

static unsigned long copy_bytes(unsigned long n, uint16_t bytes)
{
	volatile char *from = granted, *to = window;
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		struct gnttab_copy c = {
			.source = { .u.ref = REF, .domid = self },
			.dest = { .u.gmfn = virt_to_mfn(window), .domid = DOMID_SELF },
			.len = bytes, .flags = GNTCOPY_source_gref,
		};

		from[bytes - 1] = (char)i;
		call(grant_table_op, GNTTABOP_copy, &c, 1);
		good += !c.status && to[bytes - 1] == (char)i;
	}
	return good;
}

static unsigned long copy_page(unsigned long n)
{
	return copy_bytes(n, 4096);
}

static unsigned long copy_few(unsigned long n)
{
	return copy_bytes(n, 64);
}

const struct op grant_ops[] = {
	{ "grant mapped and unmapped", ROUNDS, grant_one, map_unmap, own_window },
	{ "grant copied, 4 KiB", ROUNDS, grant_one, copy_page, NULL },
	{ "grant copied, 64 bytes", ROUNDS, grant_one, copy_few, NULL },
	{ 0 },
};

/* The frames go and others come; the pool is not used after this. */
static unsigned long frames[MANY];

static void choose(void)
{
	for (unsigned int i = 0; i < MANY; i++)
		frames[i] = pool_frame(PAGES + i);
}

static unsigned long reserve(unsigned long n, unsigned int extents)
{
	struct xen_memory_reservation r = {
		.nr_extents = extents, .domid = DOMID_SELF,
		.extent_start.p = frames,
	};
	struct xen_memory_domain d = { DOMID_SELF };
	long all = call(memory_op, XENMEM_current_reservation, &d);
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += call(memory_op, XENMEM_decrease_reservation, &r) == extents &&
			call(memory_op, XENMEM_increase_reservation, &r) == extents;
	sure(call(memory_op, XENMEM_decrease_reservation, &r) == extents);
	sure(call(memory_op, XENMEM_current_reservation, &d) == all - extents);
	sure(call(memory_op, XENMEM_increase_reservation, &r) == extents);
	return good;
}

static unsigned long reserve_one(unsigned long n)
{
	return reserve(n, 1);
}

static unsigned long reserve_many(unsigned long n)
{
	return reserve(n, MANY);
}

const struct op memory_ops[] = {
	{ "1 frame given back and got", 50, choose, reserve_one, NULL },
	{ "32 frames given back and got", 10, choose, reserve_many, NULL },
	{ 0 },
};
