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

/* How far ahead of a CPU's last flush the clock may be: cpu/tlb.c, flush.c. */
#ifndef AHEAD
#define AHEAD		0x8000
#endif

struct frame frames[MODEL_FRAMES];
struct frame *const frame_table = frames;
uint64_t memory[MODEL_FRAMES][PT_ENTRIES];
uint64_t max_mfn = MODEL_FRAMES;
uint64_t tlb_clock, tlb_everywhere;
struct cpu model_cpu[MODEL_CPUS];	/* one: any of all, perhaps the one at work */

/* References on frame 0, by others and by the CPU at work. */
static uint8_t their_refs, their_writers, our_refs, our_writers, our_tables, our_segments;
/* A change to writable under way: one use, and nobody's yet. */
static uint8_t their_change, our_change;
/* A translation from the last use may be in that CPU's TLB. */
static bool remembered[MODEL_CPUS];
static bool it_is_ours;
static unsigned turns;
static uint64_t clock_then;	/* when the operation began */
static uint64_t our_flush;	/* not before the last flush of the CPU at work */

_Bool nondet_bool(void);
uint64_t nondet_word(void);
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

/* CPU c runs on tables that may have the frame. */
static bool may_remember(unsigned c)
{
	return model_cpu[c].tlb_owner == GUEST || (F->ref & REF_FOREIGN);
}

/* Every use that is counted is somebody's, and of one kind. */
static void check(void)
{
	uint64_t use = F->use;
	enum page_type t = use_type(use);
	unsigned writers = their_writers + our_writers;

	__CPROVER_assert((use & USE_COUNT) ==
			 writers + our_tables + our_segments + their_change + our_change,
			 "uses are those that are held");
	__CPROVER_assert((t == PT_CHANGING) == (their_change || our_change),
			 "who changes a type says so");
	__CPROVER_assert(!(writers && (our_tables || our_segments)), "no table is writable");
	__CPROVER_assert(!writers || t == PT_WRITABLE, "what is written is writable");
	__CPROVER_assert(!our_tables || type_is_table(t), "a table is a table");
	__CPROVER_assert(!our_segments || t == PT_SEGDESC, "descriptors are descriptors");
	for (unsigned c = 0; c < MODEL_CPUS; c++) {
		__CPROVER_assert(!remembered[c] || may_remember(c), "by whom it may be");
		if ((use & USE_COUNT) || !remembered[c])
			continue;
		__CPROVER_assert(model_cpu[c].tlb_flushed <= stamped(use),
				 "what may be remembered is stamped so");
		__CPROVER_assert(tlb_everywhere <= stamped(use), "and not held for flushed");
	}
}

static void flush_cpu(unsigned c)
{
	model_cpu[c].tlb_flushed = ++tlb_clock;
	/* translations of a use that goes on come back; this one's end will count */
	remembered[c] = false;
}

/* What flush.c shows of cpu/tlb.c, and no more: CPUs that it concerns and that
 * have not flushed since. */
static void flush_since(uint64_t since, uint16_t owner)
{
	for (unsigned c = 0; c < MODEL_CPUS; c++)
		if (model_cpu[c].tlb_flushed <= since &&
		    (!owner || model_cpu[c].tlb_owner == owner))
			flush_cpu(c);
}

static void others(void);

void tlb_flush_since_slow(uint64_t since, uint16_t owner)
{
	others();
	flush_since(since, owner);
	our_flush = tlb_clock;
	others();
}

/* As forget_old_type() has it, for a whole step of another CPU. */
static void their_flush(uint64_t use)
{
	if (use_type(use) != PT_NONE)
		flush_since(stamped(use), F->ref & REF_FOREIGN ? 0 : GUEST);
}

static void finish_their_change(void)
{
	F->use = use_make(PT_WRITABLE, 1) | (F->use & USE_STAMP);
	their_change = 0;
	their_writers++;
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
		their_refs--;
		if (use_type(use) == PT_WRITABLE) {
			F->use = use + 1;
			their_writers++;
		} else {
			F->use = use_make(PT_CHANGING, 1) | (use & USE_STAMP);
			their_change = 1;
			their_flush(use);
		}
	} else if (their_change) {		/* the flush is over */
		finish_their_change();
	} else if (their_writers && nondet_bool()) {	/* a stamp that was too old */
		F->use = (use & ~USE_STAMP) | stamp_now();
	} else if (their_writers) {		/* writable_put */
		their_writers--;
		their_refs++;
		F->use = ((use - 1) & ~USE_STAMP) | stamp_now();
		for (unsigned c = 0; c < MODEL_CPUS; c++)
			remembered[c] |= may_remember(c) && nondet_bool();
	} else {				/* many flushes elsewhere */
		tlb_clock += nondet_word() & TIMES;
		if (!it_is_ours && nondet_bool())
			flush_cpu(0);
		/* as far as the clock goes ahead of this CPU: flush.c */
		__CPROVER_assume(tlb_clock - our_flush < AHEAD);
	}
}

void cpu_relax(void)
{
	if (their_change)
		finish_their_change();
}

void model_look(void) { }

/* A word was stored without a comparison. */
void model_stored(const void *at)
{
	if (at != &F->use || use_type(F->use) != PT_WRITABLE)
		return;
	__CPROVER_assert(our_change, "only what we change");
	our_change = 0;
	our_writers++;
	for (unsigned c = 0; c < MODEL_CPUS; c++)
		__CPROVER_assert(!remembered[c], "writable only when nothing is remembered");
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

	if (m == n) {
		__CPROVER_assert(!((was ^ is) & ~USE_STAMP) && our_writers,
				 "a stamp alone is written by who keeps the type");
		return;
	}
	__CPROVER_assert(m == n + 1 || m + 1 == n, "one at a time");
	__CPROVER_assert(use_type(was) == use_type(is) || !n, "a type changes only at count zero");
	__CPROVER_assert(use_type(is) != PT_WRITABLE || use_type(was) == PT_WRITABLE,
			 "what becomes writable waits for its flush");
	/* each put is stamped with a time after its mapping was gone */
	if (m < n)
		__CPROVER_assert(stamped(is) >= clock_then, "a use that ends is stamped");
	if (m > n && use_type(is) == PT_CHANGING)
		our_change++;
	else if (m > n && use_type(is) == PT_WRITABLE)
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

/* Looked at after the flush, by the only one who may find it so. */
bool descriptors_ok(uint64_t *page)
{
	for (unsigned c = 0; c < MODEL_CPUS; c++)
		__CPROVER_assert(!remembered[c], "checked only when nothing is remembered");
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
	uint64_t stamp = (nondet_word() & TIMES) << USE_STAMP_SHIFT;
	enum page_type t = nondet_bool() ? PT_WRITABLE : nondet_bool() ? PT_L1 :
			   nondet_bool() ? PT_SEGDESC : PT_NONE;

	tlb_clock = 0x20000 + (nondet_word() & (TIMES & 0xffff));
	tlb_everywhere = 0x10000 + (nondet_word() & TIMES);
	their_refs = nondet_byte();
	their_writers = nondet_byte();
	our_writers = STEP_WRITERS;
	our_refs = !our_writers;
	__CPROVER_assume(their_refs < 3 && their_writers < 3);
	__CPROVER_assume(t == PT_WRITABLE || !(their_writers + our_writers));
	F->use = use_make(t, their_writers + our_writers) | stamp;
	F->ref = REF_USED | (uint64_t)GUEST << REF_OWNER_SHIFT | (nondet_bool() ? REF_FOREIGN : 0) |
		 (their_refs + their_writers + our_refs + our_writers);
	for (unsigned c = 0; c < MODEL_CPUS; c++) {
		model_cpu[c].tlb_flushed = 0x10000 + (nondet_word() & TIMES);
		model_cpu[c].tlb_owner = nondet_bool() ? GUEST : OTHER;
		remembered[c] = nondet_bool();
		__CPROVER_assume(model_cpu[c].tlb_flushed <= tlb_clock &&
				 model_cpu[c].tlb_flushed >= tlb_everywhere);
		__CPROVER_assume(!remembered[c] ||
				 (may_remember(c) && t != PT_NONE &&
				  ((F->use & USE_COUNT) ||
				   model_cpu[c].tlb_flushed <= stamped(F->use))));
	}
	it_is_ours = nondet_bool();
	clock_then = our_flush = tlb_clock;
	STEP();
	check();
	return 0;
}
