/* SPDX-License-Identifier: MIT */
/* flush.c - CPUs, what each remembers of one page-table entry, and the
 * flushes of cpu/tlb.c.
 *
 * Guards: what mm/page_type.c is promised. The entry is present until somebody
 * takes it out and looks at the clock (`when`). A CPU that runs on the owner's
 * tables may walk them at any time: then it remembers the entry if it was
 * there. Others do whole steps wherever the real code of CPU 0 looks at a word
 * of theirs, sends a request or waits: walk, flush, go from one domain to
 * another (in two steps), take the entry out. TURNS bounds how many.
 */
#include "base/log.h"
#include "cpu/bits.h"
#include "cpu/cpus.h"
#include "cpu/tlb.h"

#ifndef TURNS
#define TURNS	3
#endif
#define MINE	3u		/* owner of the tables */
#define ANOTHER	4u

struct cpu model_cpu[MODEL_CPUS];
uint64_t cpus_online = (1u << MODEL_CPUS) - 1;
static unsigned acting, turns;
static bool present, remembered[MODEL_CPUS];
static bool foreign;		/* others' tables may have it as well */
static uint64_t when;		/* the clock, read after it was taken out */

_Bool nondet_bool(void);
unsigned nondet_unsigned(void);
uint64_t nondet_word(void);

void bug(const char *file, int line, const char *what)
{
	__CPROVER_assert(0, "no BUG_ON fires");
}

/* May c walk tables that have the entry? */
static bool walks(const struct cpu *c)
{
	if (c->tlb_owner == TLB_NOBODY)
		return false;
	return c->tlb_owner == TLB_ANYBODY || (uint16_t)c->tlb_owner == MINE || foreign;
}

static void flush(unsigned c)
{
	model_cpu[c].tlb_flushed = ++tlb_clock;
	remembered[c] = false;
}

/* Sound at every moment: what is remembered is remembered by who may walk, and
 * from before the time of the stamp; the last common flush is not overstated. */
static void check(void)
{
	for (unsigned c = 0; c < MODEL_CPUS; c++) {
		__CPROVER_assert(!remembered[c] || walks(&model_cpu[c]),
				 "only who may walk remembers");
		__CPROVER_assert(!remembered[c] || present || model_cpu[c].tlb_flushed <= when,
				 "a flush that is noted was one");
		__CPROVER_assert(!remembered[c] || present || when >= tlb_everywhere,
				 "that all have flushed is so");
	}
	__CPROVER_assert(tlb_everywhere <= tlb_clock, "nothing is of the future");
}

/* A step of another CPU, or a walk of ours. */
static void one_turn(void)
{
	unsigned c = nondet_unsigned();

	__CPROVER_assume(c < MODEL_CPUS);
	if (nondet_bool()) {
		if (present && walks(&model_cpu[c]))
			remembered[c] = true;
	} else if (!c || nondet_bool()) {
		if (present) {
			present = false;
			when = tlb_clock;
		}
	} else if (model_cpu[c].tlb_owner == TLB_ANYBODY) {
		flush(c);
		model_cpu[c].tlb_owner = nondet_bool() ? TLB_NOBODY :
				    TLB_OWNER(nondet_bool() ? MINE : ANOTHER, c);
	} else if (nondet_bool()) {
		model_cpu[c].tlb_owner = TLB_ANYBODY;
	} else if (model_cpu[c].tlb_owner != TLB_NOBODY) {
		flush(c);
	}
}

void model_look(void)
{
	if (acting || turns == TURNS || !nondet_bool())
		return;
	turns++;
	one_turn();
}

void model_stored(const void *at)
{
	check();
}

bool model_exchange(uint64_t *at, uint64_t *expected, uint64_t word)
{
	return false;
}

struct cpu *this_cpu(void)
{
	return &model_cpu[acting];
}

void cpu_request(struct cpu *c, uint32_t bits)
{
	c->requests |= bits;
	model_look();
}

void cpu_relax(void)
{
	for (unsigned c = 1; c < MODEL_CPUS; c++) {
		if (!model_cpu[c].requests)
			continue;
		model_cpu[c].requests = 0;
		acting = c;
		tlb_serve();
		acting = 0;
	}
	model_look();
}

uint64_t read_cr4(void)
{
	return CR4_PGE;
}

void write_cr4(uint64_t v)
{
	if (v & CR4_PGE)
		return;
	remembered[acting] = false;
	for (unsigned i = 0; i < TURNS; i++)
		model_look();
}

uint64_t read_cr3(void)
{
	return 0;
}

void write_cr3(uint64_t v)
{
	__CPROVER_assert(model_cpu[acting].tlb_owner == TLB_ANYBODY,
			 "who loads a root says so before it walks");
	model_look();
}

/* --- what CPU 0 does ----------------------------------------------------------- */

static void taken_out(void)
{
	__CPROVER_assume(!present);
}

static void nobody_remembers(void)
{
	for (unsigned c = 0; c < MODEL_CPUS; c++)
		__CPROVER_assert(!remembered[c], "after the flush nobody remembers");
}

static void since(void)
{
	taken_out();
	tlb_flush_since((uint16_t)when, foreign ? 0 : MINE);
	nobody_remembers();
}

static void serve(void)
{
	tlb_serve();
}

int main(void)
{
	tlb_clock = 0x20000 + (nondet_word() & (TIMES & 0xffff));
	tlb_everywhere = 0x10000 + (nondet_word() & TIMES);
	when = 0x10000 + (nondet_word() & TIMES);
	present = nondet_bool();
	foreign = nondet_bool();
	__CPROVER_assume(when <= tlb_clock && tlb_everywhere <= tlb_clock);
	for (unsigned c = 0; c < MODEL_CPUS; c++) {
		model_cpu[c].id = c;
		model_cpu[c].tlb_flushed = 0x10000 + (nondet_word() & TIMES);
		model_cpu[c].tlb_owner = nondet_bool() ? TLB_NOBODY : nondet_bool() ? TLB_ANYBODY :
				    TLB_OWNER(nondet_bool() ? MINE : ANOTHER, c);
		remembered[c] = nondet_bool();
		__CPROVER_assume(model_cpu[c].tlb_flushed <= tlb_clock);
		__CPROVER_assume(!remembered[c] ||
				 (walks(&model_cpu[c]) &&
				  (present || (model_cpu[c].tlb_flushed <= when &&
					       when >= tlb_everywhere))));
	}
	__CPROVER_assume(model_cpu[0].tlb_owner != TLB_NOBODY && model_cpu[0].tlb_owner != TLB_ANYBODY);
	STEP();
	check();
	return 0;
}
