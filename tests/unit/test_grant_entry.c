/* SPDX-License-Identifier: MIT */
/* test_grant_entry.c - uses of granted frames, against a recount from nothing.
 *
 * Two domains grant to each other and to themselves. Whatever they do, a
 * frame has one reference of its owner's, one of each entry in use that
 * names it, and one of each page-table entry; a type reference for each
 * entry that is written through and each writable page-table entry.
 */
/* link: hypervisor/grant/table.c hypervisor/grant/maptrack.c hypervisor/grant/map.c hypervisor/grant/copy.c */
/* link: hypervisor/mm/page_type.c hypervisor/mm/pt_validate.c hypervisor/mm/descriptor.c hypervisor/sync/spinlock.c */
#include "grant/entry.h"

#include "base/errno.h"
#include "cpu/features.h"
#include "mm/grant_map.h"
#include "mm/mm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FIRST_PAGE	500		/* frames from here are page_alloc()'s */
#define OWN		20		/* frames of each domain: 20 * n + 20 ... */
#define ADDRESSES	16
#define MAPTRACK	2

static struct vcpu vcpu[2];
static struct domain dom[2];
static bool page_used[FAKE_FRAMES];
static int pages;
/* the page tables: what each address of each domain maps */
static uint64_t pte[2][ADDRESSES];

static struct frame *own(int d, unsigned i)
{
	return frame_of(mfn_make(20u * (unsigned)d + 20 + i));
}

void *page_alloc(void)
{
	for (unsigned n = FIRST_PAGE; n < FAKE_FRAMES; n++)
		if (!page_used[n]) {
			page_used[n] = true;
			pages++;
			return memset(mfn_to_virt(mfn_make(n)), 0, PAGE_SIZE);
		}
	return NULL;
}

void page_free(void *page)
{
	assert_true(page_used[virt_to_mfn(page).n]);
	page_used[virt_to_mfn(page).n] = false;
	pages--;
}

void frame_lend(void *page, struct domain *d, bool writable) { }
void frame_unlend(void *page) { page_free(page); }
void domain_put(struct domain *d) { d->refs--; }

struct domain *domain_get_by_id(domid_t id)
{
	if (id != 1 && id != 2)
		return NULL;
	dom[id - 1].refs++;
	return &dom[id - 1];
}

struct domain *domain_get_named(struct vcpu *v, domid_t id)
{
	return domain_get_by_id(id == DOMID_SELF ? v->domain->id : id);
}

static uint64_t *slot(struct vcpu *v, uint64_t where)
{
	uint64_t i = where / PAGE_SIZE - 1;

	return i < ADDRESSES ? &pte[v->domain->id - 1][i] : NULL;
}

int mm_grant_map(struct vcpu *v, uint64_t where, bool is_pte, mfn_t m, uint16_t owner,
		 uint64_t flags)
{
	const struct pt_ctx c = { .tables = v->domain->mm.slot, .pages = owner };
	uint64_t e = pte_make(m, flags), *s = slot(v, where);
	int rc = s ? l1_entry_get(e, &c) : -EINVAL;

	if (rc)
		return rc;
	if (*s)
		l1_entry_put(*s);
	*s = e;
	return 0;
}

int mm_grant_unmap(struct vcpu *v, uint64_t where, bool is_pte, mfn_t m, bool writable,
		   uint64_t replacement, uint64_t *old)
{
	uint64_t *s = slot(v, where);

	if (!s || !*s || pte_mfn(*s).n != m.n || !!(*s & PTE_RW) != writable)
		return -EINVAL;
	*old = *s;
	*s = replacement;
	return 0;
}

/* How often everything was flushed, and what held a frame at that time. */
static unsigned forgotten;
static const struct frame *watched;
static uint64_t refs_then, uses_then;

void mm_grant_forget(struct vcpu *v)
{
	forgotten++;
	if (watched) {
		refs_then = watched->ref & REF_COUNT;
		uses_then = watched->use & USE_COUNT;
	}
}

int mm_grant_take_entry(struct vcpu *v, uint64_t va, uint64_t *entry)
{
	uint64_t *s = slot(v, va);

	if (!s)
		return -EINVAL;
	*entry = *s;
	*s = 0;
	return 0;
}

static struct grant_entry_v1 *entry(int d, grant_ref_t ref)
{
	return (struct grant_entry_v1 *)dom[d].grant.frame[0].shared + ref;
}

static void grant(int d, grant_ref_t ref, unsigned frame, int to, unsigned flags)
{
	*entry(d, ref) = (struct grant_entry_v1){
		.flags = (uint16_t)flags, .domid = (domid_t)(to + 1), .frame = frame,
	};
}

static uint32_t number(struct frame *f)
{
	return (uint32_t)mfn_of(f).n;
}

static struct gnttab_map_grant_ref map(int who, int granter, grant_ref_t ref,
				       unsigned address, uint32_t flags)
{
	struct gnttab_map_grant_ref req = {
		.host_addr = (address + 1) * PAGE_SIZE, .flags = flags, .ref = ref,
		.dom = (domid_t)(granter + 1),
	};

	grant_map(&vcpu[who], &req);
	return req;
}

static int unmap(int who, struct gnttab_map_grant_ref m)
{
	struct unmap_batch b = { .nr = 0 };
	int rc = grant_unmap(&vcpu[who], &(struct grant_unmapping){
		.handle = m.handle, .host_addr = m.flags & GNTMAP_host_map ? m.host_addr : 0,
		.dev_bus_addr = m.flags & GNTMAP_device_map ? m.dev_bus_addr : 0,
	}, &b);

	grant_unmap_finish(&vcpu[who], &b);
	return rc;
}

static void recount(void)
{
	static unsigned refs[FAKE_FRAMES], types[FAKE_FRAMES];

	memset(refs, 0, sizeof(refs));
	memset(types, 0, sizeof(types));
	for (int d = 0; d < 2; d++) {
		struct grant_domain *t = &dom[d].grant;
		unsigned pins = 0;

		for (unsigned i = 0; i < t->frames * GRANTS_PER_FRAME; i++) {
			struct grant_active *a =
				&t->frame[i / GRANTS_PER_FRAME].active[i % GRANTS_PER_FRAME];

			refs[a->mfn] += a->readers || a->writers;
			types[a->mfn] += !!a->writers;
			pins += a->readers + a->writers;
		}
		assert_int_equal(pins, t->pins);
		for (unsigned i = 0; i < ADDRESSES; i++) {
			refs[pte_mfn(pte[d][i]).n] += !!pte[d][i];
			types[pte_mfn(pte[d][i]).n] += !!(pte[d][i] & PTE_RW);
		}
	}
	for (int d = 0; d < 2; d++)
		for (unsigned i = 0; i < OWN; i++) {
			uint32_t n = number(own(d, i));

			assert_int_equal(own(d, i)->ref & REF_COUNT, refs[n] + 1);
			assert_int_equal(own(d, i)->use & USE_COUNT, types[n]);
		}
	assert_int_equal(this_cpu()->locks_held, 0);
}

static int setup(void **state)
{
	memset(pte, 0, sizeof(pte));
	memset(fake_frame_table, 0, sizeof(fake_frame_table));
	this_cpu()->budget = 1 << 20;
	for (int d = 0; d < 2; d++) {
		dom[d] = (struct domain){ .id = (domid_t)(d + 1), .refs = 1 };
		dom[d].mm.slot = (uint16_t)(OWNER_FIRST + d);
		vcpu[d] = (struct vcpu){ .domain = &dom[d] };
		for (unsigned i = 0; i < OWN; i++)
			own(d, i)->ref = REF_USED | REF_ALLOC | 1 |
					 (uint64_t)dom[d].mm.slot << REF_OWNER_SHIFT;
		assert_int_equal(grant_domain_init(&dom[d], 2, MAPTRACK), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	this_cpu()->budget = 1 << 20;
	for (int d = 0; d < 2; d++)
		assert_int_equal(grant_domain_release(&dom[d]), 0);
	for (int d = 0; d < 2; d++)
		for (unsigned i = 0; i < ADDRESSES; i++)
			if (pte[d][i])
				l1_entry_put(pte[d][i]);
	for (int d = 0; d < 2; d++) {
		assert_int_equal(grant_domain_free(&dom[d]), 0);
		assert_int_equal(dom[d].refs, 1);
		for (unsigned i = 0; i < OWN; i++)
			assert_int_equal(own(d, i)->ref & REF_COUNT, 1);
	}
	assert_int_equal(pages, 0);
	return 0;
}

#define MAP_RW	GNTMAP_host_map
#define MAP_RO	(GNTMAP_host_map | GNTMAP_readonly)

/* Rule: what is unmapped is held, and its handle nobody's, until one flush for
 * all of the batch; no use of a grant ends without one. */
static void a_batch_is_flushed_before_its_references_go(void **state)
{
	struct unmap_batch b = { .nr = 0 };
	struct gnttab_map_grant_ref m[3], other;

	grant(0, 8, number(own(0, 3)), 1, GTF_permit_access);
	for (unsigned i = 0; i < 3; i++)
		m[i] = map(1, 0, 8, i, MAP_RW);
	forgotten = 0;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(grant_unmap(&vcpu[1], &(struct grant_unmapping){
			.handle = m[i].handle, .host_addr = m[i].host_addr }, &b), GNTST_okay);
	assert_int_equal(forgotten, 0);
	assert_int_equal(own(0, 3)->ref & REF_COUNT, 1 + 3 + 1);
	assert_int_equal(entry(0, 8)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	assert_int_equal(grant_unmap(&vcpu[1], &(struct grant_unmapping){
		.handle = m[0].handle, .host_addr = m[0].host_addr }, &b), GNTST_bad_handle);
	other = map(1, 0, 8, 5, MAP_RW);
	for (unsigned i = 0; i < 3; i++)
		assert_int_not_equal(other.handle, m[i].handle);
	watched = own(0, 3);
	grant_unmap_finish(&vcpu[1], &b);
	watched = NULL;
	assert_int_equal(forgotten, 1);
	assert_int_equal(refs_then, 1 + 4 + 1);
	assert_int_equal(uses_then, 4 + 1);
	recount();
	assert_int_equal(unmap(1, other), GNTST_okay);
	assert_int_equal(entry(0, 8)->flags, GTF_permit_access);
	/* another call ends what the first, not yet flushed, took out */
	other = map(1, 0, 8, 0, GNTMAP_host_map | GNTMAP_device_map);
	assert_int_equal(grant_unmap(&vcpu[1], &(struct grant_unmapping){
		.handle = other.handle, .host_addr = other.host_addr }, &b), GNTST_okay);
	forgotten = 0;
	other.flags = GNTMAP_device_map;
	assert_int_equal(unmap(1, other), GNTST_okay);
	assert_int_equal(forgotten, 1);
	grant_unmap_finish(&vcpu[1], &b);
	recount();
}

static void uses_show_and_end(void **state)
{
	struct gnttab_map_grant_ref a, b;

	grant(0, 8, number(own(0, 3)), 1, GTF_permit_access);
	a = map(1, 0, 8, 0, MAP_RO);
	assert_int_equal(a.status, GNTST_okay);
	assert_int_equal(entry(0, 8)->flags, GTF_permit_access | GTF_reading);
	b = map(1, 0, 8, 1, MAP_RW);
	assert_int_equal(entry(0, 8)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	recount();
	assert_int_equal(unmap(1, b), GNTST_okay);
	assert_int_equal(entry(0, 8)->flags, GTF_permit_access | GTF_reading);
	assert_int_equal(unmap(1, b), GNTST_bad_handle);
	assert_int_equal(unmap(1, a), GNTST_okay);
	assert_int_equal(entry(0, 8)->flags, GTF_permit_access);
	recount();
}

/* What the granter writes into an entry in use moves nothing. */
static void an_entry_in_use_keeps_its_frame(void **state)
{
	struct gnttab_map_grant_ref a, b;
	struct frame *f = own(0, 3);

	grant(0, 8, number(f), 1, GTF_permit_access);
	a = map(1, 0, 8, 0, MAP_RO);
	entry(0, 8)->frame = number(own(0, 4));
	entry(0, 8)->domid = 77;
	b = map(1, 0, 8, 1, MAP_RW);
	assert_int_equal(b.status, GNTST_okay);
	assert_int_equal(b.dev_bus_addr >> PAGE_SHIFT, number(f));
	/* Overwriting both mappings does not let the frame go. */
	pte[1][0] = pte[1][1] = 0;
	frame_put(f);
	writable_put(f);
	frame_put(f);
	recount();
	assert_int_equal(f->ref & REF_COUNT, 2);
	assert_int_equal(unmap(1, a), GNTST_general_error);
	recount();
}

static void only_who_is_named(void **state)
{
	struct gnttab_map_grant_ref a;

	grant(0, 8, number(own(0, 3)), 0, GTF_permit_access);
	assert_int_equal(map(1, 0, 8, 0, MAP_RO).status, GNTST_general_error);
	a = map(0, 0, 8, 0, MAP_RO);
	assert_int_equal(a.status, GNTST_okay);
	/* In use by one, re-written for the other: still the first one's. */
	entry(0, 8)->domid = 2;
	assert_int_equal(map(1, 0, 8, 1, MAP_RO).status, GNTST_general_error);
	grant(0, 9, number(own(1, 0)), 1, GTF_permit_access);
	assert_int_equal(map(1, 0, 9, 1, MAP_RO).status, GNTST_bad_page);
	assert_int_equal(entry(0, 9)->flags, GTF_permit_access);
	own(0, 5)->use = use_make(PT_L1, 1);
	grant(0, 10, number(own(0, 5)), 1, GTF_permit_access);
	assert_int_equal(map(1, 0, 10, 1, MAP_RW).status, GNTST_general_error);
	assert_int_equal(entry(0, 10)->flags, GTF_permit_access);
	own(0, 5)->use = 0;
	recount();
}

static struct gnttab_copy copy_request(unsigned from, unsigned to, unsigned len)
{
	struct gnttab_copy c = {
		.len = (uint16_t)len, .flags = GNTCOPY_source_gref,
	};

	c.source.u.ref = 8;
	c.source.domid = 1;
	c.source.offset = (uint16_t)from;
	c.dest.u.gmfn = number(own(1, 7));
	c.dest.domid = DOMID_SELF;
	c.dest.offset = (uint16_t)to;
	return c;
}

static void copies_stay_inside(void **state)
{
	char *to = mfn_to_virt(mfn_of(own(1, 7)));
	struct gnttab_copy c;

	grant(0, 8, number(own(0, 3)), 1, GTF_permit_access | GTF_readonly);
	memset(mfn_to_virt(mfn_of(own(0, 3))), 'g', PAGE_SIZE);
	memset(to - 8, '-', PAGE_SIZE + 16);
	c = copy_request(4095, 4095, 1);
	assert_int_equal(grant_copy(&vcpu[1], &c), GNTST_okay);
	c = copy_request(0, 0, 4096);
	assert_int_equal(grant_copy(&vcpu[1], &c), GNTST_okay);
	assert_true(to[-1] == '-' && to[0] == 'g' && to[4095] == 'g' && to[4096] == '-');
	c = copy_request(1, 0, 4096);
	assert_int_equal(grant_copy(&vcpu[1], &c), GNTST_bad_copy_arg);
	c = copy_request(0, 65535, 65535);
	assert_int_equal(grant_copy(&vcpu[1], &c), GNTST_bad_copy_arg);
	c = copy_request(4096, 4096, 0);
	assert_int_equal(grant_copy(&vcpu[1], &c), GNTST_okay);
	/* Not through somebody else's frame number, nor onto a read-only grant. */
	c = copy_request(0, 0, 1);
	c.dest.u.gmfn = number(own(0, 0));
	assert_int_equal(grant_copy(&vcpu[1], &c), GNTST_bad_page);
	c = copy_request(0, 0, 1);
	c.flags = GNTCOPY_dest_gref;
	c.dest = c.source;
	c.source.u.gmfn = number(own(1, 0));
	c.source.domid = DOMID_SELF;
	assert_int_equal(grant_copy(&vcpu[1], &c), GNTST_general_error);
	assert_int_equal(entry(0, 8)->flags, GTF_permit_access | GTF_readonly);
	recount();
}

static void the_granter_goes_first(void **state)
{
	struct gnttab_map_grant_ref a;

	grant(0, 8, number(own(0, 3)), 1, GTF_permit_access);
	a = map(1, 0, 8, 0, MAP_RW);
	assert_int_equal(grant_domain_free(&dom[0]), 0);
	assert_int_equal(dom[0].refs, 2);
	assert_int_equal(map(1, 0, 8, 1, MAP_RW).status, GNTST_bad_gntref);
	assert_int_equal(own(0, 3)->ref & REF_COUNT, 3);
	assert_int_equal(unmap(1, a), GNTST_okay);
	assert_int_equal(dom[0].refs, 1);
	assert_null(dom[0].grant.frame);
}

static void the_mapper_goes_first(void **state)
{
	unsigned entries = 0;

	grant(0, 8, number(own(0, 3)), 1, GTF_permit_access);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(map(1, 0, 8, 0, GNTMAP_device_map).status, GNTST_okay);
	do {
		this_cpu()->budget = 10;
		entries++;
		recount();
	} while (grant_domain_release(&dom[1]) == -ERESTART);
	assert_true(entries > 10);
	assert_int_equal(entry(0, 8)->flags, GTF_permit_access);
	assert_int_equal(dom[0].refs, 1);
	assert_int_equal(map(1, 0, 8, 0, MAP_RW).status, GNTST_no_space);
	recount();
}

static void limits(void **state)
{
	unsigned n = 0;

	for (grant_ref_t ref = 0; ref < 8; ref++)
		grant(0, ref, number(own(0, ref)), 1, GTF_permit_access);
	while (n < 2000 && map(1, 0, n / 100, 0, GNTMAP_device_map).status == GNTST_okay)
		n++;
	assert_int_equal(n, MAPTRACK * MAPPINGS_PER_FRAME);
	assert_int_equal(map(1, 0, 7, 0, GNTMAP_device_map).status, GNTST_no_space);
	grant(1, 3, number(own(1, 0)), 1, GTF_permit_access);
	recount();
}

/* Anything, in any order. */
static void at_random(void **state)
{
	static struct gnttab_map_grant_ref live[400];
	unsigned nr = 0;

	srand(1);
	for (unsigned step = 0; step < 20000; step++) {
		int who = rand() % 2, granter = rand() % 2;
		grant_ref_t ref = (grant_ref_t)(rand() % 6);

		switch (rand() % 5) {
		case 0:
			/* Keeps no bit of a use: the granter may lie. */
			grant(granter, ref, (uint32_t)(20 + rand() % 50), rand() % 2,
			      GTF_permit_access | (rand() % 4 ? 0 : GTF_readonly));
			break;
		case 1:
		case 2:
			if (nr == ARRAY_SIZE(live))
				break;
			live[nr] = map(who, granter, ref, (unsigned)rand() % (ADDRESSES + 1),
				       (uint32_t)rand() % 8);
			live[nr].ref = (grant_ref_t)who;
			nr += !live[nr].status;
			break;
		case 3:
			if (nr) {
				unsigned i = (unsigned)rand() % nr;

				if (!unmap((int)live[i].ref, live[i]))
					live[i] = live[--nr];
			}
			break;
		case 4: {
			struct gnttab_copy c = copy_request(0, 0, 64);

			c.flags = rand() % 4;
			c.source.u.gmfn = (uint64_t)(rand() % 70);
			c.dest.u.gmfn = (uint64_t)(rand() % 70);
			c.source.domid = c.flags & 1 ? (domid_t)(granter + 1) : DOMID_SELF;
			c.dest.domid = c.flags & 2 ? (domid_t)(granter + 1) : DOMID_SELF;
			(void)!grant_copy(&vcpu[who], &c);
		}
		}
		if (step % 16 == 0)
			recount();
	}
	assert_true(nr > 10);
	recount();
}

struct cpu_features cpu_features;

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_batch_is_flushed_before_its_references_go),
		T(uses_show_and_end), T(an_entry_in_use_keeps_its_frame), T(only_who_is_named),
		T(copies_stay_inside), T(the_granter_goes_first), T(the_mapper_goes_first),
		T(limits), T(at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
