/* SPDX-License-Identifier: MIT */
/* masks.c - a vCPU whose event mask the others clear as often as it is set.
 *
 * They store "pending, not masked" into its vcpu_info without end, while it
 * makes calls on a stack of 512 GiB, a page that tables shared by all entries
 * show everywhere. If one way out to the guest raised events for as long as it
 * finds one, it would go on until the others pause: the callback tells by its
 * stack pointer how many there were.
 */
#include <public/callback.h>

#include "race.h"

#define VICTIM		1u		/* entry.S has it, too */
#define SLOT		9u		/* of the top table; the stack fills it */
#define DEEP_TOP	((uint64_t)(SLOT + 1) << 39)
/* Interrupts may come between the callback's first instructions, a few times. */
#define DEEP_MOST	4096u
#define STORES		4096u

static table leaf PAGE, l1 PAGE, l2 PAGE, l3 PAGE;

static void fill(table to, const table what)
{
	for (unsigned int i = 0; i < 512; i++)
		to[i] = machine_of(what) | WRITABLE;
}

static void open_masks(void)
{
	const table *top = (const table *)start_info->pt_base;

	fill(l1, leaf);
	fill(l2, l1);
	fill(l3, l2);
	must(map_as(l1, READ_ONLY) | map_as(l2, READ_ONLY) | map_as(l3, READ_ONLY),
	     "a table cannot be mapped to read");
	must(update(machine_of(&(*top)[SLOT]), machine_of(l3) | WRITABLE),
	     "the stack is not there");
}

static void suffer(struct cpu *c)
{
	const struct callback_register event = {
		CALLBACKTYPE_event, 0, (xen_callback_t)deep_event
	};
	uint64_t depth;

	if (!c->word++)
		must(call2(callback_op, CALLBACKOP_register, &event), "no callback");
	depth = deep_calls(DEEP_TOP, 256);
	if (depth > DEEP_MOST)
		wrong(c, "events were raised on top of each other", depth);
	if (depth)
		add(hits);
}

/* Both bytes at once, or it would find the one without the other. Who is on the
 * victim's CPU (storms.py) would only keep it from running. */
static void step_masks(struct cpu *c)
{
	volatile uint16_t *both =
		(volatile uint16_t *)&shared_info->vcpu_info[VICTIM].evtchn_upcall_pending;

	add(rounds);
	if (c->id == VICTIM)
		suffer(c);
	else if (c->id % 2 == VICTIM % 2)
		yield();
	else
		for (unsigned int i = 0; i < STORES; i++)
			*both = 1;
}

const struct storm masks = { "masks", open_masks, step_masks, NULL, NULL };
