/* SPDX-License-Identifier: MIT */
/* state.h - the calls of a vCPU that were refused last.
 */
#ifndef PARAVANE_HYPERCALL_STATE_H
#define PARAVANE_HYPERCALL_STATE_H

#include "base/types.h"

#define REFUSALS_KEPT	8

struct refusal {
	uint64_t when;			/* system time */
	uint64_t rip;
	uint64_t arg[6];
	uint64_t item[2];		/* what the call's pointer points to */
	uint32_t call;
	uint16_t error;
	uint16_t rule;			/* enum refusal_rule */
};

struct refusals_vcpu {
	/* the CPU it runs on writes; others read, and look at `count` again */
	struct refusal kept[REFUSALS_KEPT];
	uint64_t count;			/* since it was made; % REFUSALS_KEPT is the next slot */
	/* this CPU only: the rule named last, and the call in which it was */
	uint64_t rule_rip;
	uint16_t rule;
};

#endif
