/* SPDX-License-Identifier: MIT */
/* stale.c - proof that no vCPU uses a translation after what it led to became
 * something else.
 *
 * vCPUs go in pairs. The partner (odd) loads and stores at one address again and
 * again, and each success counts. The changer (even) lets it, takes the way
 * there away without asking for a flush, and then has the frame, or the table
 * on the way, become something else. From then on a store of the partner's
 * shows as a change where nobody writes, and an access that began and ended
 * while the phase was odd shows by itself: both are stale translations.
 * stale-asked: the same for flushes that a guest asks for.
 * The processor, or its emulation, must have a TLB for each CPU.
 */
#include "race.h"

#define PAIRS		(CPUS / 2)
#define FIRST_SLOT	5
#define ALLOWED		0x00a0000000000000ul
#define FORBIDDEN	0x00b0000000000000ul
#define WATCHES		300

static struct pair {
	struct tree tree;
	table page, other;		/* what the address leads to */
	volatile uint64_t phase;	/* odd: nothing leads there any more */
	volatile uint64_t used;		/* the partner's successes */
	uint64_t tick;
	grant_handle_t handle;
} pairs[PAIRS] PAGE;

/* What it stores is no present entry, whatever the page becomes. */
static void partner(struct cpu *c, struct pair *p)
{
	uint64_t seen = ALLOWED, before, failed, used = p->used;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		before = p->phase;
		barrier();
		failed = i & 1 ? (uint64_t)try_store(p->tree.va + 8 * (c->id | 1), ++p->tick << 12) :
				 (uint64_t)try_load(p->tree.va, &seen);
		barrier();
		if (failed)
			continue;
		p->used++;
		if (before == p->phase && (before & 1))
			wrong(c, i & 1 ? "a stale store went through" :
			      "a stale load went through", before);
		if (seen == FORBIDDEN)
			wrong(c, "it walked through what is no table any more", before);
	}
	if (p->used == used)
		yield();	/* the changer may wait for this CPU */
}

static void next_phase(struct pair *p)
{
	__sync_fetch_and_add(&p->phase, 1);
}

/* The partner has used the address since; it may not run at all just now. */
static bool wait_used(struct pair *p)
{
	uint64_t before = p->used;
	unsigned int i;

	for (i = 0; i < 3000 && !stopping; i++) {
		if (p->used > before + 3) {
			add(hits);
			return true;
		}
		if (i % 64 == 63)
			yield();
		else
			pause();
	}
	return false;
}

/* Nobody may write there: no word of it changes for a while. */
static void watch(struct cpu *c, volatile uint64_t *words)
{
	uint64_t was[8];
	unsigned int i, w;

	for (w = 0; w < 8; w++)
		was[w] = words[w];
	for (i = 0; i < WATCHES; i++)
		for (w = 0; w < 8; w++)
			if (words[w] != was[w]) {
				wrong(c, "a stale store is in what is no data any more", words[w]);
				was[w] = words[w];
			}
}

/* A page that is a table of that level now has no way left to be written. */
static void as_table(struct cpu *c, struct pair *p, bool phase)
{
	unsigned int level = (unsigned int)(chance(c) % 3);
	long rc = extended(MMUEXT_PIN_L1_TABLE + level, mfn_of(p->page), 0);

	if (rc) {
		wrong(c, "an unused page cannot be pinned", (uint64_t)rc);
		return;
	}
	if (phase)
		next_phase(p);
	watch(c, p->page);
	must(extended(MMUEXT_UNPIN_TABLE, mfn_of(p->page), 0), "a pinned page is not unpinned");
}

static void open_pairs(void)
{
	for (unsigned int i = 0; i < PAIRS; i++) {
		tree_open(&pairs[i].tree, FIRST_SLOT + i);
		pairs[i].phase = 1;
		must(map_as(pairs[i].page, READ_ONLY), "a page cannot be mapped to read");
	}
}

static void begin(struct pair *p)
{
	if (p->phase & 1)
		next_phase(p);
}

static void lead_to(struct pair *p, const void *page, uint64_t flags)
{
	tree_link(&p->tree);
	must(map_flush((void *)p->tree.va, machine_of(page) | flags, 0), "nothing is mapped");
}

static void step_of(struct cpu *c, void (*change)(struct cpu *c, struct pair *p))
{
	struct pair *p = &pairs[c->id / 2];

	if (c->id & 1) {
		partner(c, p);
	} else {
		change(c, p);
		add(rounds);
	}
}

/* ---- a page that was written becomes a table ---- */

static void change_types(struct cpu *c, struct pair *p)
{
	unsigned int kind = (unsigned int)(chance(c) % 6);

	begin(p);
	lead_to(p, p->page, WRITABLE);
	wait_used(p);
	if (kind == 0)
		must(map_flush((void *)p->tree.va, 0, 0), "it is not unmapped");
	else if (kind == 1)
		must(update(tree_leaf(&p->tree), 0), "its entry is not cleared");
	else if (kind == 2)
		must(map_flush((void *)p->tree.va, machine_of(p->other) | WRITABLE, 0),
		     "another page is not mapped");
	else
		tree_cut(&p->tree, kind - 2);
	as_table(c, p, kind != 2);
}

static void step_types(struct cpu *c)
{
	step_of(c, change_types);
}

/* ---- a table that was walked becomes a page to write ---- */

static void change_tables(struct cpu *c, struct pair *p)
{
	unsigned int level = 1 + (unsigned int)(chance(c) % 3);
	volatile uint64_t *l1 = p->tree.l1;
	unsigned int i;
	long rc;

	begin(p);
	lead_to(p, p->page, one_in(c, 2) ? WRITABLE : READ_ONLY);
	wait_used(p);
	tree_cut(&p->tree, level);
	rc = map_as(p->tree.l1, WRITABLE);
	if (rc) {
		wrong(c, "a table that nobody uses cannot be written", (uint64_t)rc);
		return;
	}
	next_phase(p);
	l1[0] = machine_of(p->other) | READ_ONLY;
	for (i = 0; i < WATCHES; i++)
		pause();
	l1[0] = 0;
	must(map_as(p->tree.l1, READ_ONLY), "a table cannot be mapped to read");
}

static void open_tables(void)
{
	open_pairs();
	for (unsigned int i = 0; i < PAIRS; i++)
		pairs[i].other[0] = FORBIDDEN;
}

static void step_tables(struct cpu *c)
{
	step_of(c, change_tables);
}

/* ---- a grant that was mapped is not any more ---- */

#define REF(p)	((grant_ref_t)(8 + ((p) - pairs)))

static bool map_grant(struct pair *p, bool by_entry, uint64_t *at)
{
	struct gnttab_map_grant_ref m = {
		.flags = GNTMAP_host_map | (by_entry ? GNTMAP_contains_pte : 0),
		.ref = REF(p), .dom = own_id,
	};

	*at = m.host_addr = by_entry ? tree_leaf(&p->tree) : p->tree.va;
	call3(grant_table_op, GNTTABOP_map_grant_ref, &m, 1);
	p->handle = m.handle;
	return !m.status;
}

static void change_grants(struct cpu *c, struct pair *p)
{
	struct gnttab_unmap_grant_ref u = { 0 };

	begin(p);
	tree_link(&p->tree);
	give(REF(p), own_id, mfn_of(p->page), GTF_permit_access);
	if (!map_grant(p, one_in(c, 2), &u.host_addr)) {
		wrong(c, "a grant is not mapped", REF(p));
		return;
	}
	wait_used(p);
	u.handle = p->handle;
	call3(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
	next_phase(p);
	if (u.status)
		wrong(c, "a grant is not unmapped", (uint64_t)u.status);
	if (grant_table()[REF(p)].flags != GTF_permit_access)
		wrong(c, "an unmapped grant is in use", grant_table()[REF(p)].flags);
	grant_table()[REF(p)].flags = 0;
	as_table(c, p, false);
}

static void open_grants(void)
{
	open_pairs();
	grant_table();
}

static void step_grants(struct cpu *c)
{
	step_of(c, change_grants);
}

/* ---- a frame that was given back is another's, or a new one here ---- */

#define OLD_WORD	0x00c0000000000000ul

static unsigned long *p2m_of(const void *page)
{
	return (unsigned long *)start_info->mfn_list + (((uint64_t)page - VIRT_BASE) >> 12);
}

#define NEW	8	/* frames taken until the old one is among them, or not */

static table spares[PAIRS][NEW] PAGE;

/* Page i of the pair's: p->page itself, or one that has no frame in between. */
static uint64_t *renewed(struct pair *p, unsigned int i)
{
	return i ? spares[p - pairs][i] : p->page;
}

/* All of them get a frame; is one the frame that was given back? */
static bool take_new(struct cpu *c, struct pair *p, uint64_t old)
{
	unsigned long list[NEW];
	bool found = false;
	unsigned int i;

	for (i = 0; i < NEW; i++)
		list[i] = ((uint64_t)renewed(p, i) - VIRT_BASE) >> 12;
	if (reservation(XENMEM_populate_physmap, list, NEW) != NEW) {
		wrong(c, "frames that were given back are not got", old);
		return false;
	}
	for (i = 0; i < NEW; i++) {
		*p2m_of(renewed(p, i)) = list[i];
		found = found || list[i] == old;
	}
	return found;
}

static void give_up(struct pair *p, unsigned int i)
{
	unsigned long mfn = mfn_of(renewed(p, i));

	must(map(renewed(p, i), 0, 0), "a page is not unmapped");
	must(reservation(XENMEM_decrease_reservation, &mfn, 1) - 1, "a frame is not given back");
}

static void fill(struct pair *p, unsigned int i, uint64_t word)
{
	uint64_t *page = renewed(p, i);

	for (unsigned int w = 0; w < 8; w++)
		page[w] = word;
}

static void change_frames(struct cpu *c, struct pair *p)
{
	uint64_t was = mfn_of(p->page);
	unsigned int i;

	begin(p);
	lead_to(p, p->page, WRITABLE);
	wait_used(p);
	if (one_in(c, 2))
		must(map_flush((void *)p->tree.va, 0, 0), "it is not unmapped");
	else
		tree_cut(&p->tree, 1 + (unsigned int)(chance(c) % 3));
	give_up(p, 0);
	if (take_new(c, p, was))
		next_phase(p);
	for (i = 0; i < NEW; i++) {
		must(map_as(renewed(p, i), WRITABLE), "a new page is not mapped");
		fill(p, i, OLD_WORD);
	}
	for (i = 0; i < NEW; i++)
		watch(c, renewed(p, i));
	fill(p, 0, 0);
	must(map_as(p->page, READ_ONLY), "a page cannot be mapped to read");
	must(update(tree_leaf(&p->tree), 0), "an entry is not cleared");
	for (i = 1; i < NEW; i++)
		give_up(p, i);
}

static void open_frames(void)
{
	open_pairs();
	for (unsigned int k = 0; k < PAIRS; k++)
		for (unsigned int i = 1; i < NEW; i++)
			give_up(&pairs[k], i);
}

static void step_frames(struct cpu *c)
{
	step_of(c, change_frames);
}

/* ---- a flush that was asked for is done when the call returns ---- */

static void flush_asked(struct cpu *c, struct pair *p)
{
	static const uint64_t all = ~0ul;
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_ALL };
	uint64_t va = p->tree.va;

	switch (chance(c) % 8) {
	case 0:
		must(map_flush((void *)va, 0, UVMF_INVLPG | UVMF_ALL), "UVMF_INVLPG");
		return;
	case 1:
		must(map_flush((void *)va, 0, UVMF_TLB_FLUSH | UVMF_ALL), "UVMF_TLB_FLUSH");
		return;
	case 2:
		must(map_flush((void *)va, 0, UVMF_INVLPG | (uint64_t)&all), "UVMF_INVLPG set");
		return;
	case 3:
		must(map_flush((void *)va, 0, UVMF_TLB_FLUSH | (uint64_t)&all), "UVMF_TLB_FLUSH set");
		return;
	case 4:
		break;
	case 5:
		op.cmd = MMUEXT_INVLPG_ALL;
		break;
	case 6:
		op.cmd = MMUEXT_TLB_FLUSH_MULTI;
		break;
	case 7:
		op.cmd = MMUEXT_INVLPG_MULTI;
		break;
	}
	op.arg1.linear_addr = va;
	if (op.cmd == MMUEXT_TLB_FLUSH_MULTI || op.cmd == MMUEXT_INVLPG_MULTI)
		HANDLE(op.arg2.vcpumask, &all);
	must(update(tree_leaf(&p->tree), 0), "its entry is not cleared");
	must(call4(mmuext_op, &op, 1, 0, DOMID_SELF), "a flush");
}

static void change_asked(struct cpu *c, struct pair *p)
{
	begin(p);
	lead_to(p, p->page, WRITABLE);
	wait_used(p);
	flush_asked(c, p);
	next_phase(p);
	watch(c, p->page);
}

static void step_asked(struct cpu *c)
{
	step_of(c, change_asked);
}

const struct storm stale_types = { "stale-types", open_pairs, step_types, NULL, NULL };
const struct storm stale_tables = { "stale-tables", open_tables, step_tables, NULL, NULL };
const struct storm stale_grants = { "stale-grants", open_grants, step_grants, NULL, NULL };
const struct storm stale_frames = { "stale-frames", open_frames, step_frames, NULL, NULL };
const struct storm stale_asked = { "stale-asked", open_pairs, step_asked, NULL, NULL };
