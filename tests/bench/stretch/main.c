/* SPDX-License-Identifier: MIT */
/* main.c - makes every call at its largest, and prints what the hypervisor
 * kept of it: the longest stretch of each kind of entry, and how its locks
 * were used. As a plain domain it leaves the reading to its control domain.
 */
#include "../own.h"
#include "events.h"
#include "stretch.h"

const char suite_name[] = "stretch";
char blank[65536] PAGE, room[65536] PAGE;
unsigned long list[MANY];
domid_t self;

void must_at(bool ok, long got, const char *what)
{
	if (ok)
		return;
	print("NOTE ");
	print(what);
	print(" is ");
	print_signed(got);
	print("\n");
}

static long ask(uint32_t what, uint32_t index, uint32_t reset)
{
	own_question(what);
	own->u.stretch.index = index;
	own->u.stretch.reset = reset;
	return call(sysctl, &question);
}

static void number(const char *before, uint64_t n)
{
	print(before);
	print_signed((long)n);
}

static void print_stretches(void)
{
	const struct paravane_stretch *s = &own->u.stretch;

	for (uint32_t i = 0; !ask(PARAVANE_OP_stretch, i, 0); i++) {
		number("STRETCH ", s->kind);
		number(" ", s->number);
		number(" ", s->command);
		number(": ", s->longest_ticks);
		number(" of ", s->count);
		print("\n");
	}
}

void suite_main(void)
{
	bool first = is_first_domain();

	if (first)
		must(ask(PARAVANE_OP_stretch, 0, 1), 0);
	rule("every call is made at its largest");
	self = own_number();
	every_row();
	long_others();
	long_events();
	long_memory();
	long_grants();
	long_tables();
	if (first)
		long_control();
	want_true(true);
	if (first)
		print_stretches();
}
