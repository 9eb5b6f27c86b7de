/* SPDX-License-Identifier: MIT */
/* test_mm_page_type.c - types and references, against a recount from nothing.
 *
 * The rules are those of page_type.h: a table is never writable, a
 * half-validated table has one reference, and after every step each count is
 * what the entries, pins and holders add up to.
 */
/* link: hypervisor/mm/pt_validate.c hypervisor/mm/pt_update.c hypervisor/mm/descriptor.c */
#include "base/errno.h"
#include "cpu/percpu.h"
#include "mm/pt_update.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define OWNER		OWNER_FIRST
#define FRAMES		120		/* frames 1..FRAMES are the domain's */

static const struct pt_ctx ctx = { .tables = OWNER, .pages = OWNER };
/* references that only this test holds: a vCPU's half-dropped tables */
static struct frame *held[FRAMES * 4];
static unsigned nr_held;
static unsigned flushes, lines_cleaned;

void clflush(const void *p)
{
	lines_cleaned++;
}

void tlb_flush_local(void)
{
	flushes++;
	tlb_everywhere = ++tlb_clock;
}

static struct frame *fr(unsigned n)
{
	return frame_of(mfn_make(n));
}

static uint64_t *mem(unsigned n)
{
	return mfn_to_virt(mfn_make(n));
}

static uint64_t entry(unsigned n, uint64_t flags)
{
	return pte_make(mfn_make(n), flags | PTE_P);
}

static unsigned type_count(unsigned n)
{
	return (unsigned)(fr(n)->use & USE_COUNT);
}

static void budget(int units)
{
	this_cpu()->budget = units;
}

static int setup(void **state)
{
	memset(fake_ram, 0, sizeof(fake_ram));
	memset(fake_frame_table, 0, sizeof(fake_frame_table));
	for (unsigned n = 1; n <= FRAMES; n++)
		fr(n)->ref = REF_USED | REF_ALLOC | 1 | (uint64_t)OWNER << REF_OWNER_SHIFT;
	nr_held = 0;
	budget(1 << 30);
	return 0;
}

/* --- the recount --------------------------------------------------------- */

static unsigned refs[FAKE_FRAMES], types[FAKE_FRAMES];

static void count_entry(uint64_t e, enum page_type t)
{
	if (!(e & PTE_P))
		return;
	refs[pte_mfn(e).n]++;
	if (t != PT_L1 || (e & PTE_RW))
		types[pte_mfn(e).n]++;
}

static unsigned entries_held(uint64_t use)
{
	if (use & USE_VALID)
		return 512;
	return (unsigned)((use & USE_PROGRESS) >> USE_PROGRESS_SHIFT) +
	       !!(use & USE_CHILD);
}

static void recount(void)
{
	memset(refs, 0, sizeof(refs));
	memset(types, 0, sizeof(types));
	for (unsigned n = 1; n <= FRAMES; n++) {
		uint64_t use = fr(n)->use;
		enum page_type t = use_type(use);

		refs[n] += !!(fr(n)->ref & REF_ALLOC);
		if (use & (USE_PINNED | USE_SELF)) {
			unsigned self = !!(use & USE_PINNED) + !!(use & USE_SELF);

			refs[n] += self;
			types[n] += self;
		}
		if (!type_is_table(t) || !(use & USE_COUNT))
			continue;
		for (unsigned i = 0; i < entries_held(use); i++)
			if (t != PT_L4 || i < HYP_SLOT_FIRST || i > HYP_SLOT_LAST)
				count_entry(mem(n)[i], t);
	}
	for (unsigned i = 0; i < nr_held; i++) {
		refs[mfn_of(held[i]).n]++;
		types[mfn_of(held[i]).n]++;
	}
}

static void check_counts(void)
{
	recount();
	for (unsigned n = 1; n <= FRAMES; n++) {
		uint64_t use = fr(n)->use;

		assert_int_equal(fr(n)->ref & REF_COUNT, refs[n]);
		assert_int_equal(use & USE_COUNT, types[n]);
		if (use & USE_PARTIAL) {
			assert_int_equal(use & USE_COUNT, 1);
			assert_false(use & USE_VALID);
		}
	}
}

/* --- helpers in the callers' place --------------------------------------- */

static int pin(unsigned n, enum page_type t)
{
	int rc = frame_get_typed(fr(n), t, &ctx);

	if (!rc)
		fr(n)->use |= USE_PINNED;
	return rc;
}

static int pin_fully(unsigned n, enum page_type t, int units)
{
	int rc;

	do {
		budget(units);
		rc = pin(n, t);
	} while (rc == -ERESTART);
	budget(1 << 30);
	return rc;
}

static void hold(struct frame *f)
{
	held[nr_held++] = f;
}

/* Go on with half-dropped tables until none is left. */
static void drop_held(int units)
{
	while (nr_held) {
		struct frame *f = held[nr_held - 1];

		budget(units);
		if (!type_put(f)) {
			frame_put(f);
			nr_held--;
		}
	}
	budget(1 << 30);
}

static void unpin(unsigned n)
{
	fr(n)->use &= ~USE_PINNED;
	hold(fr(n));
}

/* An L4 (1) over an L3 (2) over an L2 (3) over an L1 (4) over a page (5). */
static void make_tree(uint64_t leaf_flags)
{
	mem(1)[0] = entry(2, PTE_RW);
	mem(2)[7] = entry(3, PTE_RW);
	mem(3)[9] = entry(4, PTE_RW);
	mem(4)[11] = entry(5, leaf_flags);
}

/* --- tests ---------------------------------------------------------------- */

static void a_tree_is_validated_and_let_go(void **state)
{
	make_tree(PTE_RW);
	assert_int_equal(pin(1, PT_L4), 0);
	check_counts();
	assert_true(type_is_valid(fr(4), PT_L1));
	assert_int_equal(use_type(fr(5)->use), PT_WRITABLE);
	unpin(1);
	drop_held(1 << 30);
	check_counts();
	for (unsigned n = 1; n <= 5; n++)
		assert_int_equal(type_count(n), 0);
}

static void entries_get_the_bits_of_the_abi(void **state)
{
	make_tree(0);
	mem(4)[12] = entry(6, PTE_U);
	mem(4)[13] = entry(7, PTE_U | PTE_GUEST_KERNEL);
	assert_int_equal(pin(1, PT_L4), 0);
	assert_true(mem(1)[0] & PTE_U);
	assert_true(mem(3)[9] & PTE_U);
	assert_int_equal(mem(4)[11], entry(5, PTE_U | PTE_GUEST_KERNEL));
	assert_int_equal(mem(4)[12], entry(6, PTE_U | PTE_G));
	assert_int_equal(mem(4)[13], entry(7, PTE_U | PTE_GUEST_KERNEL));
}

static void a_table_is_never_writable(void **state)
{
	make_tree(0);
	for (unsigned n = 1; n <= 4; n++) {
		mem(4)[100] = entry(n, PTE_RW);
		assert_int_not_equal(pin(1, PT_L4), 0);
		check_counts();
	}
	mem(4)[100] = entry(3, 0);	/* read-only is fine */
	assert_int_equal(pin(1, PT_L4), 0);
	for (unsigned n = 1; n <= 4; n++) {
		assert_false(writable_get(fr(n)));
		assert_int_not_equal(l1_update(&mem(4)[200], entry(n, PTE_RW), &ctx,
					       PT_STORE_PLAIN, NULL), 0);
	}
	check_counts();
}

/* What a read-only grant maps: the entry is there, the frame another's. */
static void another_ones_page_does_not_become_writable(void **state)
{
	const struct pt_ctx granted = { .tables = OWNER, .pages = OWNER + 1 };
	uint64_t *slot;

	make_tree(0);
	assert_int_equal(pin(1, PT_L4), 0);
	slot = &mem(4)[100];
	fr(20)->ref += 1UL << REF_OWNER_SHIFT;
	assert_int_equal(l1_update(slot, entry(20, PTE_U), &granted, PT_STORE_PLAIN, NULL), 0);
	for (unsigned how = PT_STORE_PLAIN; how <= PT_STORE_KEEP_AD; how++)
		assert_int_equal(l1_update(slot, entry(20, PTE_U | PTE_RW), &ctx,
					   (enum pt_store)how, NULL), -EBUSY);
	assert_false(*slot & PTE_RW);
	assert_int_equal(l1_update(slot, entry(20, PTE_U | PTE_RW), &granted,
				   PT_STORE_PLAIN, NULL), 0);
	/* less is always allowed */
	assert_int_equal(l1_update(slot, entry(20, PTE_U), &ctx, PT_STORE_PLAIN, NULL), 0);
	check_counts();
}

static void a_writable_page_is_no_table(void **state)
{
	assert_true(frame_get(fr(1), OWNER));
	assert_true(writable_get(fr(1)));
	for (unsigned t = PT_L1; t <= PT_SEGDESC; t++)
		assert_int_equal(frame_get_typed(fr(1), (enum page_type)t, &ctx), -EINVAL);
	writable_put(fr(1));
	frame_put(fr(1));
	assert_int_equal(pin(1, PT_L1), 0);
	check_counts();
}

static void a_change_of_type_flushes_once(void **state)
{
	unsigned before;

	assert_true(frame_get(fr(1), OWNER));
	assert_true(writable_get(fr(1)));
	writable_put(fr(1));
	before = flushes;
	assert_int_equal(pin(1, PT_L1), 0);
	assert_int_equal(flushes, before + 1);
	unpin(1);
	drop_held(1 << 30);
	tlb_flush_local();		/* somebody flushed meanwhile */
	before = flushes;
	assert_true(writable_get(fr(1)));
	assert_int_equal(flushes, before);
	writable_put(fr(1));
	frame_put(fr(1));
}

static void bad_entries_are_refused(void **state)
{
	static const uint64_t bad_l1[] = { PTE_NX };
	static const uint64_t bad_table[] = { PTE_PSE, PTE_G, PTE_PWT, PTE_PCD, PTE_NX };

	pte_reserved_bits = PTE_NX | (PTE_MFN & ~0xffffffffffUL);

	for (unsigned i = 0; i < ARRAY_SIZE(bad_l1); i++) {
		make_tree(bad_l1[i]);
		assert_int_equal(pin(1, PT_L4), -EINVAL);
		check_counts();
	}
	make_tree(0);
	mem(4)[11] = entry(0, 0) | 1UL << 44;	/* more than the machine has */
	assert_int_equal(pin(1, PT_L4), -EPERM);
	for (unsigned i = 0; i < ARRAY_SIZE(bad_table); i++) {
		make_tree(0);
		mem(3)[300] = entry(4, bad_table[i]);
		assert_int_equal(pin(1, PT_L4), -EINVAL);
		check_counts();
		mem(3)[300] = 0;
	}
	make_tree(0);
	pte_reserved_bits = 0;
	mem(4)[11] = entry(FRAMES + 1, 0);	/* nobody's frame */
	assert_int_not_equal(pin(1, PT_L4), 0);
	mem(4)[11] = pte_make(mfn_make(~0UL >> 24), PTE_P);
	assert_int_not_equal(pin(1, PT_L4), 0);
	check_counts();
}

static void a_table_below_itself_is_refused(void **state)
{
	make_tree(0);
	for (unsigned parent = 1; parent <= 3; parent++) {
		for (unsigned n = 1; n <= 4; n++) {
			uint64_t *slot = &mem(parent)[500];

			*slot = entry(n, 0);
			if (n != parent + 1)
				assert_int_not_equal(pin(1, PT_L4), 0);
			*slot = 0;
			check_counts();
		}
	}
}

static void work_is_resumed_where_it_stopped(void **state)
{
	unsigned restarts = 0;

	mem(1)[0] = entry(2, 0);
	mem(2)[0] = entry(3, 0);
	for (unsigned i = 0; i < 60; i++)
		mem(3)[i * 8] = entry(10 + i, 0);
	for (;;) {
		int rc;

		budget(100);
		rc = pin(1, PT_L4);
		check_counts();
		if (!rc)
			break;
		assert_int_equal(rc, -ERESTART);
		restarts++;
	}
	assert_in_range(restarts, 20, 60);
	unpin(1);
	for (restarts = 0; nr_held; restarts++) {
		budget(100);
		if (!type_put(held[0])) {
			frame_put(held[0]);
			nr_held = 0;
		}
		check_counts();
	}
	assert_in_range(restarts, 20, 60);
}

/* Rule: an L1 is no exception: checked and dropped in pieces, and nothing can be
 * had of it in between. */
static void an_l1_is_checked_in_pieces(void **state)
{
	unsigned restarts = 0;
	int rc;

	for (unsigned i = 0; i < 512; i++)
		mem(1)[i] = entry(2 + i % 100, i % 3 ? 0 : PTE_RW);
	for (;; restarts++) {
		budget(200);
		rc = pin(1, PT_L1);
		check_counts();
		if (rc != -ERESTART)
			break;
		assert_false(type_is_valid(fr(1), PT_L1));
		assert_int_equal(type_count(1), 1);
		assert_false(writable_get(fr(1)));
	}
	assert_int_equal(rc, 0);
	assert_in_range(restarts, 6, 20);
	unpin(1);
	for (restarts = 0; nr_held; restarts++) {
		budget(200);
		if (!type_put(held[0])) {
			frame_put(held[0]);
			nr_held = 0;
		}
		check_counts();
	}
	assert_in_range(restarts, 4, 10);
	/* and a bad entry at the end undoes the rest, in pieces, too */
	mem(1)[511] = entry(FRAMES + 1, 0);
	assert_int_not_equal(pin_fully(1, PT_L1, 200), 0);
	check_counts();
	assert_int_equal(type_count(1), 0);
}

static void what_is_given_up_half_done_can_be_pinned_apart(void **state)
{
	mem(1)[0] = entry(2, 0);
	mem(2)[0] = entry(3, 0);
	for (unsigned i = 0; i < 10; i++)
		mem(3)[i] = entry(10 + i, 0);
	budget(40);
	assert_int_equal(pin(1, PT_L4), -ERESTART);
	check_counts();
	/* the L2 inside it, on its own, while the L4 waits */
	assert_int_equal(pin_fully(3, PT_L2, 40), 0);
	check_counts();
	assert_int_equal(pin_fully(1, PT_L4, 40), 0);
	check_counts();
	unpin(3);
	unpin(1);
	drop_held(40);
	check_counts();
}

static void a_late_bad_entry_undoes_everything(void **state)
{
	mem(1)[0] = entry(2, 0);
	mem(2)[0] = entry(3, 0);
	for (unsigned i = 0; i < 30; i++)
		mem(3)[i] = entry(10 + i, 0);
	mem(3)[511] = entry(50, PTE_PSE);
	assert_int_equal(pin_fully(1, PT_L4, 40), -EINVAL);
	check_counts();
	for (unsigned n = 1; n <= FRAMES; n++)
		assert_int_equal(type_count(n), 0);
}

/* Rule: what takes long is charged where it is done, or a batch of it would
 * run for as long as it likes. */
static void long_work_is_charged(void **state)
{
	bool left;

	budget(64);
	assert_int_equal(frame_get_typed(fr(1), PT_SEGDESC, &ctx), 0);
	assert_false(budget_left(0));
	budget(2);
	assert_true(frame_get(fr(1), OWNER));	/* a page that was looked at */
	assert_int_equal(type_get(fr(1), PT_SEGDESC, &ctx, &left), 0);
	assert_true(budget_left(1));

	for (unsigned t = PT_SEGDESC; t <= PT_WRITABLE; t++) {
		unsigned before = lines_cleaned;

		fr(2)->ref |= REF_ALIAS;
		assert_true(frame_get(fr(2), OWNER));
		budget(BUDGET_PER_ENTRY);
		if (t == PT_WRITABLE)
			assert_true(writable_get(fr(2)));
		else
			assert_int_equal(type_get(fr(2), t, &ctx, &left), 0);
		assert_int_equal(lines_cleaned, before + PAGE_SIZE / 64);
		assert_false(budget_left(BUDGET_PER_ENTRY - 8));
		type_put_simple(fr(2));
		frame_put(fr(2));
	}
}

static void counts_do_not_overflow(void **state)
{
	assert_true(frame_get(fr(1), OWNER));
	assert_true(writable_get(fr(1)));
	fr(1)->use = (fr(1)->use & ~USE_COUNT) | USE_COUNT_MAX;
	assert_false(writable_get(fr(1)));
	fr(1)->use = (fr(1)->use & ~USE_COUNT) | 1;
	fr(1)->ref = (fr(1)->ref & ~REF_COUNT) | (REF_COUNT_MAX + 1);
	assert_false(frame_get(fr(1), OWNER));
}

/* --- anything in any order ----------------------------------------------- */

static unsigned any_frame(void)
{
	return 1 + (unsigned)rand() % FRAMES;
}

static enum page_type planned(unsigned n)
{
	return n <= 6 ? PT_L4 : n <= 18 ? PT_L3 : n <= 36 ? PT_L2 : n <= 70 ? PT_L1 : PT_NONE;
}

static unsigned frame_for(enum page_type t)
{
	for (;;) {
		unsigned n = any_frame();

		if (planned(n) == t)
			return n;
	}
}

static uint64_t any_entry(enum page_type t)
{
	unsigned dice = (unsigned)rand() % 100;

	if (dice < 20)
		return 0;
	if (t == PT_L1)
		return entry(dice < 60 ? 71 + (unsigned)rand() % 50 : any_frame(),
			     rand() & (PTE_RW | PTE_U | PTE_A));
	return entry(dice < 97 ? frame_for(t - 1) : any_frame(), rand() & PTE_RW);
}

static void scribble(void)
{
	unsigned n = any_frame();

	if (planned(n) == PT_NONE || (type_is_table(use_type(fr(n)->use)) && type_count(n)))
		return;		/* read-only to the guest */
	for (unsigned i = 0; i < 6; i++)
		mem(n)[(unsigned)rand() % 512] = any_entry(planned(n));
}

static void change_entry(void)
{
	unsigned n = 1 + (unsigned)rand() % 70, slot = (unsigned)rand() % 512;
	enum page_type t = planned(n);
	mfn_t drop = MFN_NONE;

	if (!type_is_valid(fr(n), t) || nr_held > FRAMES)
		return;
	if (rand() & 1)		/* often one that is there */
		for (unsigned i = 0; i < 512 && !(mem(n)[slot] & PTE_P); i++)
			slot = (slot + 1) % 512;
	if (t == PT_L1) {
		(void)!l1_update(&mem(n)[slot], any_entry(t), &ctx,
				 rand() & 1 ? PT_STORE_PLAIN : PT_STORE_KEEP_AD, NULL);
		return;
	}
	if (t == PT_L4 && slot >= HYP_SLOT_FIRST && slot <= HYP_SLOT_LAST)
		return;
	(void)!table_update(t, &mem(n)[slot], any_entry(t), &ctx, PT_STORE_PLAIN, NULL, &drop);
	if (!mfn_eq(drop, MFN_NONE))
		hold(frame_of(drop));
}

static void any_order_keeps_the_counts(void **state)
{
	unsigned pins = 0, restarts = 0;

	srand(11);
	for (int round = 0; round < 60000; round++) {
		unsigned n = 1 + (unsigned)rand() % 70;
		int rc;

		budget(1 + rand() % 200);
		switch (rand() % 8) {
		case 0: case 1: case 2:
			if (fr(n)->use & USE_PINNED)
				break;
			rc = pin(n, rand() % 20 ? planned(n) : 1 + (enum page_type)rand() % 4);
			pins += !rc;
			restarts += rc == -ERESTART;
			break;
		case 3:
			if ((fr(n)->use & USE_PINNED) && nr_held < FRAMES)
				unpin(n);
			break;
		case 4:
			if (nr_held && !type_put(held[nr_held - 1]))
				frame_put(held[--nr_held]);
			break;
		case 5: case 6:
			change_entry();
			break;
		default:
			scribble();
		}
		check_counts();
	}
	assert_in_range(pins, 1000, 60000);
	assert_in_range(restarts, 100, 60000);
	for (unsigned n = 1; n <= FRAMES; n++) {
		if (fr(n)->use & USE_PINNED)
			unpin(n);
		if (fr(n)->use & USE_SELF) {
			fr(n)->use &= ~USE_SELF;
			hold(fr(n));
		}
	}
	drop_held(1 << 30);
	check_counts();
	for (unsigned n = 1; n <= FRAMES; n++)
		assert_int_equal(type_count(n), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_tree_is_validated_and_let_go, setup),
		cmocka_unit_test_setup(entries_get_the_bits_of_the_abi, setup),
		cmocka_unit_test_setup(a_table_is_never_writable, setup),
		cmocka_unit_test_setup(another_ones_page_does_not_become_writable, setup),
		cmocka_unit_test_setup(a_writable_page_is_no_table, setup),
		cmocka_unit_test_setup(a_change_of_type_flushes_once, setup),
		cmocka_unit_test_setup(bad_entries_are_refused, setup),
		cmocka_unit_test_setup(a_table_below_itself_is_refused, setup),
		cmocka_unit_test_setup(work_is_resumed_where_it_stopped, setup),
		cmocka_unit_test_setup(an_l1_is_checked_in_pieces, setup),
		cmocka_unit_test_setup(what_is_given_up_half_done_can_be_pinned_apart, setup),
		cmocka_unit_test_setup(a_late_bad_entry_undoes_everything, setup),
		cmocka_unit_test_setup(long_work_is_charged, setup),
		cmocka_unit_test_setup(counts_do_not_overflow, setup),
		cmocka_unit_test_setup(any_order_keeps_the_counts, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
