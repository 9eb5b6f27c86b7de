/* SPDX-License-Identifier: MIT */
/* race.c - one CPU inside an operation while others do theirs.
 *
 * Guards: a frame's two words when several CPUs change them. One CPU runs the
 * real code of STEP; wherever it compares and swaps, asks for its budget or
 * takes a flush, the others may do whole steps, up to TURNS in all. Their
 * steps are written down below as one transition each (the rely), and every
 * swap of the real code must be such a transition, or the lock holder's (the
 * guarantee): so the proof holds for any number of CPUs that keep to it, and
 * the operations of this file are shown to keep to it.
 * Others do not hold the PAGE_TABLES lock of the owner; the real code may.
 */
#include "model.h"

/* How many steps of others at most, and how many of them in one place. */
#ifndef TURNS
#define TURNS		2
#endif
#ifndef TURNS_AT_ONCE
#define TURNS_AT_ONCE	1
#endif

struct frame frames[MODEL_FRAMES];
struct frame *const frame_table = frames;
uint64_t memory[MODEL_FRAMES][PT_ENTRIES];
uint64_t max_mfn = MODEL_FRAMES;
uint16_t tlb_clock;

/* References on frame 0, by others and by the CPU at work. */
static uint8_t their_refs, their_writers, our_refs, our_writers, our_tables, our_segments;
static bool remembered;		/* a translation from the last use may be in a TLB */
static unsigned turns;
static uint16_t clock_then;	/* when the operation began */

_Bool nondet_bool(void);
uint64_t nondet_word(void);
uint16_t nondet_clock(void);
uint8_t nondet_byte(void);

#define F	(&frames[0])

void bug(const char *file, int line, const char *what)
{
	__CPROVER_assert(0, "no BUG_ON fires");
	__CPROVER_assume(0);
}

void frame_release(struct frame *f)
{
	__CPROVER_assert(!(f->ref & REF_COUNT) && !(f->use & USE_COUNT),
			 "free implies both counts zero");
	__CPROVER_assert(!their_refs && !their_writers, "free means that nobody refers to it");
	f->ref = REF_RESERVED;
}

void hyp_slots_fill(uint64_t *l4, uint16_t owner) { }

/* Every use that is counted is somebody's, and of one kind. */
static void check(void)
{
	uint64_t use = F->use;
	enum page_type t = use_type(use);
	unsigned writers = their_writers + our_writers;

	__CPROVER_assert((use & USE_COUNT) == writers + our_tables + our_segments,
			 "uses are those that are held");
	__CPROVER_assert(!(writers && (our_tables || our_segments)), "no table is writable");
	__CPROVER_assert(!writers || t == PT_WRITABLE, "what is written is writable");
	__CPROVER_assert(!our_tables || type_is_table(t), "a table is a table");
	__CPROVER_assert(!our_segments || t == PT_SEGDESC, "descriptors are descriptors");
	__CPROVER_assert((use & USE_COUNT) || !remembered || use_stamp(use) == tlb_clock,
			 "what may be remembered is stamped so");
}

void tlb_flush_all(void)
{
	tlb_clock++;
	/* translations of a use that goes on come back; this one's end will count */
	remembered = false;
}

/* One other CPU's whole step. What is not possible now is no step. */
static void one_turn(void)
{
	uint64_t use = F->use, ref = F->ref;

	if (nondet_bool()) {			/* frame_get, frame_put */
		if (nondet_bool()) {
			if ((ref & REF_STATE) == REF_USED && (ref & REF_COUNT)) {
				F->ref = ref + 1;
				their_refs++;
			}
		} else if (their_refs) {
			their_refs--;
			frame_put(F);
		}
	} else if (nondet_bool()) {		/* writable_get, by who has a reference */
		if (!their_refs)
			return;
		if ((use & USE_COUNT) && use_type(use) != PT_WRITABLE)
			return;
		if (use_type(use) != PT_WRITABLE && use_type(use) != PT_NONE)
			tlb_flush_all();
		if (use_type(use) == PT_WRITABLE)
			F->use = use + 1;
		else
			F->use = use_make(PT_WRITABLE, 1) | (use & USE_STAMP);
		their_refs--;
		their_writers++;
	} else if (their_writers) {		/* writable_put */
		their_writers--;
		their_refs++;
		F->use = ((use - 1) & ~USE_STAMP) | (uint64_t)tlb_clock << USE_STAMP_SHIFT;
		remembered = true;
	} else {
		tlb_flush_all();
	}
}

static void others(void)
{
	check();
	for (unsigned i = 0; i < TURNS_AT_ONCE; i++) {
		if (turns == TURNS || !nondet_bool())
			return;
		turns++;
		one_turn();
		check();
	}
}

bool model_budget_left(void)
{
	return nondet_bool();
}

/* A swap of the real code: what it may do to the word, and whose it is then. */
static void guarantee(uint64_t was, uint64_t is)
{
	uint64_t n = was & USE_COUNT, m = is & USE_COUNT;

	__CPROVER_assert(m == n + 1 || m + 1 == n, "one at a time");
	if (use_type(was) != use_type(is)) {
		__CPROVER_assert(!n, "a type changes only at count zero");
		__CPROVER_assert(!remembered, "and only when nothing is remembered");
	}
	/* each put is stamped with a time after its mapping was gone */
	if (m < n)
		__CPROVER_assert((uint16_t)(use_stamp(is) - clock_then) <= TURNS,
				 "a use that ends is stamped");
	if (m > n && use_type(is) == PT_WRITABLE)
		our_writers++;
	else if (m > n && use_type(is) == PT_SEGDESC)
		our_segments++;
	else if (m > n)
		our_tables++;
	else if (use_type(is) == PT_WRITABLE)
		our_writers--;
	else
		our_segments--;
}

bool model_exchange(uint64_t *at, uint64_t *expected, uint64_t word)
{
	others();
	if (*at != *expected) {
		*expected = *at;
		return false;
	}
	if (at == &F->use)
		guarantee(*at, word);
	*at = word;
	return true;
}

bool descriptors_ok(uint64_t *page)
{
	return true;
}

/* --- operations of the CPU at work ------------------------------------------- */

static void get_writable(void)
{
	if (writable_get(F))
		__CPROVER_assert(our_writers == 1, "a success is a use");
	else
		__CPROVER_assert(!our_writers, "a failure is none");
}

static void put_writable(void)
{
	writable_put(F);
	__CPROVER_assert(!our_writers, "given back");
}

static void get_and_put_frame(void)
{
	if (!frame_get(F, GUEST))
		return;
	our_refs++;
	others();
	__CPROVER_assert((F->ref & REF_STATE) == REF_USED && frame_owner(F) == GUEST,
			 "what is referred to stays its owner's");
	our_refs--;
	frame_put(F);
}

/* Under the lock: a page without present entries becomes an L1. */
static void get_table(void)
{
	const struct pt_ctx c = { .tables = GUEST, .pages = GUEST };
	bool left = false;
	int rc = type_get(F, PT_L1, &c, &left);

	others();
	__CPROVER_assert(!left, "an L1 is validated at once");
	__CPROVER_assert(!rc == our_tables, "a success is a use");
	__CPROVER_assert(rc || type_is_valid(F, PT_L1), "and a whole table");
}

int main(void)
{
	uint64_t stamp = (uint64_t)nondet_clock() << USE_STAMP_SHIFT;
	enum page_type t = nondet_bool() ? PT_WRITABLE : nondet_bool() ? PT_L1 :
			   nondet_bool() ? PT_SEGDESC : PT_NONE;

	tlb_clock = nondet_clock();
	their_refs = nondet_byte();
	their_writers = nondet_byte();
	our_writers = STEP_WRITERS;
	our_refs = !our_writers;
	/* a writer that lets go has taken its mapping out by then */
	remembered = our_writers || nondet_bool();
	__CPROVER_assume(their_refs < 3 && their_writers < 3);
	__CPROVER_assume(t == PT_WRITABLE || !(their_writers + our_writers));
	__CPROVER_assume(t != PT_NONE || !remembered);
	F->use = use_make(t, their_writers + our_writers) | stamp;
	F->ref = REF_USED | (uint64_t)GUEST << REF_OWNER_SHIFT |
		 (their_refs + their_writers + our_refs + our_writers);
	__CPROVER_assume((F->use & USE_COUNT) || !remembered || use_stamp(F->use) == tlb_clock);
	/* the last stamp is not so old that the next flushes come round to it */
	__CPROVER_assume((uint16_t)(use_stamp(F->use) - tlb_clock - 1) >= TURNS);
	clock_then = tlb_clock;
	STEP();
	check();
	return 0;
}
