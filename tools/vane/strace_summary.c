/* SPDX-License-Identifier: MIT */
/* strace_summary.c - what the calls of a domain come to.
 *
 * Invariant: no tick is counted twice: what a multicall's inner calls took is
 * taken off the multicall, as far as these are counted too (-e may hide them). A
 * call that is stopped half way counts once, when it is done, with all its ticks.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/calls.h"
#include "strace.h"

/* More than there are calls and commands with a name. */
#define ROWS_MAX 512
#define VCPUS_MAX 64

struct row {
	char name[2 * CALL_NAME_ROOM];
	uint64_t calls, errors, again, ticks;
};

struct summary {
	struct row rows[ROWS_MAX];
	unsigned int count;
	/* of the calls inside the multicall that each vCPU is in */
	uint64_t inner_ticks[VCPUS_MAX];
};

struct summary *summary_new(void)
{
	return calloc(1, sizeof(struct summary));
}

void summary_free(struct summary *s)
{
	free(s);
}

static struct row *row_of(struct summary *s, const struct paravane_trace_record *r)
{
	char name[CALL_NAME_ROOM], command[CALL_NAME_ROOM];
	char whole[2 * CALL_NAME_ROOM];

	record_name(r, name, command);
	snprintf(whole, sizeof(whole), "%s%s%s", name, *command ? " " : "",
		 command);
	for (unsigned int i = 0; i < s->count; i++)
		if (!strcmp(s->rows[i].name, whole))
			return &s->rows[i];
	if (s->count == ROWS_MAX - 1)
		snprintf(whole, sizeof(whole), "others");
	if (s->count == ROWS_MAX)
		return &s->rows[ROWS_MAX - 1];
	memcpy(s->rows[s->count].name, whole, sizeof(whole));
	return &s->rows[s->count++];
}

void summary_add(struct summary *s, const struct paravane_trace_record *r)
{
	struct row *row = row_of(s, r);
	uint64_t *inner = &s->inner_ticks[r->vcpu % VCPUS_MAX];
	uint64_t ticks = r->ticks;

	if (r->flags & PARAVANE_TRACE_INNER) {
		*inner += ticks;
	} else if (r->call == __HYPERVISOR_multicall) {
		ticks -= *inner < ticks ? *inner : ticks;
		*inner = 0;
	}
	row->ticks += ticks;
	if (record_again(r))
		row->again++;
	else
		row->calls++;
	row->errors += record_failed(r);
}

static int by_ticks(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->ticks != y->ticks)
		return x->ticks > y->ticks ? -1 : 1;
	return strcmp(x->name, y->name);
}

static struct row total(struct summary *s)
{
	struct row all = { .name = "total" };

	qsort(s->rows, s->count, sizeof(s->rows[0]), by_ticks);
	for (unsigned int i = 0; i < s->count; i++) {
		all.calls += s->rows[i].calls;
		all.errors += s->rows[i].errors;
		all.again += s->rows[i].again;
		all.ticks += s->rows[i].ticks;
	}
	return all;
}

static uint64_t mean(const struct row *r)
{
	return r->calls ? r->ticks / r->calls : r->ticks;
}

static void print_row(const struct row *r, uint64_t ticks)
{
	printf("%6.2f %13" PRIu64 " %11" PRIu64 " %9" PRIu64 " %7" PRIu64
	       " %7" PRIu64 " %s\n",
	       ticks ? 100.0 * (double)r->ticks / (double)ticks : 0.0, r->ticks,
	       mean(r), r->calls, r->errors, r->again, r->name);
}

void summary_print(struct summary *s, uint64_t lost)
{
	struct row all = total(s);

	printf("%6s %13s %11s %9s %7s %7s %s\n", "%", "ticks", "ticks/call",
	       "calls", "errors", "again", "call");
	for (unsigned int i = 0; i < s->count; i++)
		print_row(&s->rows[i], all.ticks);
	print_row(&all, all.ticks);
	if (lost)
		printf("%" PRIu64 " more calls came too fast and are not in this\n",
		       lost);
}

void summary_json(struct summary *s, uint64_t lost, struct json *j)
{
	struct row all = total(s);

	json_open(j, NULL, '{');
	json_number(j, "calls", all.calls);
	json_number(j, "errors", all.errors);
	json_number(j, "again", all.again);
	json_number(j, "ticks", all.ticks);
	json_number(j, "lost", lost);
	json_open(j, "rows", '[');
	for (unsigned int i = 0; i < s->count; i++) {
		const struct row *r = &s->rows[i];

		json_open(j, NULL, '{');
		json_string(j, "name", r->name);
		json_number(j, "calls", r->calls);
		json_number(j, "errors", r->errors);
		json_number(j, "again", r->again);
		json_number(j, "ticks", r->ticks);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}
