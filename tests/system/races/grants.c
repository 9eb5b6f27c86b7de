/* SPDX-License-Identifier: MIT */
/* grants.c - mapping, copying, unmapping and the end of access, by all vCPUs.
 *
 * grants: to this domain itself. peers: two domains with each other, of which
 * either may be destroyed at any time. What may be written by a grant is pinned
 * now and then: a table that changes then was written by a mapping that is none.
 */
#include "race.h"

#define REFS		12u
#define FIRST_REF	8u
#define SLOTS		16u
/* More than are ever in use: a mapping a window, and what each of CPUS vCPUs has
 * undone and not given back yet. */
#define HANDLES		(SLOTS + CPUS * SLOTS)
#define EMPTY		~0u
#define TAKEN		(~0u - 1)

static table shared_pages[REFS] PAGE, local_page PAGE, windows[SLOTS] PAGE;
static volatile grant_handle_t handles[SLOTS];	/* what is mapped at each window */
static volatile uint64_t mapped, unmapped;
static grant_entry_v1_t *refs;

static uint64_t window_address(unsigned int slot, bool by_entry)
{
	return by_entry ? pte_machine(windows[slot]) : (uint64_t)windows[slot];
}

static bool is_mapped(unsigned int slot)
{
	uint64_t at = pte_machine(windows[slot]);
	const volatile uint64_t *table = va_of_mfn(at >> 12);

	return table[(at & 4095) / 8] & 1;
}

static void map_one(struct cpu *c)
{
	unsigned int slot = (unsigned int)(chance(c) % SLOTS);
	bool by_entry = slot & 1;
	struct gnttab_map_grant_ref m = {
		.host_addr = window_address(slot, by_entry),
		.flags = GNTMAP_host_map | (by_entry ? GNTMAP_contains_pte : 0) |
			 (one_in(c, 2) ? GNTMAP_readonly : 0),
		.ref = FIRST_REF + (grant_ref_t)(chance(c) % REFS), .dom = peer_id,
	};

	if (!__sync_bool_compare_and_swap(&handles[slot], EMPTY, TAKEN))
		return;
	/* What is left there is for undo(): it would lose its only entry. */
	if (is_mapped(slot)) {
		handles[slot] = EMPTY;
		return;
	}
	call3(grant_table_op, GNTTABOP_map_grant_ref, &m, 1);
	if (m.status) {
		handles[slot] = EMPTY;
		return;
	}
	add(mapped);
	add(hits);
	handles[slot] = m.handle;
}

/* One vCPU takes the slot and undoes the mapping; another may have been quicker
 * with a handle that it saw, and then also the slot is empty. */
static void unmap_some(struct cpu *c, unsigned int from, unsigned int n)
{
	struct gnttab_unmap_grant_ref u[SLOTS] = { { 0 } };
	unsigned int slots[SLOTS], i, count = 0;
	bool taken[SLOTS];

	for (i = 0; i < n; i++) {
		unsigned int slot = (from + i) % SLOTS;
		grant_handle_t handle = handles[slot];

		if (handle >= TAKEN)
			continue;
		taken[count] = !one_in(c, 4) &&
			       __sync_bool_compare_and_swap(&handles[slot], handle, TAKEN);
		slots[count] = slot;
		u[count].handle = handle;
		u[count++].host_addr = window_address(slot, slot & 1);
	}
	if (count)
		call3(grant_table_op, GNTTABOP_unmap_grant_ref, u, count);
	for (i = 0; i < count; i++) {
		if (!u[i].status)
			add(unmapped);
		if (taken[i])
			handles[slots[i]] = EMPTY;
	}
}

static void copy(struct cpu *c)
{
	struct gnttab_copy g = {
		.len = (uint16_t)(8 * (1 + chance(c) % 64)), .flags = (uint16_t)(1 + chance(c) % 3),
	};

	g.source.domid = g.flags & GNTCOPY_source_gref ? peer_id : DOMID_SELF;
	g.dest.domid = g.flags & GNTCOPY_dest_gref ? peer_id : DOMID_SELF;
	g.source.u.gmfn = g.flags & GNTCOPY_source_gref ? FIRST_REF + chance(c) % REFS :
							  mfn_of(local_page);
	g.dest.u.gmfn = g.flags & GNTCOPY_dest_gref ? FIRST_REF + chance(c) % REFS :
						      mfn_of(local_page);
	g.source.offset = (uint16_t)(8 * (chance(c) % 256));
	g.dest.offset = (uint16_t)(8 * (chance(c) % 256));
	call3(grant_table_op, GNTTABOP_copy, &g, 1);
}

/* As a granter does it: while nobody uses it, the entry becomes another. */
static void end_access(struct cpu *c)
{
	grant_ref_t ref = FIRST_REF + (grant_ref_t)(chance(c) % REFS);
	uint16_t was = refs[ref].flags;

	if (was & (GTF_reading | GTF_writing))
		return;
	if (!__sync_bool_compare_and_swap(&refs[ref].flags, was, 0) || !was)
		return;
	give(ref, peer_id, mfn_of(shared_pages[chance(c) % REFS]),
	     GTF_permit_access | (one_in(c, 3) ? GTF_readonly : 0));
}

/* Nothing but entries that are not present is ever written there. */
static void write_some(struct cpu *c)
{
	for (unsigned int i = 0; i < 16; i++)
		try_store((uint64_t)&windows[chance(c) % SLOTS][chance(c) & 511], ++c->word << 12);
}

static void pin_one(struct cpu *c)
{
	volatile uint64_t *page = shared_pages[chance(c) % REFS];
	uint64_t was[16];
	unsigned int i, n;

	/* no L1: a store to that may be carried out for the first domain */
	if (extended(MMUEXT_PIN_L2_TABLE, mfn_of(page), 0))
		return;
	for (i = 0; i < 16; i++)
		was[i] = page[i * 31];
	for (n = 0; n < 50; n++)
		for (i = 0; i < 16; i++)
			if (page[i * 31] != was[i])
				wrong(c, "a page table was written by a grant", page[i * 31]);
	if (extended(MMUEXT_UNPIN_TABLE, mfn_of(page), 0))
		wrong(c, "a pinned page is not unpinned", mfn_of(page));
}

static void step(struct cpu *c)
{
	add(rounds);
	switch (chance(c) % 10) {
	case 0:
	case 1:
	case 2:
		map_one(c);
		break;
	case 3:
	case 4:
		unmap_some(c, (unsigned int)(chance(c) % SLOTS), 1);
		break;
	case 5:
		unmap_some(c, (unsigned int)(chance(c) % SLOTS), SLOTS / 2);
		break;
	case 6:
		copy(c);
		break;
	case 7:
		end_access(c);
		break;
	case 8:
		write_some(c);
		break;
	case 9:
		pin_one(c);
		break;
	}
}

static void open(void)
{
	unsigned int i;

	refs = grant_table();
	for (i = 0; i < SLOTS; i++) {
		handles[i] = EMPTY;
		must(map(windows[i], 0, 0), "not unmapped");
	}
	for (i = 0; i < REFS; i++) {
		must(map_as(shared_pages[i], READ_ONLY), "not mapped to read");
		give(FIRST_REF + i, peer_id, mfn_of(shared_pages[i]), GTF_permit_access);
	}
}

static void open_own(void)
{
	peer_id = own_id;
	open();
}

static void unmap_everywhere(grant_handle_t handle)
{
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		struct gnttab_unmap_grant_ref u = {
			.handle = handle, .host_addr = window_address(slot, slot & 1),
		};

		call3(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
		if (!u.status)
			add(unmapped);
	}
}

/* A vCPU that is late with a handle it saw may find it given again, for the same
 * frame at another window, and undo the wrong one of two equal mappings. The
 * handle of that one then fits the window that is left. */
static void undo(void)
{
	for (unsigned int i = 0; i < 64; i++)	/* each is left out now and then */
		unmap_some(&cpus[0], 0, SLOTS);
	for (grant_handle_t handle = 0; handle < HANDLES; handle++)
		unmap_everywhere(handle);
	if (mapped != unmapped)
		wrong(&cpus[0], "not every mapping could be undone", mapped - unmapped);
}

/* What nobody uses any more is a page like any other. */
static void close_own(void)
{
	unsigned int i;

	undo();
	for (i = 0; i < REFS; i++) {
		if (refs[FIRST_REF + i].flags & (GTF_reading | GTF_writing))
			wrong(&cpus[0], "a grant is in use that is not mapped", i);
		must(extended(MMUEXT_PIN_L1_TABLE, mfn_of(shared_pages[i]), 0), "not pinned");
		must(extended(MMUEXT_UNPIN_TABLE, mfn_of(shared_pages[i]), 0), "not unpinned");
	}
}

const struct storm grants = { "grants", open_own, step, NULL, close_own };
const struct storm peers = { "peers", open, step, NULL, undo };
