/* SPDX-License-Identifier: MIT */
/* grants.c - mappings of grants, mapped and unmapped in every wrong way, by two
 * vCPUs at once; entries that change while they are read; version 2.
 */
#include "attack.h"

#define HOST	GNTMAP_host_map
#define DEV	GNTMAP_device_map
#define RO	GNTMAP_readonly
#define REFS	16u

static volatile struct grant_entry_v1 *entries;
static PAGE char window[4][4096];
static domid_t self;

static void give(grant_ref_t ref, const volatile void *of, unsigned int flags)
{
	entries[ref].flags = 0;
	entries[ref].domid = self;
	entries[ref].frame = (uint32_t)virt_to_mfn(of);
	__sync_synchronize();
	entries[ref].flags = (uint16_t)flags;
}

static int map(grant_ref_t ref, uint64_t at, unsigned int flags, struct gnttab_map_grant_ref *m)
{
	*m = (struct gnttab_map_grant_ref){
		.host_addr = at, .flags = flags, .ref = ref, .dom = self, .handle = ~0u,
	};
	call(grant_table_op, GNTTABOP_map_grant_ref, m, 1);
	return m->status;
}

static int unmap(grant_handle_t handle, uint64_t at, uint64_t dev)
{
	struct gnttab_unmap_grant_ref u = {
		.host_addr = at, .dev_bus_addr = dev, .handle = handle,
	};

	call(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
	return u.status;
}

/* Mappings that were made of late; some are gone. All handles are below `end`. */
static struct { grant_handle_t handle; uint64_t at, dev; } made[64];
static volatile grant_handle_t end;

static void map_at_random(uint64_t at)
{
	struct gnttab_map_grant_ref m;
	grant_handle_t before;
	unsigned int i;

	if (map(random_number() % REFS + 8, at, random_number() & 0x1f, &m))
		return;
	do
		before = end;
	while (before <= m.handle &&
	       !__sync_bool_compare_and_swap(&end, before, m.handle + 1));
	i = random_number() % 64;
	made[i].handle = m.handle;
	made[i].at = at;
	made[i].dev = m.dev_bus_addr;
}

static void at_random(void)
{
	struct gnttab_copy c = { .len = (uint16_t)random_number(), .flags = random_number() & 3 };
	uint64_t at = (uint64_t)window[random_number() & 3];

	if (random_number() & 1)
		at = entry_at((void *)at, 1);
	switch (random_number() % 6) {
	case 0:
		map_at_random(at);
		break;
	case 1:
	case 2:
	case 3: {
		unsigned int i = random_number() % 64;

		unmap(made[i].handle, random_number() & 3 ? made[i].at : at,
		      random_number() & 3 ? made[i].dev : 0);
		break;
	}
	case 4:
		c.source.domid = c.dest.domid = self;
		if (!(c.flags & GNTCOPY_source_gref))
			c.source.domid = DOMID_SELF;
		if (!(c.flags & GNTCOPY_dest_gref))
			c.dest.domid = DOMID_SELF;
		c.source.u.gmfn = c.flags & 1 ? random_number() % REFS + 8 : virt_to_mfn(page);
		c.dest.u.gmfn = c.flags & 2 ? random_number() % REFS + 8 : virt_to_mfn(spare);
		c.source.offset = (uint16_t)random_number();
		c.dest.offset = (uint16_t)random_number();
		call(grant_table_op, GNTTABOP_copy, &c, 1);
		break;
	case 5: {
		struct gnttab_unmap_and_replace r = {
			.host_addr = at, .handle = random_number() % 80,
			.new_addr = (uint64_t)window[random_number() & 3],
		};

		call(grant_table_op, GNTTABOP_unmap_and_replace, &r, 1);
		break;
	}
	}
}

/* Each handle in every way that is left. */
static void unmap_all(void)
{
	for (grant_handle_t h = 0; h < end; h++)
		for (unsigned int w = 0; w < 4; w++)
			for (unsigned int p = 0; p < 2; p++) {
				uint64_t frame = p ? maddr(spare) : maddr(page);

				for (unsigned int rw = 0; rw < 4; rw += 2) {
					map_frame(window[w], frame >> 12, 5 | rw);
					unmap(h, (uint64_t)window[w], 0);
					unmap(h, entry_at(window[w], 1), 0);
				}
				unmap(h, 0, frame);
			}
}

static void storm(void)
{
	rule("mappings at random by two vCPUs leave no frame writable that is a table");
	for (unsigned int i = 0; i < REFS; i++)
		give(8 + i, i & 1 ? page : spare, GTF_permit_access | (i & 2 ? GTF_readonly : 0));
	beside(at_random);
	for (unsigned int round = 0; round < 20000; round++)
		at_random();
	beside_stop();
	unmap_all();
	for (unsigned int w = 0; w < 4; w++)
		want(read_write(window[w]), 0);
	for (unsigned int i = 0; i < REFS; i++) {
		want(entries[8 + i].flags & (GTF_reading | GTF_writing), 0);
		entries[8 + i].flags = 0;
	}
	want(read_only(spare), 0);
	want(extended(MMUEXT_PIN_L1_TABLE, virt_to_mfn(spare), 0), 0);
	want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(spare), 0), 0);
	want(read_write(spare), 0);
}

static void mismatched(void)
{
	struct gnttab_map_grant_ref m, n;

	rule("a part of a mapping that is undone twice is undone once");
	give(8, page, GTF_permit_access);
	want(map(8, (uint64_t)window[0], HOST | DEV, &m), 0);
	want(map(8, (uint64_t)window[1], HOST | RO, &n), 0);
	want(unmap(m.handle, (uint64_t)window[0], 0), 0);
	unmap(m.handle, (uint64_t)window[0], 0);
	unmap(m.handle, (uint64_t)window[1], 0);
	want_true(entries[8].flags & GTF_writing);
	want(unmap(m.handle, 0, m.dev_bus_addr), 0);
	want(entries[8].flags & GTF_writing, 0);
	want_true(entries[8].flags & GTF_reading);
	want_true(unmap(m.handle, 0, m.dev_bus_addr) != 0);
	want(unmap(n.handle, (uint64_t)window[1], 0), 0);
	want(entries[8].flags, GTF_permit_access);
	rule("a frame whose writable mapping is undone to read may be a table, not before");
	want(map(8, (uint64_t)window[0], HOST, &m), 0);
	want(read_only(page), 0);
	want_true(extended(MMUEXT_PIN_L1_TABLE, virt_to_mfn(page), 0) != 0);
	want(unmap(m.handle, (uint64_t)window[0], 0), 0);
	want(extended(MMUEXT_PIN_L1_TABLE, virt_to_mfn(page), 0), 0);
	want_true(map(8, (uint64_t)window[0], HOST, &m) != 0);
	want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(page), 0), 0);
	want(read_write(page), 0);
	for (unsigned int w = 0; w < 4; w++)
		want(read_write(window[w]), 0);
	entries[8].flags = 0;
}

void attack_grants(void)
{
	self = own_number();
	entries = grant_table();
	tree_clear();
	mismatched();
	storm();
}

static const uint16_t kinds[] = {
	GTF_permit_access, GTF_permit_access | GTF_readonly, GTF_transitive, 0,
	GTF_accept_transfer, GTF_permit_access | GTF_sub_page,
};

/* A frame at random is beyond memory: one of ours would be copied over. */
static void flip(void)
{
	entries[8].flags = kinds[random_number() % COUNT(kinds)];
	entries[8].frame = (uint32_t)(random_number() & 1 ? virt_to_mfn(page) :
				      random_number() | 1ul << 31);
	entries[8].domid = random_number() & 7 ? self : NO_DOMAIN;
}

void attack_grants2(void)
{
	struct gnttab_set_version set = { 2 };
	struct gnttab_get_status_frames s = { .dom = DOMID_SELF, .nr_frames = 1 };
	struct gnttab_map_grant_ref m;
	uint64_t frame;

	self = own_number();
	entries = grant_table();
	rule("there is no version 2, no status frames and no transitive grant");
	set_xen_guest_handle(s.frame_list, &frame);
	want(call(grant_table_op, GNTTABOP_set_version, &set, 1), -XEN_ENOSYS);
	want(call(grant_table_op, GNTTABOP_get_status_frames, &s, 1), 0);
	want_true(s.status < 0);
	give(8, page, GTF_transitive);
	want_true(map(8, (uint64_t)window[0], HOST, &m) < 0);
	rule("an entry that changes while it is used is used as one of its states");
	beside(flip);
	for (unsigned int round = 0; round < 20000; round++) {
		struct gnttab_copy c = {
			.flags = GNTCOPY_source_gref | (round & 1 ? GNTCOPY_dest_gref : 0), .len = 64,
		};

		if (!map(8, (uint64_t)window[0], HOST | (round & 1 ? RO : 0), &m))
			want(unmap(m.handle, (uint64_t)window[0], 0), 0);
		c.source.domid = self;
		c.source.u.ref = 8;
		c.dest.domid = round & 1 ? self : DOMID_SELF;
		c.dest.u.gmfn = round & 1 ? 8 : virt_to_mfn(spare);
		call(grant_table_op, GNTTABOP_copy, &c, 1);
	}
	beside_stop();
	entries[8].flags = 0;
	want(read_write(window[0]), 0);
	rule("a page table is no end of a copy while its entry says otherwise");
	want(read_only(spare), 0);
	want(extended(MMUEXT_PIN_L1_TABLE, virt_to_mfn(spare), 0), 0);
	give(8, spare, GTF_permit_access);
	for (unsigned int i = 0; i < 4; i++) {
		struct gnttab_copy c = { .flags = GNTCOPY_dest_gref, .len = 8 };

		c.source.domid = DOMID_SELF;
		c.source.u.gmfn = virt_to_mfn(page);
		c.dest.domid = self;
		c.dest.u.ref = 8;
		want(call(grant_table_op, GNTTABOP_copy, &c, 1), 0);
		want_true(c.status != 0);
	}
	want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(spare), 0), 0);
	want(read_write(spare), 0);
}
