/* SPDX-License-Identifier: MIT */
/* test_mm_owner.c - frames change hands clean, flushed and counted.
 */
/* link: hypervisor/mm/frame_alloc.c hypervisor/mm/page_type.c hypervisor/mm/pt_validate.c hypervisor/mm/descriptor.c hypervisor/sync/spinlock.c */
#include "base/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "mm/mm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define HEAP_FIRST	16
#define HEAP_END	80

static struct domain dom[3];
static uint64_t m2p[FAKE_FRAMES];
static unsigned puts, flushes;
static struct domain *dies_at_flush;

void domain_put(struct domain *d)
{
	assert_int_not_equal(d->refs, 0);
	d->refs--;
	puts++;
}

void tlb_flush_local(void)
{
	flushes++;
	tlb_everywhere = ++tlb_clock;
	if (dies_at_flush)
		dies_at_flush->life = DOMAIN_DYING;
}

static char *bytes(struct frame *f)
{
	return mfn_to_virt(mfn_of(f));
}

static bool is_clean(struct frame *f)
{
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		if (bytes(f)[i])
			return false;
	return true;
}

static int begin(void **state)
{
	max_mfn = FAKE_FRAMES;
	m2p_write = m2p;
	this_cpu()->budget = 1 << 30;
	memset(fake_ram, 0xaa, sizeof(fake_ram));
	heap_add(mfn_make(HEAP_FIRST), mfn_make(HEAP_END));
	for (unsigned i = 0; i < ARRAY_SIZE(dom); i++) {
		spin_init(&dom[i].mm.list_lock, RANK_PAGE_LIST);
		dom[i].refs = 1;
		dom[i].mm.max_frames = 10;
		assert_int_equal(owner_register(&dom[i]), 0);
	}
	return 0;
}

/* Everything back, as it was: each test starts and ends so. */
static int nothing_is_left(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(dom); i++) {
		if (dom[i].mm.frames || dom[i].mm.frame_list || dom[i].refs != 1 ||
		    dom[i].mm.shared_frames)
			return -1;
		dom[i].life = DOMAIN_ALIVE;
	}
	return heap_free_frames() == HEAP_END - HEAP_FIRST ? 0 : -1;
}

static void give_back(struct domain *d, struct frame *f)
{
	assert_true(frame_get(f, d->mm.slot));
	assert_true(frame_disown(f));
	frame_put(f);
}

static void memory_nobody_owned_is_cleaned_but_for_the_first(void **state)
{
	struct frame *a = domain_frame_alloc(&dom[0], 0);
	struct frame *b = domain_frame_alloc(&dom[1], 0);

	assert_false(is_clean(a));
	assert_true(is_clean(b));
	give_back(&dom[0], a);
	give_back(&dom[1], b);
}

static void a_frame_is_cleaned_for_another_owner_only(void **state)
{
	struct frame *f = domain_frame_alloc(&dom[1], 0), *g;

	bytes(f)[7] = 7;
	give_back(&dom[1], f);
	g = domain_frame_alloc(&dom[1], 0);
	assert_ptr_equal(f, g);
	assert_int_equal(bytes(g)[7], 7);
	give_back(&dom[1], g);
	g = domain_frame_alloc(&dom[2], 0);
	assert_ptr_equal(f, g);
	assert_true(is_clean(g));
	bytes(g)[7] = 7;
	give_back(&dom[2], g);
	g = domain_frame_alloc(&dom[0], 0);	/* the first domain is no exception here */
	assert_ptr_equal(f, g);
	assert_true(is_clean(g));
	give_back(&dom[0], g);
}

static void pages_of_ours_are_clean_and_leave_nothing(void **state)
{
	struct frame *f = domain_frame_alloc(&dom[1], 0), *g;
	char *page;

	bytes(f)[9] = 9;
	give_back(&dom[1], f);
	page = page_alloc();
	assert_ptr_equal(page, bytes(f));
	assert_true(is_clean(f));
	page[9] = 1;
	page_free(page);
	g = domain_frame_alloc(&dom[0], 0);
	assert_ptr_equal(f, g);
	assert_true(is_clean(g));
	give_back(&dom[0], g);
}

static void a_freed_frame_is_flushed_before_its_next_use(void **state)
{
	struct frame *f = domain_frame_alloc(&dom[1], 0);
	unsigned before;

	give_back(&dom[1], f);
	before = flushes;
	f = domain_frame_alloc(&dom[1], 0);
	assert_int_equal(flushes, before + 1);
	give_back(&dom[1], f);
	tlb_flush_local();
	before = flushes;
	f = domain_frame_alloc(&dom[1], 0);
	assert_int_equal(flushes, before);
	give_back(&dom[1], f);
}

static void the_limit_holds(void **state)
{
	struct frame *f[11];

	for (unsigned i = 0; i < 10; i++) {
		f[i] = domain_frame_alloc(&dom[1], 0);
		assert_non_null(f[i]);
	}
	assert_null(domain_frame_alloc(&dom[1], 0));
	f[10] = domain_frame_alloc_over(&dom[1]);
	assert_non_null(f[10]);
	assert_int_equal(dom[1].mm.frames, 11);
	assert_null(domain_frame_alloc(&dom[1], 0));
	frame_put(f[10]);	/* this call's own */
	for (unsigned i = 0; i < 11; i++)
		give_back(&dom[1], f[i]);
	assert_null(domain_frame_alloc(&dom[1], 4));	/* 16 at once */
}

static void an_empty_heap_charges_nobody(void **state)
{
	struct frame *f[HEAP_END - HEAP_FIRST];
	unsigned n;

	dom[1].mm.max_frames = 1000;
	for (n = 0; (f[n] = domain_frame_alloc(&dom[1], 0)); n++)
		continue;
	assert_int_equal(n, HEAP_END - HEAP_FIRST);
	assert_null(domain_frame_alloc(&dom[2], 0));
	assert_int_equal(dom[2].mm.frames, 0);
	assert_int_equal(dom[2].refs, 1);
	assert_null(page_alloc());
	while (n--)
		give_back(&dom[1], f[n]);
	dom[1].mm.max_frames = 10;
}

static void frames_hold_their_domain(void **state)
{
	struct frame *f = domain_frame_alloc(&dom[1], 0);
	struct frame *g = domain_frame_alloc(&dom[1], 0);

	assert_int_equal(dom[1].refs, 2);
	give_back(&dom[1], f);
	assert_int_equal(dom[1].refs, 2);
	assert_true(frame_get(g, dom[1].mm.slot));	/* somebody maps it */
	give_back(&dom[1], g);
	assert_int_equal(dom[1].refs, 2);
	assert_int_equal(dom[1].mm.frames, 1);
	frame_put(g);
	assert_int_equal(dom[1].refs, 1);
}

static void a_frame_is_given_back_once(void **state)
{
	struct frame *f = domain_frame_alloc(&dom[1], 0);

	assert_true(frame_get(f, dom[1].mm.slot));
	assert_true(frame_disown(f));
	assert_false(frame_disown(f));
	assert_false(frame_get(f, dom[2].mm.slot));
	frame_put(f);
	assert_false(frame_get(f, dom[1].mm.slot));
}

static void only_an_unused_frame_can_be_traded(void **state)
{
	struct frame *f = domain_frame_alloc(&dom[1], 0);

	assert_true(frame_get(f, dom[1].mm.slot));
	assert_true(frame_get(f, dom[1].mm.slot));
	assert_false(frame_steal(f));
	frame_put(f);
	m2p[mfn_of(f).n] = 5;
	assert_true(frame_steal(f));
	assert_int_equal(m2p[mfn_of(f).n], M2P_INVALID);
}

static void a_dying_domain_gets_nothing(void **state)
{
	dom[1].life = DOMAIN_DYING;
	assert_null(domain_frame_alloc(&dom[1], 0));
	assert_null(domain_frame_alloc_over(&dom[1]));
}

/* Rule: a frame that is charged while its domain still lives, and ready when
 * it does not, goes back: teardown's walk may have passed. */
static void a_domain_that_dies_meanwhile_gets_nothing(void **state)
{
	give_back(&dom[1], domain_frame_alloc(&dom[1], 0));
	dies_at_flush = &dom[1];
	assert_null(domain_frame_alloc(&dom[1], 2));
	dies_at_flush = NULL;
	assert_int_equal(dom[1].life, DOMAIN_DYING);
	assert_int_equal(dom[1].mm.frames, 0);
}

/* Rule: the number a domain gives a frame is written only while it is its. */
static void the_number_of_a_lost_frame_is_not_written(void **state)
{
	struct frame *f = domain_frame_alloc(&dom[1], 0);

	frame_set_m2p(f, dom[2].mm.slot, 6);
	assert_int_not_equal(m2p[mfn_of(f).n], 6);
	frame_set_m2p(f, dom[1].mm.slot, 7);
	assert_int_equal(m2p[mfn_of(f).n], 7);
	give_back(&dom[1], f);
	frame_set_m2p(f, dom[1].mm.slot, 8);
	assert_int_equal(m2p[mfn_of(f).n], M2P_INVALID);
}

static void a_lent_page_outlives_the_loan_while_mapped(void **state)
{
	char *page = page_alloc();
	struct frame *f = frame_of(virt_to_mfn(page));
	uint64_t free = heap_free_frames();

	frame_lend(page, &dom[1], true);
	assert_int_equal(dom[1].mm.shared_frames, 1);
	assert_int_equal(dom[1].mm.frames, 0);
	assert_true(frame_get(f, dom[1].mm.slot));
	assert_true(writable_get(f));
	assert_false(frame_disown(f));
	frame_unlend(page);
	assert_int_equal(heap_free_frames(), free);
	assert_false(frame_get(f, dom[1].mm.slot));
	writable_put(f);
	frame_put(f);
	assert_int_equal(heap_free_frames(), free + 1);
}

static void a_page_lent_to_read_is_never_writable(void **state)
{
	char *page = page_alloc();
	struct frame *f = frame_of(virt_to_mfn(page));
	const struct pt_ctx c = { .tables = dom[1].mm.slot };

	frame_lend(page, &dom[1], false);
	assert_true(frame_get(f, dom[1].mm.slot));
	assert_false(writable_get(f));
	assert_int_equal(frame_get_typed(f, PT_L1, &c), -EINVAL);
	frame_put(f);
	frame_unlend(page);
}

static void the_list_turns_and_shrinks(void **state)
{
	struct frame *f[5], *seen[5];

	for (unsigned i = 0; i < 5; i++)
		f[i] = domain_frame_alloc(&dom[1], 0);
	give_back(&dom[1], f[2]);
	for (unsigned i = 0; i < 4; i++)
		seen[i] = domain_frame_rotate(&dom[1]);
	assert_ptr_equal(domain_frame_rotate(&dom[1]), seen[0]);
	for (unsigned i = 0; i < 4; i++) {
		assert_ptr_not_equal(seen[i], f[2]);
		for (unsigned j = 0; j < i; j++)
			assert_ptr_not_equal(seen[i], seen[j]);
	}
	give_back(&dom[1], seen[1]);	/* the front one, now */
	assert_ptr_not_equal(domain_frame_rotate(&dom[1]), seen[1]);
	for (unsigned i = 0; i < 5; i++)
		if (i != 2 && f[i] != seen[1])
			give_back(&dom[1], f[i]);
	assert_null(domain_frame_rotate(&dom[1]));
}

/* Rule: cleaning a frame out of the caches is charged. */
static void a_frame_mapped_uncached_is_charged(void **state)
{
	struct frame *f = domain_frame_alloc(&dom[1], 0);

	f->ref |= REF_ALIAS;
	this_cpu()->budget = BUDGET_PER_ENTRY;
	give_back(&dom[1], f);
	assert_false(budget_left(BUDGET_PER_ENTRY - 8));
	this_cpu()->budget = 1 << 30;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(memory_nobody_owned_is_cleaned_but_for_the_first, nothing_is_left),
		cmocka_unit_test_teardown(a_frame_is_cleaned_for_another_owner_only, nothing_is_left),
		cmocka_unit_test_teardown(pages_of_ours_are_clean_and_leave_nothing, nothing_is_left),
		cmocka_unit_test_teardown(a_freed_frame_is_flushed_before_its_next_use, nothing_is_left),
		cmocka_unit_test_teardown(the_limit_holds, nothing_is_left),
		cmocka_unit_test_teardown(an_empty_heap_charges_nobody, nothing_is_left),
		cmocka_unit_test_teardown(frames_hold_their_domain, nothing_is_left),
		cmocka_unit_test_teardown(a_frame_is_given_back_once, nothing_is_left),
		cmocka_unit_test_teardown(only_an_unused_frame_can_be_traded, nothing_is_left),
		cmocka_unit_test_teardown(a_dying_domain_gets_nothing, nothing_is_left),
		cmocka_unit_test_teardown(a_domain_that_dies_meanwhile_gets_nothing, nothing_is_left),
		cmocka_unit_test_teardown(the_number_of_a_lost_frame_is_not_written, nothing_is_left),
		cmocka_unit_test_teardown(a_lent_page_outlives_the_loan_while_mapped, nothing_is_left),
		cmocka_unit_test_teardown(a_page_lent_to_read_is_never_writable, nothing_is_left),
		cmocka_unit_test_teardown(the_list_turns_and_shrinks, nothing_is_left),
		cmocka_unit_test_teardown(a_frame_mapped_uncached_is_charged, nothing_is_left),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
