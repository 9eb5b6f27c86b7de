/* SPDX-License-Identifier: MIT */
/* quota.c - what a domain may have at most.
 *
 * Guards: every refusal is in the log with domain, limit and value, and no
 * domain can fill the log with its refusals.
 */
#include <string.h>

#include "quota.h"

#define QUOTA(id, name, standard, what) { name, what, standard },
static const struct {
	const char *name;
	const char *what;
	uint32_t standard;
} table[] = {
#include "quota.def"
};
#undef QUOTA

#define SOFT_MEMORY (2U << 20)

void quota_defaults(struct quotas *q)
{
	for (int i = 0; i < QUOTAS; i++)
		q->limit[i] = table[i].standard;
	q->soft_memory = SOFT_MEMORY;
}

const char *quota_name(enum quota quota)
{
	return table[quota].name;
}

const char *quota_what(enum quota quota)
{
	return table[quota].what;
}

enum quota quota_find(const char *name)
{
	int i = 0;

	while (i < QUOTAS && strcmp(table[i].name, name))
		i++;
	return (enum quota)i;
}

void quota_refused(const struct quotas *q, enum quota quota, uint32_t id,
		   struct usage *usage, uint64_t wanted)
{
	unsigned long silent;

	if (!usage || !log_gate(&usage->gates[quota], &silent))
		return;
	log_line("domain %u refused: limit %s is %u, wanted %llu (%lu more refusals since the last line)",
		 id, table[quota].name, q->limit[quota],
		 (unsigned long long)wanted, silent);
}

bool quota_allows(const struct quotas *q, enum quota quota, uint32_t id,
		  struct usage *usage, uint64_t wanted)
{
	if (!id || wanted <= q->limit[quota])
		return true;
	quota_refused(q, quota, id, usage, wanted);
	return false;
}

void quota_warn(const struct quotas *q, uint32_t id, struct usage *usage)
{
	unsigned long silent;

	if (!id || usage->memory <= q->soft_memory ||
	    !log_gate(&usage->soft_gate, &silent))
		return;
	log_line("domain %u: %llu bytes of store memory are above the soft limit of %u",
		 id, (unsigned long long)usage->memory, q->soft_memory);
}
