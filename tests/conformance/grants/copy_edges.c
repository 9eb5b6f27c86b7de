/* SPDX-License-Identifier: MIT */
/* copy_edges.c - GNTTABOP_copy: every kind of end with every other, lengths
 * at the frame's edges, frames in other use, and lists that end early.
 */
#include "grants.h"

#define FROM_REF	GNTCOPY_source_gref
#define TO_REF		GNTCOPY_dest_gref
#define SOURCE		50u
#define TARGET		51u

/* page_a, from `offset`, to page_b, by frames or by references. */
static struct gnttab_copy request(unsigned int flags, unsigned int from, unsigned int to,
				  unsigned int len)
{
	struct gnttab_copy c = { .flags = (uint16_t)flags, .len = (uint16_t)len, .status = 99 };

	c.source.domid = c.dest.domid = DOMID_SELF;
	c.source.offset = (uint16_t)from;
	c.dest.offset = (uint16_t)to;
	if (flags & FROM_REF)
		c.source.u.ref = SOURCE;
	else
		c.source.u.gmfn = virt_to_mfn(page_a);
	if (flags & TO_REF)
		c.dest.u.ref = TARGET;
	else
		c.dest.u.gmfn = virt_to_mfn(page_b);
	return c;
}

static int run(struct gnttab_copy *c)
{
	want(op(copy, c, 1), 0);
	return c->status;
}

static void kinds(void)
{
	static const char *const sentences[] = {
		"from a frame to a frame, at every edge", "from a reference to a frame, at every edge",
		"from a frame to a reference, at every edge",
		"from a reference to a reference, at every edge",
	};
	static const unsigned int flags[] = { 0, FROM_REF, TO_REF, FROM_REF | TO_REF };
	static const struct { unsigned int from, to, len; int status; } rows[] = {
		{ 0, 0, 1, GNTST_okay }, { 4095, 0, 1, GNTST_okay }, { 0, 4095, 1, GNTST_okay },
		{ 4095, 4095, 1, GNTST_okay }, { 1, 7, 4089, GNTST_okay },
		{ 4096, 4096, 0, GNTST_okay },
		{ 4095, 0, 2, GNTST_bad_copy_arg }, { 0, 4095, 2, GNTST_bad_copy_arg },
		{ 1, 0, 4096, GNTST_bad_copy_arg }, { 0, 1, 4096, GNTST_bad_copy_arg },
		{ 4096, 0, 1, GNTST_bad_copy_arg }, { 0, 4096, 1, GNTST_bad_copy_arg },
		{ 0, 0, 4097, GNTST_bad_copy_arg }, { 0, 0, 0xffff, GNTST_bad_copy_arg },
		{ 0xffff, 0, 1, GNTST_bad_copy_arg }, { 0, 0xffff, 1, GNTST_bad_copy_arg },
		{ 0xffff, 0xffff, 0xffff, GNTST_bad_copy_arg },
		{ 4097, 0, 0, GNTST_bad_copy_arg }, { 0, 4097, 0, GNTST_bad_copy_arg },
	};

	grant(SOURCE, page_a, GTF_permit_access | GTF_readonly);
	grant(TARGET, page_b, GTF_permit_access);
	for (unsigned int k = 0; k < 4; k++) {
		rule(sentences[k]);
		for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct gnttab_copy c = request(flags[k], rows[i].from, rows[i].to,
						       rows[i].len);
			unsigned int wrong = 0, n = rows[i].status ? 0 : rows[i].len;

			memset(page_a, 'a' + (int)i % 20, 4096);
			memset(page_b, 'z', 4096);
			want(run(&c), rows[i].status);
			for (unsigned int b = 0; b < 4096; b++)
				wrong += page_b[b] != (b - rows[i].to < n ? page_a[0] : 'z');
			want(wrong, 0);
		}
		want(table[SOURCE].flags, GTF_permit_access | GTF_readonly);
		want(table[TARGET].flags, GTF_permit_access);
	}
}

static void frames_of_all_kinds(void)
{
	struct gnttab_copy c;

	rule("a copy inside one frame takes its bytes as they were or as they become");
	for (unsigned int i = 0; i < 64; i++)
		page_a[i] = (char)i;
	c = request(0, 0, 32, 16);
	c.dest.u.gmfn = virt_to_mfn(page_a);
	want(run(&c), GNTST_okay);
	want(page_a[32], 0);
	want(page_a[47], 15);
	want(page_a[48], 48);
	rule("a copy onto a page that is mapped read-only, or nowhere, is okay");
	want(map_frame(page_b, virt_to_mfn(page_b), PTE_PRESENT), 0);
	c = request(0, 0, 0, 8);
	want(run(&c), GNTST_okay);
	want(page_b[5], 5);
	want(call(update_va_mapping, page_b, 0, UVMF_INVLPG), 0);
	c = request(0, 8, 0, 8);
	want(run(&c), GNTST_okay);
	restore(page_b);
	want(page_b[5], 13);
	rule("the shared page can be copied from and to");
	c = request(0, 4000, 0, 8);
	c.source.u.gmfn = start_info->shared_info >> 12;
	want(run(&c), GNTST_okay);
	c = request(0, 0, 4000, 8);
	c.dest.u.gmfn = start_info->shared_info >> 12;
	want(run(&c), GNTST_okay);
	want(((volatile char *)shared)[4005], 5);
	rule("unknown flags of a copy do not matter");
	c = request(0, 0, 0, 8);
	c.flags = 0xfff0;
	want(run(&c), GNTST_okay);
	rule("a reference is looked up with its domain, DOMID_SELF or the number");
	c = request(FROM_REF | TO_REF, 0, 0, 8);
	c.source.domid = c.dest.domid = self;
	want(run(&c), GNTST_okay);
	rule("frame numbers beyond memory are bad_page at either end");
	for (unsigned int bit = 36; bit < 64; bit++) {
		c = request(0, 0, 0, 8);
		c.source.u.gmfn = 1ul << bit;
		want(run(&c), GNTST_bad_page);
		c = request(0, 0, 0, 8);
		c.dest.u.gmfn = 1ul << bit;
		want(run(&c), GNTST_bad_page);
	}
	rule("references beyond the table are bad_gntref at either end");
	for (unsigned int bit = 10; bit < 32; bit++) {
		c = request(FROM_REF, 0, 0, 8);
		c.source.u.ref = 1u << bit;
		want(run(&c), GNTST_bad_gntref);
		c = request(TO_REF, 0, 0, 8);
		c.dest.u.ref = 1u << bit;
		want(run(&c), GNTST_bad_gntref);
	}
}

static void lists(void)
{
	static PAGE char pages[2][4096];
	struct gnttab_copy *last = (struct gnttab_copy *)pages[1] - 2;
	static struct gnttab_copy many[300];
	unsigned int okay = 0;

	rule("copies are done up to the one that cannot be read");
	last[0] = last[1] = request(0, 0, 0, 8);
	want(call(update_va_mapping, pages[1], 0, UVMF_INVLPG), 0);
	want(op(copy, last, 3), -XEN_EFAULT);
	want(last[0].status, GNTST_okay);
	want(last[1].status, GNTST_okay);
	restore(pages[1]);
	rule("a status that cannot be written is EFAULT, and the copy is done");
	memset(page_b, 'n', 16);
	last[0] = request(0, 0, 0, 8);
	want(map_frame(pages[0], virt_to_mfn(pages[0]), PTE_PRESENT), 0);
	want(op(copy, last, 1), -XEN_EFAULT);
	want(page_b[3], page_a[3]);
	restore(pages[0]);
	rule("a long list is done whole, with a status for each");
	for (unsigned int i = 0; i < 300; i++)
		many[i] = request(i & 1 ? FROM_REF | TO_REF : 0, 0, i & 7, i % 3 ? 4088 : 4097);
	want(op(copy, many, 300), 0);
	for (unsigned int i = 0; i < 300; i++)
		okay += many[i].status == (i % 3 ? GNTST_okay : GNTST_bad_copy_arg);
	want(okay, 300);
	rule("a reference that was used for a copy can be taken back at once");
	want(table[SOURCE].flags, GTF_permit_access | GTF_readonly);
	want(table[TARGET].flags, GTF_permit_access);
	table[SOURCE].flags = table[TARGET].flags = 0;
}

void copy_edges(void)
{
	kinds();
	frames_of_all_kinds();
	lists();
}
