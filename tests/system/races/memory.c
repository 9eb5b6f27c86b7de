/* SPDX-License-Identifier: MIT */
/* memory.c - frames given back, got and exchanged by several vCPUs that know
 * of the same ones, while others map, write and pin them.
 *
 * At the end the domain has as many frames as the answers of all calls add up
 * to; but a frame that is in use may be told to be given back more than once.
 */
#include "race.h"

#define SLOTS	24
#define BUSY	1ul

static table pages[SLOTS] PAGE, windows[CPUS] PAGE;
static volatile unsigned long known[SLOTS];	/* the slot's frame; 0: none */
static volatile uint64_t freed, got;
static uint64_t before;

static unsigned long pfn_of(unsigned int slot)
{
	return ((uint64_t)pages[slot] - VIRT_BASE) >> 12;
}

static uint64_t reserved(void)
{
	domid_t self = DOMID_SELF;

	return (uint64_t)call2(memory_op, XENMEM_current_reservation, &self);
}

static void give_back(struct cpu *c, unsigned int slot)
{
	unsigned long list[2] = { known[slot], known[chance(c) % SLOTS] };
	unsigned long was = list[0];
	long done;

	if (was <= BUSY)
		return;
	done = reservation(XENMEM_decrease_reservation, list, one_in(c, 4) ? 2 : 1);
	if (done < 0 || done > 2) {
		wrong(c, "frames given back are not told", (uint64_t)done);
		return;
	}
	__sync_fetch_and_add(&freed, (uint64_t)done);
	/* given back by this vCPU or another: the slot is empty now */
	__sync_val_compare_and_swap(&known[slot], was, 0);
}

static void get(struct cpu *c, unsigned int slot)
{
	unsigned long frame = pfn_of(slot);

	if (!__sync_bool_compare_and_swap(&known[slot], 0, BUSY))
		return;
	if (reservation(XENMEM_populate_physmap, &frame, 1) != 1) {
		known[slot] = 0;
		return;
	}
	add(got);
	known[slot] = frame;
}

static void exchange(struct cpu *c, unsigned int slot)
{
	unsigned long in[4], out[4];
	unsigned int order = one_in(c, 3) ? 2 : 0, i;
	struct xen_memory_exchange x = {
		.in = { .nr_extents = 4, .domid = DOMID_SELF },
		.out = { .nr_extents = 4u >> order, .extent_order = order, .domid = DOMID_SELF },
	};

	for (i = 0; i < 4; i++) {
		in[i] = known[(slot + i) % SLOTS];
		out[i] = pfn_of((slot + i) % SLOTS);
	}
	if (order)	/* four pages in a row */
		out[0] = pfn_of(slot % (SLOTS - 3));
	HANDLE(x.in.extent_start, in);
	HANDLE(x.out.extent_start, out);
	call2(memory_op, XENMEM_exchange, &x);
	if (x.nr_exchanged == 4)
		add(hits);
	/* in[] was given; where what came instead is known, depends on the race */
	for (i = 0; i < x.nr_exchanged; i++)
		__sync_val_compare_and_swap(&known[(slot + i) % SLOTS], in[i],
					    order ? out[0] + i : out[i]);
}

static void use(struct cpu *c, unsigned int slot)
{
	uint64_t mfn = known[slot];

	if (mfn <= BUSY)
		return;
	switch (chance(c) % 4) {
	case 0:
	case 1:
		if (map(windows[c->id], mfn, WRITABLE))
			return;
		add(hits);
		if (try_store((uint64_t)&windows[c->id][chance(c) & 511], ++c->word << 12))
			wrong(c, "what is mapped to write is not written", mfn);
		break;
	case 2:
		if (!extended(MMUEXT_PIN_L1_TABLE, mfn, 0))
			extended(MMUEXT_UNPIN_TABLE, mfn, 0);
		break;
	case 3:
		update(mfn << 12 | MMU_MACHPHYS_UPDATE, pfn_of(slot));
		break;
	}
	if (one_in(c, 2))
		map(windows[c->id], 0, 0);
}

static void step(struct cpu *c, bool exchanging)
{
	unsigned int slot = (unsigned int)(chance(c) % SLOTS);

	add(rounds);
	if (exchanging && one_in(c, 2)) {
		exchange(c, slot);
		return;
	}
	switch (chance(c) % 4) {
	case 0:
		give_back(c, slot);
		break;
	case 1:
		get(c, slot);
		break;
	default:
		use(c, slot);
	}
}

static void step_frames(struct cpu *c)
{
	step(c, false);
}

static void step_exchanges(struct cpu *c)
{
	step(c, true);
}

static void open(void)
{
	unsigned int i;

	for (i = 0; i < CPUS; i++) {
		unsigned long mfn = mfn_of(windows[i]);

		must(map(windows[i], 0, 0), "not unmapped");
		must(reservation(XENMEM_decrease_reservation, &mfn, 1) - 1, "not given back");
	}
	for (i = 0; i < SLOTS; i++) {
		known[i] = mfn_of(pages[i]);
		must(map(pages[i], 0, 0), "not unmapped");
	}
	before = reserved();
}

static void leave(struct cpu *c)
{
	must(map(windows[c->id], 0, 0), "not unmapped");
}

static void close(void)
{
	if (reserved() < before + got - freed)
		wrong(&cpus[0], "it has fewer frames than it was told",
		      before + got - freed - reserved());
}

const struct storm frames = { "frames", open, step_frames, leave, close };
const struct storm exchanges = { "exchanges", open, step_exchanges, leave, close };
