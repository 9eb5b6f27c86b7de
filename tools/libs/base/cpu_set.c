/* SPDX-License-Identifier: MIT */
/* cpu_set.c - sets of CPUs, and xl's way to write them.
 *
 * Guards: no number in a text reaches beyond the set's memory.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu_set.h"

bool cpu_set_has(const struct cpu_set *set, unsigned int cpu)
{
	return cpu < CPU_SET_MAX && set->bytes[cpu / 8] >> cpu % 8 & 1;
}

static void put(struct cpu_set *set, unsigned int cpu, bool member)
{
	uint8_t bit = (uint8_t)(1 << cpu % 8);

	if (member)
		set->bytes[cpu / 8] |= bit;
	else
		set->bytes[cpu / 8] &= (uint8_t)~bit;
}

/* Takes a number and what was read off *text; false if there is none. */
static bool take_cpu(const char **text, unsigned int *cpu)
{
	char *end;
	unsigned long n;

	if (!isdigit((unsigned char)**text))
		return false;
	n = strtoul(*text, &end, 10);
	*text = end;
	*cpu = (unsigned int)(n < CPU_SET_MAX ? n : CPU_SET_MAX);
	return n < CPU_SET_MAX;
}

/* One item, `all`, `N` or `N-M`, of `length` characters. */
static int take_item(struct cpu_set *set, const char *item, size_t length,
		     struct reason *why)
{
	const char *at = item, *end = item + length;
	bool member = *at != '^';
	unsigned int first, last;

	at += !member;
	if (end - at == 3 && !strncmp(at, "all", 3)) {
		memset(set->bytes, member ? 0xff : 0, sizeof(set->bytes));
		return 0;
	}
	if (!take_cpu(&at, &first))
		goto out;
	last = first;
	if (*at == '-' && (at++, !take_cpu(&at, &last)))
		goto out;
	if (at != end || last < first)
		goto out;
	for (unsigned int cpu = first; cpu <= last; cpu++)
		put(set, cpu, member);
	if (set->named <= last)
		set->named = last + 1;
	return 0;
out:
	return refuse(why, -EINVAL,
		      "\"%.*s\" is no CPU: a list has items like 3, 0-3 or all, with ^ before those to leave out, and no CPU above %u",
		      (int)length, item, CPU_SET_MAX - 1);
}

int cpu_set_parse(struct cpu_set *set, const char *text, struct reason *why)
{
	memset(set, 0, sizeof(*set));
	for (;;) {
		size_t length = strcspn(text, ",");
		int rc = take_item(set, text, length, why);

		if (rc)
			return rc;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

int cpu_set_check(const struct cpu_set *set, unsigned int nr_cpus,
		  struct reason *why)
{
	if (set->named > nr_cpus)
		return refuse(why, -EINVAL,
			      "there is no CPU %u: this machine has CPUs 0 to %u",
			      set->named - 1, nr_cpus - 1);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		if (cpu_set_has(set, cpu))
			return 0;
	return refuse(why, -EINVAL,
		      "no CPU is left: a list of CPUs needs one at least of 0 to %u",
		      nr_cpus - 1);
}

void cpu_set_format(const struct cpu_set *set, unsigned int nr_cpus,
		    char text[CPU_SET_TEXT])
{
	unsigned int cpu = 0, members = 0;
	size_t used = 0;

	while (cpu < nr_cpus) {
		unsigned int first = cpu;

		while (cpu < nr_cpus && cpu_set_has(set, cpu))
			cpu++;
		members += cpu - first;
		if (cpu == first) {
			cpu++;
			continue;
		}
		used += (size_t)snprintf(text + used, CPU_SET_TEXT - used,
					 cpu - first > 1 ? "%s%u-%u" : "%s%u",
					 used ? "," : "", first, cpu - 1);
	}
	if (!members || members == nr_cpus)
		strcpy(text, members ? "all" : "none");
}
