/* SPDX-License-Identifier: MIT */
/* memory.c - frames by the list, in the largest pieces, and grants. */
#include <xen/grant_table.h>
#include <xen/memory.h>

#include "events.h"
#include "stretch.h"

#define GRANTS	512u

static struct xen_memory_reservation request(unsigned int n, unsigned int order)
{
	return (struct xen_memory_reservation){
		.nr_extents = n, .extent_order = order, .domid = DOMID_SELF,
		.extent_start.p = list,
	};
}

static void reservations(void)
{
	struct xen_memory_reservation r = request(1024, 0);

	for (unsigned int i = 0; i < 1024; i++)
		list[i] = pool_frame(2048 + i);
	must(call(memory_op, XENMEM_decrease_reservation, &r), 1024);
	must(call(memory_op, XENMEM_increase_reservation, &r), 1024);
	must(call(memory_op, XENMEM_decrease_reservation, &r), 1024);
	for (unsigned int i = 0; i < 1024; i++)
		list[i] = 100000 + i;
	must(call(memory_op, XENMEM_populate_physmap, &r), 1024);
	/* extents: of order 9 at most, for others than the control domain 4 */
	r = request(512, 0);
	for (unsigned int i = 0; i < 512; i++)
		list[i] = pool_frame(1536 + i);
	must(call(memory_op, XENMEM_decrease_reservation, &r), 512);
	for (unsigned int order = 1; order <= 9; order++)
		for (unsigned int c = 0; c < 2; c++) {
			r = request(1, order);
			list[0] = 200000;
			if (order > 4 && !is_first_domain())
				continue;
			must(call(memory_op, c ? XENMEM_increase_reservation :
				  XENMEM_populate_physmap, &r), 1);
			must(call(memory_op, XENMEM_decrease_reservation, &r), 1);
		}
}

static void exchange(void)
{
	static unsigned long in[1024], out[1024];
	struct xen_memory_exchange x = {
		.in = request(1024, 0), .out = request(1024, 0),
	};

	x.in.extent_start.p = in;
	x.out.extent_start.p = out;
	for (unsigned int i = 0; i < 1024; i++) {
		in[i] = pool_frame(4096 + i);
		out[i] = 8192 + i;
	}
	must(call(memory_op, XENMEM_exchange, &x), 0);
}

static void maps(void)
{
	struct xen_machphys_mfn_list frames = { .max_extents = MANY,
		.extent_start.p = list };
	struct xen_memory_map map = { .nr_entries = 512, .buffer.p = room };
	struct xen_mem_acquire_resource get = {
		.domid = DOMID_SELF, .type = XENMEM_resource_grant_table,
		.nr_frames = 64, .frame_list.p = (void *)list,
	};

	call(memory_op, XENMEM_machphys_mfn_list, &frames);
	call(memory_op, XENMEM_memory_map, &map);
	map.nr_entries = 512;
	call(memory_op, XENMEM_machine_memory_map, &map);
	call(memory_op, XENMEM_acquire_resource, &get);
}

void long_memory(void)
{
	reservations();
	exchange();
	maps();
}

static char table_pages[64][4096] PAGE, windows[GRANTS][4096] PAGE;
static struct grant_entry_v1 *const entries = (void *)table_pages;

static void grant_table(void)
{
	static uint64_t frames[64];
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 64 };

	set_xen_guest_handle(s.frame_list, frames);
	must(call(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
	must(s.status, GNTST_okay);
	for (unsigned int i = 0; i < 64 && !s.status; i++)
		must(map_frame(table_pages[i], frames[i], RW), 0);
	for (unsigned int i = 0; i < GRANTS; i++) {
		entries[8 + i].domid = self;
		entries[8 + i].frame = (uint32_t)pool_frame(i);
		entries[8 + i].flags = GTF_permit_access;
	}
}

static void mappings(void)
{
	static struct gnttab_map_grant_ref m[GRANTS];
	static struct gnttab_unmap_grant_ref u[GRANTS];
	static struct gnttab_unmap_and_replace r[GRANTS];

	for (unsigned int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < GRANTS; i++)
			m[i] = (struct gnttab_map_grant_ref){
				.host_addr = (uint64_t)windows[i],
				.flags = GNTMAP_host_map, .ref = 8 + i, .dom = self,
			};
		must(call(grant_table_op, GNTTABOP_map_grant_ref, m, GRANTS), 0);
		must(m[GRANTS - 1].status, GNTST_okay);
		for (unsigned int i = 0; i < GRANTS; i++) {
			u[i] = (struct gnttab_unmap_grant_ref){
				.host_addr = (uint64_t)windows[i], .handle = m[i].handle,
			};
			r[i] = (struct gnttab_unmap_and_replace){
				.host_addr = (uint64_t)windows[i], .handle = m[i].handle,
			};
		}
		if (round)
			must(call(grant_table_op, GNTTABOP_unmap_and_replace, r, GRANTS), 0);
		else
			must(call(grant_table_op, GNTTABOP_unmap_grant_ref, u, GRANTS), 0);
		for (unsigned int i = 0; i < GRANTS; i++)
			map_as(windows[i], RW);
	}
}

static void copies(void)
{
	static struct gnttab_copy c[GRANTS];

	for (unsigned int i = 0; i < GRANTS; i++)
		c[i] = (struct gnttab_copy){
			.source = { .u.ref = 8 + i, .domid = self },
			.dest = { .u.gmfn = virt_to_mfn(windows[i]), .domid = DOMID_SELF },
			.len = 4096, .flags = GNTCOPY_source_gref,
		};
	must(call(grant_table_op, GNTTABOP_copy, c, GRANTS), 0);
	must(c[GRANTS - 1].status, GNTST_okay);
	for (unsigned int i = 0; i < GRANTS; i++)
		c[i].len = 1;
	must(call(grant_table_op, GNTTABOP_copy, c, GRANTS), 0);
}

static void rest(void)
{
	static struct gnttab_swap_grant_ref s[MANY];
	static struct gnttab_transfer t[MANY];
	static struct gnttab_cache_flush f[MANY];

	for (unsigned int i = 0; i < MANY; i++) {
		s[i] = (struct gnttab_swap_grant_ref){ 1000, 2000, 0 };
		t[i] = (struct gnttab_transfer){ .mfn = pool_frame(i & 511) };
		f[i] = (struct gnttab_cache_flush){
			.a.dev_bus_addr = pool_frame(i & 511) << 12, .length = 4096,
			.op = GNTTAB_CACHE_CLEAN,
		};
	}
	call(grant_table_op, GNTTABOP_swap_grant_ref, s, MANY);
	call(grant_table_op, GNTTABOP_transfer, t, MANY);
	call(grant_table_op, GNTTABOP_cache_flush, f, MANY);
}

void long_grants(void)
{
	grant_table();
	mappings();
	copies();
	rest();
}
