/* SPDX-License-Identifier: MIT */
/* copies.c - GNTTABOP_copy: ends, bounds, rights, use shown in the entry. */
#include "grants.h"

static struct gnttab_copy by_frame(const void *from, const void *to, unsigned int len)
{
	struct gnttab_copy c = { .len = (uint16_t)len, .status = 99 };

	c.source.domid = c.dest.domid = DOMID_SELF;
	c.source.u.gmfn = virt_to_mfn(from);
	c.dest.u.gmfn = virt_to_mfn(to);
	return c;
}

static int run(struct gnttab_copy *c)
{
	want(op(copy, c, 1), 0);
	return c->status;
}

static void plain(void)
{
	struct gnttab_copy c;

	rule("a copy between frames of one's own moves the bytes, no more");
	memset(page_a, 'a', 4096);
	memset(page_b, 'b', 4096);
	c = by_frame(page_a, page_b, 10);
	c.source.offset = 5;
	c.dest.offset = 100;
	want(run(&c), GNTST_okay);
	want_true(page_b[99] == 'b' && page_b[100] == 'a' && page_b[109] == 'a' &&
		  page_b[110] == 'b');
	rule("a copy may take the whole frame");
	c = by_frame(page_a, page_b, 4096);
	want(run(&c), GNTST_okay);
	want(page_b[4095], 'a');
	rule("a copy that leaves either frame is bad_copy_arg");
	c = by_frame(page_a, page_b, 4096);
	c.source.offset = 1;
	want(run(&c), GNTST_bad_copy_arg);
	c = by_frame(page_a, page_b, 1);
	c.dest.offset = 4096;
	want(run(&c), GNTST_bad_copy_arg);
	c = by_frame(page_a, page_b, 0xffff);
	c.source.offset = c.dest.offset = 0xffff;
	want(run(&c), GNTST_bad_copy_arg);
	rule("bounds are looked at after the frames");
	c = by_frame(page_a, page_b, 4097);
	c.source.u.gmfn = 1ul << 40;
	want(run(&c), GNTST_bad_page);
	rule("a copy of no bytes is okay");
	c = by_frame(page_a, page_b, 0);
	want(run(&c), GNTST_okay);
	c.source.offset = c.dest.offset = 4096;
	want(run(&c), GNTST_okay);
	rule("a copy of no bytes from a frame that is not there");
	c = by_frame(page_a, page_b, 0);
	c.source.u.gmfn = 1ul << 40;
	want(run(&c), GNTST_bad_page);
	rule("a copy of no bytes that begins beyond the frame is bad_copy_arg");
	c = by_frame(page_a, page_b, 0);
	c.source.offset = 4097;
	want(run(&c), GNTST_bad_copy_arg);
	rule("a frame that is not there, or not one's own, is bad_page");
	c = by_frame(page_a, page_b, 8);
	c.source.u.gmfn = 1ul << 51;
	want(run(&c), GNTST_bad_page);
	c.source.u.gmfn = NOT_OURS;
	want(run(&c), GNTST_bad_page);
	c = by_frame(page_a, page_b, 8);
	c.dest.u.gmfn = NOT_OURS;
	want(run(&c), GNTST_bad_page);
	rule("a copy onto a page table is general_error, from one it is okay");
	c = by_frame(page_a, page_b, 8);
	c.dest.u.gmfn = entry_address(page_a) >> 12;
	want(run(&c), GNTST_general_error);
	c = by_frame(page_a, page_b, 8);
	c.source.u.gmfn = entry_address(page_a) >> 12;
	want(run(&c), GNTST_okay);
	rule("frames are named by DOMID_SELF only");
	c = by_frame(page_a, page_b, 8);
	c.source.domid = self;
	want(run(&c), GNTST_permission_denied);
	c = by_frame(page_a, page_b, 8);
	c.dest.domid = self;
	want(run(&c), GNTST_permission_denied);
	rule("a domain that is not there is bad_domain even then");
	c = by_frame(page_a, page_b, 8);
	c.dest.domid = NO_DOMAIN;
	want(run(&c), GNTST_bad_domain);
	c = by_frame(page_a, page_b, 8);
	c.source.domid = NO_DOMAIN;
	want(run(&c), GNTST_bad_domain);
	c.dest.domid = self;
	want(run(&c), GNTST_bad_domain);
	c = by_frame(page_a, page_b, 8);
	c.source.domid = self;
	c.dest.domid = NO_DOMAIN;
	want(run(&c), GNTST_bad_domain);
}

/* page_a through entry 30 to page_b, both by their references. */
static struct gnttab_copy by_ref(grant_ref_t from, grant_ref_t to)
{
	struct gnttab_copy c = {
		.len = 8, .status = 99,
		.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
	};

	c.source.domid = self;
	c.dest.domid = DOMID_SELF;
	c.source.u.ref = from;
	c.dest.u.ref = to;
	return c;
}

static void granted(void)
{
	struct gnttab_map_grant_ref m;
	struct gnttab_copy c;

	rule("a copy between granted frames moves the bytes and leaves no use");
	grant(30, page_a, GTF_permit_access | GTF_readonly);
	grant(31, page_b, GTF_permit_access);
	memset(page_a, 'x', 4096);
	memset(page_b, 'y', 4096);
	c = by_ref(30, 31);
	want(run(&c), GNTST_okay);
	want_true(page_b[7] == 'x' && page_b[8] == 'y');
	want(table[30].flags, GTF_permit_access | GTF_readonly);
	want(table[31].flags, GTF_permit_access);
	rule("a copy onto a read-only grant is general_error");
	c = by_ref(31, 30);
	want(run(&c), GNTST_general_error);
	want(table[30].flags, GTF_permit_access | GTF_readonly);
	rule("a copy through an entry that is not there is bad_gntref");
	c = by_ref(NO_REF, 31);
	want(run(&c), GNTST_bad_gntref);
	c = by_ref(30, NO_REF);
	want(run(&c), GNTST_bad_gntref);
	want(table[30].flags, GTF_permit_access | GTF_readonly);
	rule("a copy through an empty entry is general_error");
	c = by_ref(33, 31);
	want(run(&c), GNTST_general_error);
	rule("a copy through an entry for somebody else is general_error");
	grant(32, page_a, GTF_permit_access);
	table[32].domid = NO_DOMAIN;
	c = by_ref(32, 31);
	want(run(&c), GNTST_general_error);
	rule("a copy through a sub-page entry of version 1 is okay");
	grant(32, page_a, GTF_permit_access | GTF_sub_page);
	c = by_ref(32, 31);
	want(run(&c), GNTST_okay);
	rule("a granted frame that is not the granter's is bad_page");
	grant(32, page_a, GTF_permit_access);
	table[32].frame = 0x7fffffff;
	c = by_ref(32, 31);
	want(run(&c), GNTST_bad_page);
	want(table[32].flags, GTF_permit_access);
	rule("a granter that is not there is bad_domain");
	c = by_ref(30, 31);
	c.source.domid = NO_DOMAIN;
	want(run(&c), GNTST_bad_domain);
	c = by_ref(30, 31);
	c.dest.domid = NO_DOMAIN;
	want(run(&c), GNTST_bad_domain);
	rule("a copy of no bytes through bad references");
	c = by_ref(NO_REF, NO_REF);
	c.len = 0;
	want(run(&c), GNTST_bad_gntref);
	rule("a copy goes to the frame that a mapping in being holds");
	want(map(31, 0, GNTMAP_device_map, &m), GNTST_okay);
	table[31].frame = (uint32_t)virt_to_mfn(window);
	memset(page_b, 'y', 8);
	c = by_ref(30, 31);
	want(run(&c), GNTST_okay);
	want(page_b[0], 'x');
	want(table[31].flags, GTF_permit_access | GTF_reading | GTF_writing);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	want(table[31].flags, GTF_permit_access);
	rule("an array of copies has a status for each");
	{
		struct gnttab_copy two[3] = {
			by_frame(page_a, page_b, 4097), by_frame(page_a, page_b, 1),
			by_ref(NO_REF, 31),
		};

		want(op(copy, two, 3), 0);
		want(two[0].status, GNTST_bad_copy_arg);
		want(two[1].status, GNTST_okay);
		want(two[2].status, GNTST_bad_gntref);
	}
	table[30].flags = table[31].flags = table[32].flags = 0;
}

void copies(void)
{
	plain();
	granted();
}
