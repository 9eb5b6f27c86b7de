/* SPDX-License-Identifier: MIT */
/* types.c - frames that several vCPUs want to be different things at once:
 * pinned and written, half validated, run on, entries changed in every way,
 * descriptors. Not here: what a TLB remembers (stale.c).
 */
#include "race.h"

#define SHARED_SLOT	9

/* ---- pins: A -> B -> A ---- */

#define POOL	6

static table pool[POOL] PAGE;
static volatile uint64_t pinned[POOL];	/* by the vCPU that did it, until it undoes it */
static table windows[CPUS] PAGE;

static void pin_it(struct cpu *c, unsigned int i)
{
	uint64_t mfn = mfn_of(pool[i]), was;
	unsigned int n;

	if (extended(MMUEXT_PIN_L1_TABLE + (unsigned int)(chance(c) % 3), mfn, 0))
		return;
	add(hits);
	was = ((volatile uint64_t *)pool[i])[i];
	add(pinned[i]);
	for (n = 0; n < 100; n++)
		if (((volatile uint64_t *)pool[i])[i] != was) {
			wrong(c, "a page table was written", mfn);
			break;
		}
	__sync_fetch_and_sub(&pinned[i], 1);
	if (extended(MMUEXT_UNPIN_TABLE, mfn, 0))
		wrong(c, "a pinned page is not unpinned", mfn);
}

static void write_it(struct cpu *c, unsigned int i)
{
	unsigned int n;

	if (map(windows[c->id], mfn_of(pool[i]), WRITABLE))
		return;
	for (n = 0; n < 20; n++) {
		if (pinned[i])
			wrong(c, "a page is pinned that is mapped to write", mfn_of(pool[i]));
		if (try_store((uint64_t)&windows[c->id][i], ++c->word << 12))
			wrong(c, "what is mapped to write is not written", mfn_of(pool[i]));
	}
	if (one_in(c, 3))
		return;		/* for the next to find */
	must(map_flush(windows[c->id], 0, one_in(c, 2) ? UVMF_INVLPG : 0), "not unmapped");
}

static void step_pins(struct cpu *c)
{
	unsigned int i = (unsigned int)(chance(c) % POOL);

	add(rounds);
	if (one_in(c, 2))
		pin_it(c, i);
	else
		write_it(c, i);
}

static void leave_pins(struct cpu *c)
{
	must(map(windows[c->id], 0, 0), "not unmapped");
}

static void open_pins(void)
{
	for (unsigned int i = 0; i < POOL; i++)
		must(map_as(pool[i], READ_ONLY), "not mapped to read");
}

static void close_pins(void)
{
	for (unsigned int i = 0; i < POOL; i++)
		must(map_as(pool[i], WRITABLE), "a page is left a table");
}

/* ---- trees: validated and dropped while each part is used ---- */

#define MANY	24		/* tables of 512 entries: several entries' budgets */

static table many[MANY] PAGE, tops[3] PAGE, leaf PAGE;

static void step_trees(struct cpu *c)
{
	table *t = &many[chance(c) % MANY];
	uint64_t mfn = mfn_of(*t), at = chance(c) & 511;
	bool done = false;

	add(rounds);
	switch (chance(c) % 12) {
	case 0:
	case 1:
		done = !extended(MMUEXT_PIN_L4_TABLE, mfn_of(tops[2]), 0);
		break;
	case 2:
		done = !extended(MMUEXT_UNPIN_TABLE, mfn_of(tops[2]), 0);
		break;
	case 3:
		map(windows[c->id], mfn, one_in(c, 2) ? WRITABLE : READ_ONLY);
		break;
	case 4:
		map(windows[c->id], 0, 0);
		break;
	case 5:
		update(machine_of(&tops[0][at]), one_in(c, 2) ? 0 : machine_of(t) | WRITABLE);
		break;
	case 6:
		extended(MMUEXT_PIN_L1_TABLE + (unsigned int)(chance(c) % 3), mfn, 0);
		break;
	case 7:
		extended(MMUEXT_UNPIN_TABLE, mfn, 0);
		break;
	case 8:
		update(machine_of(&(*t)[at]), machine_of(leaf) | (one_in(c, 2) ? WRITABLE : READ_ONLY));
		break;
	case 9:
		extended(MMUEXT_PIN_L2_TABLE, mfn_of(tops[0]), 0);
		break;
	case 10:
		extended(MMUEXT_UNPIN_TABLE, mfn_of(tops[one_in(c, 2)]), 0);
		break;
	case 11:
		extended(MMUEXT_NEW_USER_BASEPTR, one_in(c, 2) ? 0 : mfn_of(tops[2]), 0);
		break;
	}
	if (done)
		add(hits);
}

static void open_trees(void)
{
	unsigned int i, e;

	for (i = 0; i < MANY; i++) {
		for (e = 0; e < 512; e++)
			many[i][e] = machine_of(leaf) | WRITABLE;
		tops[0][i] = machine_of(many[i]) | WRITABLE;
		must(map_as(many[i], READ_ONLY), "not mapped to read");
	}
	tops[1][0] = machine_of(tops[0]) | WRITABLE;
	tops[2][0] = machine_of(tops[1]) | WRITABLE;
	for (i = 0; i < 3; i++)
		must(map_as(tops[i], READ_ONLY), "not mapped to read");
}

static void leave_trees(struct cpu *c)
{
	leave_pins(c);
	must(extended(MMUEXT_NEW_USER_BASEPTR, 0, 0), "a user table cannot be left");
}

/* After all is unpinned nothing is a table any more. */
static void close_trees(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		extended(MMUEXT_UNPIN_TABLE, mfn_of(tops[i]), 0);
	for (i = 0; i < MANY; i++)
		unmake(many[i]);
	for (i = 0; i < MANY; i++)
		must(map_as(many[i], WRITABLE), "a page is left an L1");
	for (i = 0; i < 3; i++)
		must(map_as(tops[i], WRITABLE), "a page is left a table");
}

/* ---- bases: top tables that others run on ---- */

#define COPIES	3

static table copies[COPIES] PAGE, users[COPIES] PAGE;
static struct tree low;

static void step_bases(struct cpu *c)
{
	table *t = one_in(c, 2) ? &copies[chance(c) % COPIES] : &users[chance(c) % COPIES];
	uint64_t slot = SHARED_SLOT;

	add(rounds);
	switch (chance(c) % 8) {
	case 0:
	case 1:
		if (!extended(MMUEXT_NEW_BASEPTR, mfn_of(copies[chance(c) % COPIES]), 0))
			add(hits);
		break;
	case 2:
		extended(MMUEXT_NEW_BASEPTR, mfn_of(start_info->pt_base), 0);
		break;
	case 3:
		extended(MMUEXT_NEW_USER_BASEPTR, one_in(c, 3) ? 0 : mfn_of(users[chance(c) % COPIES]), 0);
		break;
	case 4:
		extended(MMUEXT_PIN_L4_TABLE, mfn_of(*t), 0);
		break;
	case 5:
		extended(MMUEXT_UNPIN_TABLE, mfn_of(*t), 0);
		break;
	case 6:
		update(machine_of(&(*t)[slot]), one_in(c, 2) ? 0 : machine_of(low.l3) | WRITABLE);
		break;
	case 7:
		try_store(low.va + 8 * c->id, c->steps);
		break;
	}
}

static void open_bases(void)
{
	const uint64_t *top = (const uint64_t *)start_info->pt_base;
	unsigned int i, e;

	tree_open(&low, SHARED_SLOT);
	must(update(tree_leaf(&low), machine_of(leaf) | WRITABLE), "no page at the slot");
	for (i = 0; i < COPIES; i++) {
		for (e = 0; e < 512; e++)
			if (e < 256 || e > 271)
				users[i][e] = copies[i][e] = top[e];
		must(map_as(copies[i], READ_ONLY) | map_as(users[i], READ_ONLY), "no table");
	}
}

static void leave_bases(struct cpu *c)
{
	must(extended(MMUEXT_NEW_BASEPTR, mfn_of(start_info->pt_base), 0), "no way back");
	leave_trees(c);
}

static void close_bases(void)
{
	for (unsigned int i = 0; i < COPIES; i++) {
		extended(MMUEXT_UNPIN_TABLE, mfn_of(copies[i]), 0);
		extended(MMUEXT_UNPIN_TABLE, mfn_of(users[i]), 0);
		must(map_as(copies[i], WRITABLE) | map_as(users[i], WRITABLE),
		     "a page is left a top table");
	}
}

/* ---- entries: one L1, changed in every way at once ---- */

#define COUNTER		511u		/* each vCPU has a quarter of the rest */
#define AD_BITS		0x60ul

static volatile uint64_t counted;

/* One more in an entry that is not present, by stores that are carried out. */
static void count_one(struct cpu *c)
{
	volatile uint64_t *at = &low.l1[COUNTER];
	uint64_t old = *at;

	switch (try_exchange((uint64_t)at, old, old + 0x1000)) {
	case 0:
		add(counted);
		add(hits);
		break;
	case 1:
		wrong(c, "a store to a page table is not carried out", old);
		break;
	}
}

static void change_entry(struct cpu *c, unsigned int slot)
{
	static const uint64_t flags[] = { 0, READ_ONLY, WRITABLE, 0x25, 0x27 };
	uint64_t to = one_in(c, 4) ? chance(c) << 12 & FRAME_BITS : machine_of(leaf) | pick(c, flags);
	uint64_t at = machine_of(&low.l1[slot]), found;
	long rc = 0;

	switch (chance(c) % 4) {
	case 0:
		rc = update(at, to);
		break;
	case 1:
		rc = update(at | MMU_PT_UPDATE_PRESERVE_AD, to);
		break;
	case 2:
		rc = map_flush((void *)(low.va + slot * 4096ul), to, one_in(c, 2) ? UVMF_INVLPG : 0);
		if (rc)
			return;		/* the table was not linked just then */
		break;
	case 3:
		rc = try_store((uint64_t)&low.l1[slot], to);
		break;
	}
	if (rc)
		wrong(c, "an entry of this vCPU's own is not changed", (uint64_t)rc);
	found = ((volatile uint64_t *)low.l1)[slot];
	/* the hypervisor's bits of a present entry are its own */
	if ((found ^ to) & FRAME_BITS || ((found ^ to) & 3) != 0)
		wrong(c, "an entry is not as it was written", found);
}

static void step_entries(struct cpu *c)
{
	unsigned int slot = (unsigned int)(chance(c) % 127 * 4 + c->id);

	add(rounds);
	switch (chance(c) % 8) {
	case 0:
		if (one_in(c, 2))
			tree_cut(&low, 1);
		else
			tree_link(&low);
		break;
	case 1:
	case 2:
		count_one(c);
		break;
	case 3:
		try_store(low.va + chance(c) % 511 * 4096, c->steps);
		break;
	default:
		change_entry(c, slot);
	}
}

static void open_entries(void)
{
	tree_open(&low, SHARED_SLOT);
	must(call2(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), "no assist");
	must(extended(MMUEXT_PIN_L1_TABLE, mfn_of(low.l1), 0), "not pinned");
}

static void close_entries(void)
{
	if (low.l1[COUNTER] >> 12 != counted)
		wrong(&cpus[0], "a count was lost in a page table", low.l1[COUNTER]);
	must(extended(MMUEXT_UNPIN_TABLE, mfn_of(low.l1), 0), "not unpinned");
	tree_cut(&low, 3);
	must(map_as(low.l1, WRITABLE), "a page is left an L1");
}

/* ---- descriptors: frames of tables the processor reads ---- */

#define DESCRIPTOR_PAGES 4
#define A_SEGMENT	0x00cff2000000ffffull	/* data, privilege 3 */

static table descriptor_pages[DESCRIPTOR_PAGES] PAGE;

static void step_descriptors(struct cpu *c)
{
	table *t = &descriptor_pages[chance(c) % DESCRIPTOR_PAGES];
	uint64_t frame = mfn_of(*t);
	struct mmuext_op ldt = { .cmd = MMUEXT_SET_LDT };
	unsigned int slot = 32 + (unsigned int)(chance(c) % 64);

	add(rounds);
	switch (chance(c) % 10) {
	case 0:
	case 1:
		if (!call2(set_gdt, &frame, 512))
			add(hits);
		break;
	case 2:
		must(call2(set_gdt, 0, 0), "the GDT cannot be left");
		break;
	case 3:
	case 4:
		ldt.arg1.linear_addr = (uint64_t)t;
		ldt.arg2.nr_ents = one_in(c, 4) ? 0 : 512;
		call4(mmuext_op, &ldt, 1, 0, DOMID_SELF);
		break;
	case 5:
		call2(update_descriptor, machine_of(&(*t)[slot]), one_in(c, 2) ? 0 : A_SEGMENT);
		break;
	case 6:
		map(windows[c->id], frame, WRITABLE);
		try_store((uint64_t)&windows[c->id][slot], one_in(c, 64) ? chance(c) : A_SEGMENT);
		break;
	case 7:
		map(windows[c->id], 0, 0);
		break;
	case 8:
		if (!extended(MMUEXT_PIN_L1_TABLE, frame, 0))
			extended(MMUEXT_UNPIN_TABLE, frame, 0);
		break;
	case 9:
		/* the processor reads it now, and it may be gone */
		try_limit(slot << 3 | (unsigned int)(chance(c) & 4) | 3);
		break;
	}
}

static void open_descriptors(void)
{
	for (unsigned int i = 0; i < DESCRIPTOR_PAGES; i++)
		must(map_as(descriptor_pages[i], READ_ONLY), "not mapped to read");
}

static void leave_descriptors(struct cpu *c)
{
	leave_pins(c);
	extended(MMUEXT_SET_LDT, 0, 0);
	must(call2(set_gdt, 0, 0), "the GDT cannot be left");
}

static void close_descriptors(void)
{
	for (unsigned int i = 0; i < DESCRIPTOR_PAGES; i++)
		must(map_as(descriptor_pages[i], WRITABLE), "a page is left descriptors");
}

const struct storm pins = { "pins", open_pins, step_pins, leave_pins, close_pins };
const struct storm trees = { "trees", open_trees, step_trees, leave_trees, close_trees };
const struct storm bases = { "bases", open_bases, step_bases, leave_bases, close_bases };
const struct storm entries = { "entries", open_entries, step_entries, NULL, close_entries };
const struct storm descriptors = {
	"descriptors", open_descriptors, step_descriptors, leave_descriptors, close_descriptors
};
