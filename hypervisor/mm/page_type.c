/* SPDX-License-Identifier: MIT */
/* page_type.c - what each frame is being used for.
 *
 * Guards: no frame is writable by a guest while it is a page table.
 * Invariant: a count above zero pins the type; a type changes only at zero
 * and after a flush of whatever may be remembered; a half-validated table
 * has a count of exactly one (page_type.h says whose).
 * Not here: lifetime (frame.h, owner.c), what an entry may say
 * (pt_validate.c).
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/refusal.h"
#include "cpu/insn.h"
#include "cpu/cpus.h"
#include "mm/descriptor.h"
#include "mm/hyp_slots.h"
#include "mm/page_type.h"
#include "mm/pt_validate.h"

/* Budget units of looking at a page of descriptors. */
#define DESCRIPTOR_UNITS	260
/* And of cleaning a frame out of the caches. */
#define CLEAN_UNITS	8
#define CACHE_LINE	64
/* Entries looked at between two looks at the budget, and the units of that;
 * of taking and giving back what an L1's entry holds, and what another's.
 * Entries that are not present, found together, cost next to nothing. */
#define CHUNK		32U
#define CHUNK_UNITS	4
#define SKIPPED_A_UNIT	24
#define ENTRY_UP_UNITS	7
#define ENTRY_DOWN_UNITS 4
#define TABLE_UNITS	11

static unsigned use_progress(uint64_t use)
{
	return (unsigned)((use & USE_PROGRESS) >> USE_PROGRESS_SHIFT);
}

static void set_progress(struct frame *f, unsigned i, uint64_t child)
{
	f->use = (f->use & ~(USE_PROGRESS | USE_CHILD)) | child |
		 (uint64_t)i << USE_PROGRESS_SHIFT;
}

/* Entries that are ours in every L4 hold no references. */
static bool slot_is_guests(enum page_type t, unsigned i)
{
	return t != PT_L4 || i < HYP_SLOT_FIRST || i > HYP_SLOT_LAST;
}

void frame_clean_caches(const struct frame *f)
{
	const char *page = mfn_to_virt(mfn_of(f));

	for (unsigned i = 0; i < PAGE_SIZE; i += CACHE_LINE)
		clflush(page + i);
	(void)budget_left(CLEAN_UNITS);
}

/* The frame has left the type in `use`, whose count was zero, and is not yet
 * used as what it became: whoever may remember it as what it was forgets it.
 * The stamp is compared with the clock as it is now: that it is the one of
 * the last use is sure since the exchange that ended this type. */
static void forget_old_type(const struct frame *f, uint64_t use)
{
	uint64_t ref = READ_ONCE(f->ref);

	if (use_type(use) != PT_NONE)
		tlb_flush_since(use_stamp(use), ref & REF_FOREIGN ? 0 : ref_owner(ref));
	if (unlikely(ref & REF_ALIAS))
		frame_clean_caches(f);
}

/* The word as it is when no CPU is changing the type. Who does waits for
 * nothing but other CPUs' flushes, which are done while we wait. */
static uint64_t settled(const struct frame *f)
{
	uint64_t x;

	while (unlikely(use_type(x = READ_ONCE(f->use)) == PT_CHANGING))
		cpu_relax();
	return x;
}

/* Why it cannot become something else. */
static RARE_CALL void because_in_use(uint64_t use)
{
	static const uint8_t rules[] = {
		[PT_L1] = RULE_IS_L1, [PT_L2] = RULE_IS_L2, [PT_L3] = RULE_IS_L3,
		[PT_L4] = RULE_IS_L4, [PT_SEGDESC] = RULE_IS_DESCRIPTORS,
		[PT_WRITABLE] = RULE_IS_WRITABLE,
	};
	unsigned t = use_type(use);

	refusal_because(t < sizeof(rules) && rules[t] ? rules[t] : RULE_IN_USE);
}

/* The first present entry at i or above, below end; else end. Most tables are
 * nearly empty: eight at a time. */
static unsigned next_present(const uint64_t *pt, unsigned i, unsigned end)
{
	const uint64_t *p = pt + i;

	for (; p + 8 <= pt + end; p += 8)
		if ((p[0] | p[1] | p[2] | p[3] | p[4] | p[5] | p[6] | p[7]) & PTE_P)
			break;
	while (p < pt + end && !(*p & PTE_P))
		p++;
	return (unsigned)(p - pt);
}

/* The last present one below i, plus one; else 0. */
static unsigned last_present(const uint64_t *pt, unsigned i)
{
	const uint64_t *p = pt + i;

	for (; p >= pt + 8; p -= 8)
		if ((p[-1] | p[-2] | p[-3] | p[-4] | p[-5] | p[-6] | p[-7] | p[-8]) & PTE_P)
			break;
	while (p > pt && !(p[-1] & PTE_P))
		p--;
	return (unsigned)(p - pt);
}

/* An L1's entries, from `progress` on; the budget is asked after each chunk.
 * 0, -ERESTART, or the error of the entry at `progress`. */
static int l1_up(struct frame *f, const struct pt_ctx *c)
{
	uint64_t *pt = mfn_to_virt(mfn_of(f));
	unsigned i = use_progress(f->use);

	while (i < PT_ENTRIES) {
		const unsigned from = next_present(pt, i, PT_ENTRIES);
		const unsigned end = MIN(from + CHUNK, PT_ENTRIES);
		int units = CHUNK_UNITS + (from - i) / SKIPPED_A_UNIT;

		for (i = from; i < end; i++) {
			uint64_t e = pt[i];
			int rc;

			if (!(e & PTE_P))
				continue;
			e = l1_adjust(e);
			rc = l1_entry_get(e, c);
			if (unlikely(rc)) {
				(void)budget_left(units);
				set_progress(f, i, 0);
				return rc;
			}
			pt[i] = e;
			units += ENTRY_UP_UNITS;
		}
		if (!budget_left(units) && i < PT_ENTRIES) {
			set_progress(f, i, 0);
			return -ERESTART;
		}
	}
	return 0;
}

/* The same downwards. */
static int l1_down(struct frame *f)
{
	const uint64_t *pt = mfn_to_virt(mfn_of(f));
	unsigned i = use_progress(f->use);

	while (i) {
		const unsigned from = last_present(pt, i);
		const unsigned end = from > CHUNK ? from - CHUNK : 0;
		int units = CHUNK_UNITS + (i - from) / SKIPPED_A_UNIT;

		for (i = from; i > end; i--) {
			if (!(pt[i - 1] & PTE_P))
				continue;
			l1_entry_put(pt[i - 1]);
			units += ENTRY_DOWN_UNITS;
		}
		if (!budget_left(units) && i) {
			set_progress(f, i, 0);
			return -ERESTART;
		}
	}
	set_progress(f, 0, 0);
	return 0;
}

static int type_up(struct frame *f, const struct pt_ctx *c);
static int type_down(struct frame *f);

static void became_valid(struct frame *f)
{
	f->use = (f->use & ~(USE_PARTIAL | USE_PROGRESS | USE_CHILD)) | USE_VALID;
}

static void became_unused(struct frame *f)
{
	__atomic_store_n(&f->use, use_make(use_type(f->use), 0) | stamp_now(),
			 __ATOMIC_RELEASE);
}

/* Go on with a table whose one reference is the caller's. 0: valid. An
 * error: the reference is gone. -ERESTART: as before. */
static int resume_held(struct frame *f, const struct pt_ctx *c)
{
	int rc;

	if (f->use & USE_VALID)
		return 0;	/* somebody else finished it */
	rc = f->use & USE_FAILED ? REFUSE(-EINVAL, HALF_DONE) : type_up(f, c);
	if (rc == 0 || rc == -ERESTART)
		return rc;
	if (type_down(f))
		return -ERESTART;
	became_unused(f);
	return rc;
}

/* Entry i of a table above the L1s; what stops there is noted. */
static int entry_up(struct frame *f, enum page_type t, unsigned i, const struct pt_ctx *c)
{
	uint64_t *pt = mfn_to_virt(mfn_of(f)), e = READ_ONCE(pt[i]);
	bool left = false;
	int rc;

	if (f->use & USE_CHILD) {
		struct frame *child = frame_of(pte_mfn(e));

		rc = resume_held(child, c);
		if (rc == -ERESTART)
			return rc;
		set_progress(f, i, 0);
		if (rc)
			frame_put(child);
		return rc;
	}
	rc = table_entry_get(&e, t - 1, c, &left);
	if (!rc || left)
		pt[i] = e;
	if (rc)
		set_progress(f, i, left ? USE_CHILD : 0);
	return rc;
}

/* Check entries from `progress` on. An error leaves USE_FAILED. */
static int type_up(struct frame *f, const struct pt_ctx *c)
{
	enum page_type t = use_type(f->use);
	uint64_t *pt = mfn_to_virt(mfn_of(f));
	unsigned i = use_progress(f->use);
	int rc = 0;

	if (t == PT_L1) {
		rc = l1_up(f, c);
		goto out;
	}
	if (t == PT_L4)
		hyp_slots_fill(pt, c->tables);
	while (i < PT_ENTRIES) {
		const unsigned from = next_present(pt, i, PT_ENTRIES);
		const int units = TABLE_UNITS + (from - i) / SKIPPED_A_UNIT;

		i = from;
		if (i < PT_ENTRIES) {
			rc = slot_is_guests(t, i) ? entry_up(f, t, i, c) : 0;
			if (rc)
				goto out;
			i++;
		}
		if (!budget_left(units) && i < PT_ENTRIES) {
			set_progress(f, i, 0);
			return -ERESTART;
		}
	}
out:
	if (!rc)
		became_valid(f);
	else if (rc != -ERESTART)
		f->use |= USE_FAILED;
	return rc;
}

/* Drop what entries below `progress` hold. 0 when nothing is held. */
static int type_down(struct frame *f)
{
	enum page_type t = use_type(f->use);
	uint64_t *pt = mfn_to_virt(mfn_of(f));
	unsigned i;

	if (f->use & USE_VALID)
		f->use = (f->use & ~(USE_VALID | USE_PROGRESS)) | USE_PARTIAL |
			 (uint64_t)PT_ENTRIES << USE_PROGRESS_SHIFT;
	i = use_progress(f->use);
	if (t == PT_L1)
		return l1_down(f);
	if (f->use & USE_CHILD) {
		if (table_entry_put(pt[i]))
			return -ERESTART;
		set_progress(f, i, 0);
	}
	while (i > 0) {
		const unsigned from = last_present(pt, i);
		const int units = TABLE_UNITS + (i - from) / SKIPPED_A_UNIT;

		i = from;
		if (i > 0 && slot_is_guests(t, --i) && table_entry_put(pt[i])) {
			set_progress(f, i, USE_CHILD);
			return -ERESTART;
		}
		if (!budget_left(units) && i > 0) {
			set_progress(f, i, 0);
			return -ERESTART;
		}
	}
	set_progress(f, 0, 0);
	return 0;
}

/* A half-validated table that another reference holds: finish it, and have
 * a reference too. */
static int join_partial(struct frame *f, const struct pt_ctx *c)
{
	bool self = f->use & USE_SELF;
	int rc;

	if (f->use & USE_FAILED)
		rc = REFUSE(-EINVAL, HALF_DONE);
	else
		rc = type_up(f, c);
	if (rc == -ERESTART)
		return rc;
	if (!self) {
		if (!rc)
			f->use++;
		return rc;	/* if it failed, its holder undoes it */
	}
	if (rc && type_down(f))
		return -ERESTART;
	if (rc)
		became_unused(f);
	else
		f->use &= ~USE_SELF;	/* its own reference becomes the caller's */
	frame_put(f);
	return rc;
}

/* tour 11: a frame is to be used as something: only if it is not something else.
 * All who want it as a table or as descriptors hold the lock, and nobody finds
 * it so before it is checked: the flush may come after the exchange. */
int type_get(struct frame *f, enum page_type t, const struct pt_ctx *c, bool *left)
{
	uint64_t x = READ_ONCE(f->use), y;
	int rc;

	do {
		if (unlikely(use_type(x) == PT_CHANGING))
			x = settled(f);
		if ((x & USE_COUNT) >= USE_COUNT_MAX)
			return -EINVAL;
		if (x & USE_COUNT) {
			if (use_type(x) != t) {
				because_in_use(x);
				return -EINVAL;
			}
			if (x & USE_PARTIAL)
				return join_partial(f, c);
			y = x + 1;
		} else {
			y = use_make(t, 1) | (x & USE_STAMP) |
			    (type_is_table(t) ? USE_PARTIAL : 0);
		}
	} while (!__atomic_compare_exchange_n(&f->use, &x, y, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	if (!(x & USE_COUNT) && use_type(x) != t)
		forget_old_type(f, x);
	/* Descriptors stay checked while the frame has been nothing else. */
	if (t == PT_SEGDESC && use_type(x) != PT_SEGDESC) {
		(void)budget_left(DESCRIPTOR_UNITS);
		if (!descriptors_ok(mfn_to_virt(mfn_of(f)))) {
			__atomic_store_n(&f->use, use_make(PT_NONE, 0) | (f->use & USE_STAMP),
					 __ATOMIC_RELEASE);
			return REFUSE(-EINVAL, BAD_DESCRIPTOR);
		}
	}
	if (!(y & USE_PARTIAL))
		return 0;
	rc = resume_held(f, c);
	if (rc == -ERESTART)
		*left = true;
	return rc;
}

int type_put(struct frame *f)
{
	uint64_t x = READ_ONCE(f->use);

	BUG_ON(!(x & USE_COUNT));
	if (!type_is_table(use_type(x))) {
		type_put_simple(f);
		return 0;
	}
	if ((x & USE_COUNT) > 1) {
		f->use = x - 1;
		return 0;
	}
	if (type_down(f))
		return -ERESTART;
	became_unused(f);
	return 0;
}

/* The caller's reference on the frame is given back where it gets no use of it. */
static __attribute__((noinline))
int get_another_type(struct frame *f, enum page_type t, const struct pt_ctx *c)
{
	bool left = false;
	int rc = type_get(f, t, c, &left);

	if (left)
		f->use |= USE_SELF;
	else if (rc)
		frame_put(f);
	return rc;
}

int frame_get_typed(struct frame *f, enum page_type t, const struct pt_ctx *c)
{
	if (!frame_get(f, c->tables))
		return REFUSE(-EINVAL, NOT_OWN);
	return likely(type_get_more(f, t)) ? 0 : get_another_type(f, t, c);
}

/* The frame may be mapped writable only after the flush, and others may want
 * it writable as well, without a lock: hence the state in between. */
bool type_become_writable(struct frame *f)
{
	uint64_t x = READ_ONCE(f->use), y;

	do {
		if (unlikely(use_type(x) == PT_CHANGING))
			x = settled(f);
		if ((x & USE_COUNT) >= USE_COUNT_MAX)
			return false;
		if (use_type(x) != PT_WRITABLE && (x & USE_COUNT)) {
			because_in_use(x);
			return false;
		}
		if (use_type(x) == PT_WRITABLE)
			y = x + 1;
		else
			y = use_make(PT_CHANGING, 1) | (x & USE_STAMP);
	} while (!__atomic_compare_exchange_n(&f->use, &x, y, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	if (use_type(y) == PT_CHANGING) {
		forget_old_type(f, x);
		__atomic_store_n(&f->use, use_make(PT_WRITABLE, 1) | (x & USE_STAMP),
				 __ATOMIC_RELEASE);
	}
	return true;
}

/* While our use keeps the type, for one that is very old. */
static RARE_CALL void renew_stamp(struct frame *f, uint64_t x)
{
	(void)__atomic_compare_exchange_n(&f->use, &x, (x & ~USE_STAMP) | stamp_now(), false,
					  __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/* Stamped each time, not only the last: else another use could come and go
 * after our look at the clock, and the word be the same as before. It could be
 * so, too, if the stamp that it has is one the clock comes by soon: one that is
 * half a round old is first replaced. The clock does not get as far as that
 * again before this CPU has flushed (cpu/tlb.c). */
void type_put_simple(struct frame *f)
{
	uint64_t x = READ_ONCE(f->use), y;

	for (;;) {
		BUG_ON(!(x & USE_COUNT));
		y = ((x - 1) & ~USE_STAMP) | stamp_now();
		if (unlikely((int64_t)(y + 1 - x) < 0)) {
			renew_stamp(f, x);
			x = READ_ONCE(f->use);
			continue;
		}
		if (__atomic_compare_exchange_n(&f->use, &x, y, false,
						__ATOMIC_RELEASE, __ATOMIC_RELAXED))
			return;
	}
}
