/* SPDX-License-Identifier: MIT */
/* strace.h - between the files of vane strace. */
#ifndef VANE_STRACE_H
#define VANE_STRACE_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/paravane.h>

#include "base/reason.h"
#include "json.h"

/* strace_filter.c: which calls somebody wants to see. */
#define FILTER_NAMES 64

struct filter {
	bool all_but;
	unsigned int count;
	/* of a whole call, or of one command */
	const char *names[FILTER_NAMES];
	size_t lengths[FILTER_NAMES];
};

/* NULL is everything. -EINVAL for a name that nothing has. */
int filter_parse(const char *text, struct filter *f, struct reason *why);
/* What the hypervisor is to record: a bit per call. */
uint64_t filter_calls(const struct filter *f);
bool filter_wants(const struct filter *f, const struct paravane_trace_record *r);

/* strace_summary.c: what the calls come to. */
struct summary;

/* NULL if there is no memory. */
struct summary *summary_new(void);
void summary_add(struct summary *s, const struct paravane_trace_record *r);
void summary_print(struct summary *s, uint64_t lost);
void summary_json(struct summary *s, uint64_t lost, struct json *j);
void summary_free(struct summary *s);

#endif
