/* SPDX-License-Identifier: MIT */
/* model.c - see model.h.
 */
#include "model.h"

#include "base/refusal.h"

struct frame frames[MODEL_FRAMES];
struct frame *const frame_table = frames;
uint64_t memory[MODEL_FRAMES][PT_ENTRIES];
uint64_t max_mfn = MODEL_FRAMES;
uint64_t tlb_clock, tlb_everywhere;
struct holders holders;
bool stale[MODEL_FRAMES];

static struct frame before[MODEL_FRAMES];
static bool flushed;

/* --- what lies around the core ---------------------------------------------- */

_Bool nondet_bool(void);
unsigned nondet_unsigned(void);
uint64_t nondet_word(void);
uint8_t nondet_byte(void);

bool any_bool(void)
{
	return nondet_bool();
}

uint64_t any_word(void)
{
	return nondet_word();
}

void bug(const char *file, int line, const char *what)
{
	__CPROVER_assert(0, "no BUG_ON fires");
	__CPROVER_assume(0);
}

/* What is said to the guest changes nothing. */
RARE_CALL void refusal_because(enum refusal_rule rule)
{
}

bool model_budget_left(void)
{
	return nondet_bool();
}

/* Where nobody else runs, what was read of a record is still there: this keeps
 * the loops round it to one turn, and says so. An entry may be another than
 * the guest expected. */
bool model_exchange(uint64_t *at, uint64_t *expected, uint64_t word)
{
	if (__CPROVER_same_object(at, memory) && *at != *expected) {
		*expected = *at;
		return false;
	}
	__CPROVER_assert(*at == *expected, "alone, a compare-and-swap succeeds");
	*at = word;
	return true;
}

/* One that remembers all that anybody may: who is asked is flush.c's and
 * race.c's question. */
void tlb_flush_since_slow(uint64_t since, uint16_t owner)
{
	tlb_everywhere = ++tlb_clock;
	flushed = true;
	for (unsigned n = 0; n < MODEL_FRAMES; n++)
		stale[n] = false;
}

void cpu_relax(void)
{
	__CPROVER_assert(0, "alone, nobody is waited for");
}

void model_look(void) { }
void model_stored(const void *at) { }

void hyp_slots_fill(uint64_t *l4, uint16_t owner)
{
	l4[HYP_SLOT_FIRST] = any_word();
}

/* Any contents will do, if they stay what they were found to be. */
bool descriptors_ok(uint64_t *page)
{
	return any_bool();
}

/* The last reference of a frame is gone. */
void frame_release(struct frame *f)
{
	__CPROVER_assert(!(f->ref & REF_COUNT), "freed only without references");
	__CPROVER_assert(!(f->use & USE_COUNT), "freed only without uses");
	f->ref = REF_RESERVED;
}

/* --- any machine -------------------------------------------------------------- */

void any_machine(void)
{
	tlb_clock = any_word();
	tlb_everywhere = any_word();
	__CPROVER_assume(tlb_clock > 0x10000 && tlb_clock < 1UL << 40);
	__CPROVER_assume(tlb_everywhere <= tlb_clock);
	pte_reserved_bits = any_word() & (PTE_NX | PTE_MFN);
	for (unsigned n = 0; n < MODEL_FRAMES; n++) {
		frames[n].ref = any_word();
		frames[n].use = any_word();
		stale[n] = any_bool();
		holders.refs[n] = nondet_byte();
		holders.writers[n] = nondet_byte();
		holders.roots[n] = nondet_byte();
		__CPROVER_assume(holders.refs[n] < 100 && holders.writers[n] < 100 &&
				 holders.roots[n] < 100);
		for (unsigned i = 0; i < PT_ENTRIES; i++)
			memory[n][i] = any_word();
	}
	holders.dropping = nondet_unsigned();
	__CPROVER_assume(holders.dropping <= NOBODY);
	invariant(true);
	for (unsigned n = 0; n < MODEL_FRAMES; n++)
		before[n] = frames[n];
	flushed = false;
}

/* --- the invariant ---------------------------------------------------------------- */

#define HOLDS(c, what) \
	do { if (assume) __CPROVER_assume(c); else __CPROVER_assert(c, what); } while (0)

/* Entry i of frame n refers to frame m: with a reference, and with a use. */
struct view {
	bool ref[MODEL_FRAMES][PT_ENTRIES][MODEL_FRAMES];
	bool use[MODEL_FRAMES][PT_ENTRIES][MODEL_FRAMES];
	uint8_t own_refs[MODEL_FRAMES], own_uses[MODEL_FRAMES];
};
static struct view seen_before, seen_after;

static bool in_use_as_table(unsigned n)
{
	return type_is_table(use_type(frames[n].use)) && (frames[n].use & USE_COUNT);
}

static unsigned entries_held(uint64_t use)
{
	if (use & USE_VALID)
		return PT_ENTRIES;
	return (unsigned)((use & USE_PROGRESS) >> USE_PROGRESS_SHIFT);
}

/* Entry i of n is the half-validated child of a half-validated table. */
static bool is_partial_child(unsigned n, unsigned i)
{
	uint64_t use = frames[n].use;

	return i == entries_held(use) && (use & USE_CHILD);
}

static bool entry_holds(unsigned n, unsigned i)
{
	if (!in_use_as_table(n) || !(memory[n][i] & PTE_P) ||
	    (use_type(frames[n].use) == PT_L4 && i >= HYP_SLOT_FIRST && i <= HYP_SLOT_LAST))
		return false;
	return i < entries_held(frames[n].use) || is_partial_child(n, i);
}

static void look(struct view *v)
{
	for (unsigned n = 0; n < MODEL_FRAMES; n++) {
		uint64_t use = frames[n].use;
		uint8_t typed = holders.writers[n] + holders.roots[n] +
				!!(use & USE_PINNED) + !!(use & USE_SELF) +
				(holders.dropping == n);

		v->own_uses[n] = typed;
		v->own_refs[n] = typed + holders.refs[n] + !!(frames[n].ref & REF_ALLOC);
		for (unsigned i = 0; i < PT_ENTRIES; i++) {
			uint64_t e = memory[n][i];
			bool l1 = use_type(use) == PT_L1, holds = entry_holds(n, i);

			for (unsigned m = 0; m < MODEL_FRAMES; m++) {
				bool counts = (frames[m].ref & REF_STATE) != REF_IO;

				v->ref[n][i][m] = holds && pte_mfn(e).n == m && (!l1 || counts);
				v->use[n][i][m] = v->ref[n][i][m] && (!l1 || (e & PTE_RW));
			}
		}
	}
}

/* What can be said of the two words alone. */
static void frame_is_sound(bool assume, unsigned n)
{
	uint64_t ref = frames[n].ref, use = frames[n].use;
	enum page_type t = use_type(use);

	HOLDS((ref & REF_STATE) == REF_USED || (ref & REF_STATE) == REF_IO ||
	      (ref & REF_STATE) == REF_RESERVED, "a frame is used or not");
	HOLDS(!(ref & REF_LENT) && t <= PT_WRITABLE && (!in_use_as_table(n) || t <= TOP),
	      "only uses of this proof");
	HOLDS((ref & REF_COUNT) >= (use & USE_COUNT), "a use has a reference");
	if ((ref & REF_STATE) != REF_USED) {
		HOLDS(!(ref & REF_COUNT) && !(use & USE_COUNT), "free implies both counts zero");
		HOLDS(ref_owner(ref) < OWNER_FIRST, "what is not used is no domain's");
		return;
	}
	HOLDS(ref_owner(ref) == GUEST || (ref_owner(ref) == OTHER && !in_use_as_table(n)),
	      "owned by a domain");
	if (!in_use_as_table(n)) {
		HOLDS(!(use & (USE_VALID | USE_PARTIAL | USE_CHILD | USE_FAILED | USE_SELF |
			       USE_PINNED | USE_PROGRESS)), "flags are tables' only");
	} else {
		HOLDS(!(use & USE_VALID) != !(use & USE_PARTIAL), "whole, or half validated");
		HOLDS(!(use & USE_PARTIAL) || (use & USE_COUNT) == 1,
		      "a half-validated table has exactly one use");
		HOLDS(!(use & USE_CHILD) || t != PT_L1, "below an L1 is no table");
		HOLDS(!(use & USE_VALID) || !(use & (USE_CHILD | USE_FAILED | USE_SELF)),
		      "whole is whole");
		HOLDS(!(use & USE_PINNED) || (use & USE_VALID), "a pinned table is whole");
		HOLDS(entries_held(use) <= PT_ENTRIES - !!(use & USE_CHILD), "progress has an end");
	}
	HOLDS(t != PT_NONE || (!stale[n] && !(use & USE_COUNT)), "no use is no use");
	HOLDS(!stale[n] || (use & USE_COUNT) || stamped(use) >= tlb_everywhere,
	      "what may be remembered is stamped so");
}

/* What holds references agrees with the kind of use. */
static void holders_agree(bool assume, unsigned n)
{
	uint64_t use = frames[n].use;
	enum page_type t = use_type(use);

	HOLDS(!holders.writers[n] || t == PT_WRITABLE, "what is written is writable");
	HOLDS(!holders.roots[n] || (type_is_table(t) && (use & USE_VALID)), "a root is whole");
	HOLDS(holders.dropping != n || type_is_table(t), "what is dropped is a table");
}

static void entry_agrees(bool assume, const struct view *v, unsigned n, unsigned i)
{
	enum page_type t = use_type(frames[n].use);
	bool half = is_partial_child(n, i), below = false;

	for (unsigned m = 0; m < MODEL_FRAMES; m++) {
		uint64_t use = frames[m].use;

		below |= v->ref[n][i][m] && frame_owner(&frames[m]) == frame_owner(&frames[n]);
		if (t == PT_L1) {
			HOLDS(!v->use[n][i][m] || use_type(use) == PT_WRITABLE,
			      "no table is writable");
			continue;
		}
		HOLDS(!v->use[n][i][m] || use_type(use) == t - 1, "a table has its own level");
		HOLDS(!v->use[n][i][m] || (use & (half ? USE_PARTIAL : USE_VALID)),
		      "a table below is whole, or half validated and noted so");
	}
	HOLDS(t == PT_L1 || !entry_holds(n, i) || below,
	      "a table below is a frame of the same domain");
	HOLDS(!in_use_as_table(n) || !half || entry_holds(n, i),
	      "a half-validated child is present");
}

/* One or two others are as good as many: saturates at 2. */
static unsigned add(unsigned sum, bool one)
{
	return sum + (one && sum < 2);
}

/* What the exact counts mean for a machine one knows nothing else of: they are
 * at least as large as what is seen to hold them. Weaker, so sound to assume. */
static void counts_suffice(const struct view *v, unsigned m)
{
	uint64_t refs = frames[m].ref & REF_COUNT, uses = frames[m].use & USE_COUNT;
	unsigned typed = 0, untyped = 0;

	typed = add(typed, holders.writers[m]);
	typed = add(typed, holders.writers[m] > 1);
	typed = add(typed, holders.roots[m]);
	typed = add(typed, holders.roots[m] > 1);
	typed = add(typed, frames[m].use & USE_PINNED);
	typed = add(typed, frames[m].use & USE_SELF);
	typed = add(typed, holders.dropping == m);
	untyped = add(untyped, holders.refs[m]);
	untyped = add(untyped, holders.refs[m] > 1);
	untyped = add(untyped, frames[m].ref & REF_ALLOC);
	for (unsigned n = 0; n < MODEL_FRAMES; n++) {
		for (unsigned i = 0; i < PT_ENTRIES; i++) {
			typed = add(typed, v->use[n][i][m]);
			untyped = add(untyped, v->ref[n][i][m] && !v->use[n][i][m]);
		}
	}
	__CPROVER_assume(uses >= typed && refs >= uses + untyped);
}

/* The counts have changed by as much as what holds them. */
static void counts_follow(unsigned m)
{
	uint64_t refs = (frames[m].ref - before[m].ref) & REF_COUNT;
	uint64_t uses = (frames[m].use - before[m].use) & USE_COUNT;

	refs -= (uint64_t)seen_after.own_refs[m] - seen_before.own_refs[m];
	uses -= (uint64_t)seen_after.own_uses[m] - seen_before.own_uses[m];
	for (unsigned n = 0; n < MODEL_FRAMES; n++) {
		for (unsigned i = 0; i < PT_ENTRIES; i++) {
			refs -= (uint64_t)seen_after.ref[n][i][m] - seen_before.ref[n][i][m];
			uses -= (uint64_t)seen_after.use[n][i][m] - seen_before.use[n][i][m];
		}
	}
	__CPROVER_assert(!(refs & 0xff), "references are those that are held");
	__CPROVER_assert(!(uses & 0xff), "uses are those that are held");
}

void invariant(bool assume)
{
	struct view *v = assume ? &seen_before : &seen_after;

	for (unsigned n = 0; n < MODEL_FRAMES; n++)
		frame_is_sound(assume, n);
	look(v);
	for (unsigned n = 0; n < MODEL_FRAMES; n++) {
		holders_agree(assume, n);
		for (unsigned i = 0; i < PT_ENTRIES; i++)
			entry_agrees(assume, v, n, i);
		if (assume)
			counts_suffice(v, n);
		else
			counts_follow(n);
	}
}

/* A use that ended is remembered by CPUs until a flush; a new one of another
 * kind, or another owner, begins only after that. */
void check_changes_of_use(void)
{
	for (unsigned n = 0; n < MODEL_FRAMES; n++) {
		uint64_t was = before[n].use, is = frames[n].use;

		if (use_type(was) != use_type(is)) {
			__CPROVER_assert(flushed || !(was & USE_COUNT),
					 "a use that ends makes room for another after a flush");
			__CPROVER_assert(!stale[n], "a type changes only when nothing is remembered");
		}
		if ((was & USE_COUNT) && !(is & USE_COUNT) && !flushed)
			stale[n] = true;
	}
}
