/* SPDX-License-Identifier: MIT */
/* quota.h - what a domain may have at most, and the word about who wanted
 * more. Domain 0 has no limits. */
#ifndef XENSTORED_QUOTA_H
#define XENSTORED_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"

#define QUOTA(id, name, standard, what) QUOTA_##id,
enum quota {
#include "quota.def"
	QUOTAS
};
#undef QUOTA

struct quotas {
	uint32_t limit[QUOTAS];
	/* a warning only */
	uint32_t soft_memory;
};

/* What a domain has of that, and when its refusals were last logged. */
struct usage {
	uint32_t nodes;
	uint32_t watches;
	uint32_t transactions;
	uint32_t outstanding;
	uint64_t memory;
	struct log_gate gates[QUOTAS];
	struct log_gate soft_gate;
	/* of its connection's ends */
	struct log_gate broken_gate;
};

void quota_defaults(struct quotas *quotas);
const char *quota_name(enum quota quota);
const char *quota_what(enum quota quota);

/* The one with this name, or QUOTAS. */
enum quota quota_find(const char *name);

/* True if domain `id` may have `wanted` in all; else the log says who, which
 * limit, and how much. `usage` is NULL for a domain nothing is known about. */
bool quota_allows(const struct quotas *quotas, enum quota quota,
		  uint32_t id, struct usage *usage, uint64_t wanted);

/* Only says so. */
void quota_refused(const struct quotas *quotas, enum quota quota, uint32_t id,
		   struct usage *usage, uint64_t wanted);

/* Warns when the memory is above the soft limit. */
void quota_warn(const struct quotas *quotas, uint32_t id,
		struct usage *usage);

#endif
