/* SPDX-License-Identifier: MIT */
/* cpus.h - processors as the proofs see them: what they remember is theirs to
 * say (flush.c, race.c).
 */
#ifndef PARAVANE_MODEL_CPUS_H
#define PARAVANE_MODEL_CPUS_H

#include "cpu/percpu.h"

#ifndef MODEL_CPUS
#define MODEL_CPUS	3
#endif
#define REQUEST_FLUSH	1u
#define REQUEST_CACHES	2u

struct cpu {
	uint64_t tlb_flushed;
	uint32_t tlb_owner, requests, id;
};

/* Times of the flush clock differ by a few, or by about so many quarters of
 * what a stamp can tell apart: enough to meet each case of comparing them. */
#define TIMES		0x1c003UL

extern struct cpu model_cpu[MODEL_CPUS];
extern uint64_t cpus_online;

static inline struct cpu *cpu_of(unsigned id)
{
	return &model_cpu[id];
}

#define for_each_cpu(c) \
	for ((c) = model_cpu; (c) < model_cpu + MODEL_CPUS; (c)++)

/* Whose code runs. */
struct cpu *this_cpu(void);
void cpu_request(struct cpu *c, uint32_t bits);
/* What was asked of others is done, and more may be. */
void cpu_relax(void);

#endif
