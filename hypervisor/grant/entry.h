/* SPDX-License-Identifier: MIT */
/* entry.h - tables, entries and records, between the files of this room.
 *
 * Whoever holds a `struct grants` holds that domain's GRANT lock, and who
 * holds a `struct mappings` its MAPTRACK lock: there is no other way to get
 * one. A domain's MAPTRACK lock comes before anybody's GRANT lock; two GRANT
 * locks are never held together.
 * `int` results are GNTST_* where not said otherwise.
 */
#ifndef PARAVANE_GRANT_ENTRY_H
#define PARAVANE_GRANT_ENTRY_H

#include <public/grant_table.h>

#include "grant/grant.h"

/* --- table.c ---------------------------------------------------------------- */
/* Exists only while d's GRANT lock is held. */
struct grants { struct domain *d; };

static inline struct grants grants_lock(struct domain *d)
{
	spin_lock(&d->grant.lock);
	return (struct grants){ d };
}

static inline void grants_unlock(struct grants g)
{
	spin_unlock(&g.d->grant.lock);
}

/* So many frames of the table at least: 0, -EINVAL or -ENOMEM; -ERESTART: some
 * more are there, the budget is used up. */
MUST_CHECK int grants_grow(struct grants g, uint32_t frames);
mfn_t grants_frame(struct grants g, uint32_t index);
/* The last use of a closed table ended. */
void grants_free_active(struct grants g);

static inline uint32_t grants_entries(struct grants g)
{
	return g.d->grant.closed ? 0 : g.d->grant.frames * GRANTS_PER_FRAME;
}

/* --- entry.c ---------------------------------------------------------------- */
/* How an entry is used. */
struct grant_use {
	domid_t user;
	bool write;
	bool map;		/* not a copy: sub-page entries will not do */
};

/* `user` begins to use entry `ref`, and learns the frame, which stays a frame
 * of the granter's until the use ends. */
MUST_CHECK int grant_pin(struct grants g, grant_ref_t ref, struct grant_use use, mfn_t *m);
void grant_unpin(struct grants g, grant_ref_t ref, bool write);
/* The frame of an entry that the caller keeps in use: fixed meanwhile, so
 * that no lock is needed. */
mfn_t grant_pinned_frame(struct domain *d, grant_ref_t ref);
MUST_CHECK int grant_swap(struct grants g, grant_ref_t a, grant_ref_t b);

/* --- maptrack.c --------------------------------------------------------------- */
#define MAPPINGS_PER_FRAME	(PAGE_SIZE / sizeof(struct grant_mapping))
#define MAPPING_NONE		(~0u)
/* A record without these is free, or on the way to it. */
#define MAP_PARTS		(GNTMAP_device_map | GNTMAP_host_map)

/* Exists only while d's MAPTRACK lock is held. */
struct mappings { struct domain *d; };

static inline struct mappings mappings_lock(struct domain *d)
{
	spin_lock(&d->grant.map_lock);
	return (struct mappings){ d };
}

static inline void mappings_unlock(struct mappings m)
{
	spin_unlock(&m.d->grant.map_lock);
}

/* A mapping in being, or NULL. */
struct grant_mapping *mapping_find(struct mappings m, grant_handle_t handle);
/* The number that the next mapping will have: MAPPING_NONE if no room. */
grant_handle_t mapping_next(struct mappings m);
/* It comes into being, with a reference on the granter, which becomes its. */
void mapping_make(struct mappings m, grant_handle_t handle, struct grant_mapping record);
/* Of a mapping without parts, that is not free yet. */
struct grant_mapping *mapping_ended(struct mappings m, grant_handle_t handle);
/* Nothing is left of it; the reference on the granter is given back. */
void mapping_end(struct mappings m, grant_handle_t handle);

/* --- map.c, copy.c ---------------------------------------------------------------- */
/* Each fills in the request's status and what else it answers. */
void grant_map(struct vcpu *v, struct gnttab_map_grant_ref *req);

/* Both kinds of unmap. */
struct grant_unmapping {
	grant_handle_t handle;
	uint64_t host_addr, dev_bus_addr;	/* 0: leave that part */
	uint64_t new_addr;			/* its entry moves to host_addr */
};

/* Mappings that are taken out of the caller's tables, while CPUs may remember
 * them: the frames are held yet, and the records not free. */
#define UNMAP_BATCH	32U
struct unmap_batch {
	unsigned nr;
	bool flush;			/* an entry was taken out, or a record ends */
	struct {
		uint64_t entry;		/* what it was, with its references; or 0 */
		grant_handle_t ended;	/* nothing is left of it; or MAPPING_NONE */
	} at[UNMAP_BATCH];
};

/* One more for the batch, which has room for it. */
MUST_CHECK int grant_unmap(struct vcpu *v, const struct grant_unmapping *req,
			   struct unmap_batch *b);
/* One flush for all of it, then the references go. */
void grant_unmap_finish(struct vcpu *v, struct unmap_batch *b);
MUST_CHECK int grant_copy(struct vcpu *v, const struct gnttab_copy *req);

#endif
