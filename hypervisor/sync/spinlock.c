/* SPDX-License-Identifier: MIT */
/* spinlock.c - waiting for a lock, and checking the order of locks.
 *
 * Guards: debug builds stop at the first lock taken out of rank order, on
 * one CPU as well as on many, so that a deadlock is found before it happens.
 * Invariant: the ranks a CPU holds are strictly ascending in lock_ranks.
 */
#include "sync/spinlock.h"

#include "base/log.h"
#include "cpu/cpus.h"

void spin_wait(struct spinlock *l, uint16_t ticket)
{
	while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}

#if CONFIG_DEBUG
void lock_rank_push(const struct spinlock *l)
{
	struct cpu *c = this_cpu();
	uint32_t n = c->locks_held;

	BUG_ON(n == ARRAY_SIZE(c->lock_ranks));
	BUG_ON(n && c->lock_ranks[n - 1] >= l->rank);
	c->lock_ranks[n] = l->rank;
	c->locks_held = n + 1;
}

void lock_rank_pop(const struct spinlock *l)
{
	struct cpu *c = this_cpu();
	uint32_t n = c->locks_held, i = n;

	while (i && c->lock_ranks[i - 1] != l->rank)
		i--;
	BUG_ON(!i);
	for (; i < n; i++)
		c->lock_ranks[i - 1] = c->lock_ranks[i];
	c->locks_held = n - 1;
}
#endif
