/* SPDX-License-Identifier: MIT */
/* spinlock.h - locks with ranks.
 *
 * Guards: no two paths take the same two locks in opposite order. Debug
 * builds keep the ranks held by each CPU and stop at an inversion; they also
 * count, by rank, how often a lock was taken and how long it was held.
 * Interrupts are off in the whole hypervisor, so a lock never needs to
 * disable them. Ticket locks: first come, first served.
 */
#ifndef PARAVANE_SYNC_SPINLOCK_H
#define PARAVANE_SYNC_SPINLOCK_H

#include "base/compiler.h"

enum lock_rank {
#define LOCK_RANK(name, rank, what)	RANK_##name = rank,
#include "sync/ranks.def"
#undef LOCK_RANK
};

struct spinlock {
	uint16_t next, owner;	/* ticket to hand out, ticket being served */
	uint8_t rank;
};

#define SPINLOCK_INIT(r)	{ 0, 0, RANK_##r }

static inline void spin_init(struct spinlock *l, enum lock_rank rank)
{
	*l = (struct spinlock){ 0, 0, (uint8_t)rank };
}

#if CONFIG_DEBUG
void lock_rank_push(const struct spinlock *l);
void lock_rank_pop(const struct spinlock *l);
void lock_is_ours(bool waited);
#else
static inline void lock_rank_push(const struct spinlock *l) { (void)l; }
static inline void lock_rank_pop(const struct spinlock *l) { (void)l; }
static inline void lock_is_ours(bool waited) { (void)waited; }
#endif

/* All locks of one rank, on all CPUs, since boot or lock_counts_reset(). */
struct lock_counts {
	const char *name;
	uint32_t rank;
	uint64_t taken;
	uint64_t found_held;		/* by another CPU: the taker waited */
	uint64_t held_ticks, longest_ticks;
};
/* Rank number `index`, lowest first; false behind the last. In debug builds
 * only; a CPU that takes a lock meanwhile may be counted or not. */
bool lock_counts_read(unsigned index, struct lock_counts *out);
void lock_counts_reset(void);

/* Spins until `ticket` is served. */
RARE_CALL void spin_wait(struct spinlock *l, uint16_t ticket);

static inline void spin_lock(struct spinlock *l)
{
	uint16_t ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_ACQUIRE);

	lock_rank_push(l);
	if (unlikely(__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket)) {
		spin_wait(l, ticket);
		lock_is_ours(true);
	} else {
		lock_is_ours(false);
	}
}

/* Only if nobody has it. */
static inline bool spin_trylock(struct spinlock *l)
{
	uint16_t ticket = __atomic_load_n(&l->owner, __ATOMIC_RELAXED);

	if (!__atomic_compare_exchange_n(&l->next, &ticket, (uint16_t)(ticket + 1), false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	lock_rank_push(l);
	/* Unless 65,536 others had it since the first line, it is our turn. */
	if (unlikely(__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket))
		spin_wait(l, ticket);
	lock_is_ours(false);
	return true;
}

static inline void spin_unlock(struct spinlock *l)
{
	lock_rank_pop(l);
	__atomic_store_n(&l->owner, (uint16_t)(l->owner + 1), __ATOMIC_RELEASE);
}

#endif
