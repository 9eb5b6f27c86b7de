/* SPDX-License-Identifier: MIT */
/* spinlock.c - waiting for a lock, checking the order of locks, counting.
 *
 * Guards: debug builds stop at the first lock taken out of rank order, on
 * one CPU as well as on many, so that a deadlock is found before it happens.
 * Invariant: the ranks a CPU holds are strictly ascending in lock_ranks; none
 * is taken while the CPU serves another's request, which it may do while it
 * spins for any of them.
 */
#include "sync/spinlock.h"

#include "base/log.h"
#include "base/string.h"
#include "cpu/cpus.h"

void spin_wait(struct spinlock *l, uint16_t ticket)
{
	while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}

#if CONFIG_DEBUG
enum {
#define LOCK_RANK(name, rank, what)	INDEX_##name,
#include "sync/ranks.def"
#undef LOCK_RANK
	RANKS
};

/* By rank, as locks carry it. */
static const uint8_t index_of[] = {
#define LOCK_RANK(name, rank, what)	[rank] = INDEX_##name,
#include "sync/ranks.def"
#undef LOCK_RANK
};

static const struct { const char *name; uint32_t rank; } ranks[] = {
#define LOCK_RANK(name, rank, what)	{ #name, rank },
#include "sync/ranks.def"
#undef LOCK_RANK
};

/* each written by its own CPU */
static struct {
	uint64_t taken, found_held, held_ticks, longest_ticks;
} counts[MAX_CPUS][RANKS];

void lock_rank_push(const struct spinlock *l)
{
	struct cpu *c = this_cpu();
	uint64_t start = rdtsc();
	uint32_t n = c->locks_held;

	BUG_ON(c->serving);
	BUG_ON(n == ARRAY_SIZE(c->lock_ranks));
	BUG_ON(n && c->lock_ranks[n - 1] >= l->rank);
	c->lock_ranks[n] = l->rank;
	c->locks_held = n + 1;
	work_excuse(c, start);
}

/* The lock pushed last has come to us. */
void lock_is_ours(bool waited)
{
	struct cpu *c = this_cpu();
	uint64_t start = rdtsc();
	uint32_t n = c->locks_held - 1;
	unsigned i = index_of[c->lock_ranks[n]];

	counts[c->id][i].taken++;
	counts[c->id][i].found_held += waited;
	c->lock_since[n] = start - c->excused;
	work_excuse(c, start);
}

void lock_rank_pop(const struct spinlock *l)
{
	struct cpu *c = this_cpu();
	uint64_t start = rdtsc(), held;
	uint32_t n = c->locks_held, i = n;
	unsigned k = index_of[l->rank];

	while (i && c->lock_ranks[i - 1] != l->rank)
		i--;
	BUG_ON(!i);
	held = start - c->excused - c->lock_since[i - 1];
	counts[c->id][k].held_ticks += held;
	if (held > counts[c->id][k].longest_ticks)
		counts[c->id][k].longest_ticks = held;
	for (; i < n; i++) {
		c->lock_ranks[i - 1] = c->lock_ranks[i];
		c->lock_since[i - 1] = c->lock_since[i];
	}
	c->locks_held = n - 1;
	work_excuse(c, start);
}

bool lock_counts_read(unsigned index, struct lock_counts *out)
{
	if (index >= RANKS)
		return false;
	*out = (struct lock_counts){ ranks[index].name, ranks[index].rank, 0, 0, 0, 0 };
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
		out->taken += counts[cpu][index].taken;
		out->found_held += counts[cpu][index].found_held;
		out->held_ticks += counts[cpu][index].held_ticks;
		out->longest_ticks = MAX(out->longest_ticks,
					 counts[cpu][index].longest_ticks);
	}
	return true;
}

void lock_counts_reset(void)
{
	memset(counts, 0, sizeof(counts));
}
#else
bool lock_counts_read(unsigned index, struct lock_counts *out)
{
	(void)index;
	(void)out;
	return false;
}

void lock_counts_reset(void)
{
}
#endif
