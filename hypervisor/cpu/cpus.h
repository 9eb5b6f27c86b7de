/* SPDX-License-Identifier: MIT */
/* cpus.h - the other processors: which there are, and asking them for something.
 *
 * Two kinds of request, never mixed:
 *   pending (enum cpu_pending)  deferred: served at the target's exit, where it
 *                               holds no lock. Nobody waits for one with a lock
 *                               held that the target may want.
 *   request (enum cpu_request)  spin-safe: touches only the CPU that serves it,
 *                               takes no lock, and is served also while that
 *                               CPU spins, so that it may be waited for.
 */
#ifndef PARAVANE_CPU_CPUS_H
#define PARAVANE_CPU_CPUS_H

#include "cpu/cpu.h"

/* Bit per CPU that runs; grows during boot only. Ids count from 0 without a
 * gap, in the order the CPUs came up. */
extern uint64_t cpus_online;

static inline struct cpu *cpu_of(unsigned id)
{
	return (struct cpu *)(CPU_BLOCK(id) + CPU_DATA_OFFSET);
}

/* Every CPU that runs: the lowest first. */
#define for_each_cpu(c)							\
	for (uint64_t left_ = READ_ONCE(cpus_online);			\
	     left_ && ((c) = cpu_of((unsigned)__builtin_ctzl(left_)));	\
	     left_ &= left_ - 1)

/* Sets pending bits and makes the target look at them: it is interrupted
 * unless it is the caller, or has not yet seen an earlier kick. */
void cpu_kick(struct cpu *c, uint32_t bits);
/* Spin-safe requests, the same way. */
void cpu_request(struct cpu *c, uint32_t bits);
/* What others asked of this CPU, if anything. */
void cpu_serve_requests(void);

/* All other CPUs stand still at their exits, with no lock held, from the one to
 * the other; they serve requests meanwhile. By the holder of the lifecycle lock
 * only, with no other lock. */
void cpus_hold(void);
void cpus_release(void);
/* For the exit path, on CPU_HOLD. */
void cpu_stand_still(void);

/* One turn of any loop that waits for another CPU. */
static inline void cpu_relax(void)
{
	if (unlikely(READ_ONCE(this_cpu()->requests)))
		cpu_serve_requests();
	cpu_pause();
}

#endif
