/* SPDX-License-Identifier: MIT */
/* step.c - one operation on any sound machine leaves a sound one.
 *
 * STEP names the operation; its arguments are arbitrary, and so is where the
 * work budget ends.
 */
#include "model.h"

static struct pt_ctx any_ctx(void)
{
	return (struct pt_ctx){
		.tables = GUEST, .pages = any_bool() ? GUEST : OTHER, .io = any_bool(),
	};
}

/* A pin, a root or a half-dropped table goes. */
static void put_typed(void)
{
	const unsigned n = ANY;

	if (any_bool()) {
		__CPROVER_assume(holders.dropping == n);
		holders.dropping = NOBODY;
	} else {
		/* every call first finishes what is half dropped */
		__CPROVER_assume(holders.dropping == NOBODY);
		if (any_bool()) {
			__CPROVER_assume(holders.roots[n]);
			holders.roots[n]--;
		} else {
			__CPROVER_assume(frames[n].use & USE_PINNED);
			frames[n].use &= ~USE_PINNED;
		}
	}
	if (type_put(&frames[n]))
		holders.dropping = n;
	else
		frame_put(&frames[n]);
}

static enum pt_store any_store(void)
{
	return any_bool() ? PT_STORE_PLAIN : any_bool() ? PT_STORE_KEEP_AD : PT_STORE_EXCHANGE;
}

/* An entry of an L1 in use changes. */
static void update_l1(void)
{
	const struct pt_ctx c = any_ctx();
	uint64_t expected = any_word();
	const unsigned n = ANY, i = 0;		/* any entry will do, too */

	__CPROVER_assume(type_is_valid(&frames[n], PT_L1) && frame_owner(&frames[n]) == GUEST);
	(void)!l1_update(&memory[n][i], any_word(), &c, any_store(), &expected);
}

/* A grant or a copy: a page is written, or no longer. */
static void writer(void)
{
	const unsigned n = ANY;

	if (any_bool()) {
		if (!frame_get(&frames[n], any_bool() ? GUEST : OTHER))
			return;
		if (writable_get(&frames[n]))
			holders.writers[n]++;
		else
			frame_put(&frames[n]);
	} else {
		__CPROVER_assume(holders.writers[n]);
		holders.writers[n]--;
		writable_put(&frames[n]);
		frame_put(&frames[n]);
	}
}

/* The owner gives a page up, as memory_op does. */
static void give_up(void)
{
	const unsigned n = ANY;
	uint64_t x;

	if (!frame_get(&frames[n], any_bool() ? GUEST : OTHER))
		return;
	x = frames[n].ref;
	if (x & REF_ALLOC)
		frames[n].ref = (x & ~REF_ALLOC) - 1;
	frame_put(&frames[n]);
}

int main(void)
{
	any_machine();
	STEP();
	check_changes_of_use();
	invariant(false);
	return 0;
}
