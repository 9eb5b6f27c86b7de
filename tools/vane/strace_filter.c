/* SPDX-License-Identifier: MIT */
/* strace_filter.c - which calls somebody wants to see.
 *
 * The hypervisor chooses by the number of the call, so that what nobody wants
 * takes no room; commands are chosen here.
 */
#include <errno.h>
#include <string.h>

#include "calls/calls.h"
#include "strace.h"

/* Calls of higher numbers share the last bit. */
#define LAST_BIT 63

int filter_parse(const char *text, struct filter *f, struct reason *why)
{
	*f = (struct filter){ .all_but = true };
	if (!text)
		return 0;
	if (!strncmp(text, "trace=", 6))
		text += 6;
	f->all_but = *text == '!';
	if (f->all_but)
		text++;
	for (;;) {
		size_t length = strcspn(text, ",");

		if (!call_find_name(text, length) &&
		    !command_find_name(text, length))
			return refuse(why, -EINVAL,
				      "no call and no command of one is named \"%.*s\"",
				      (int)length, text);
		if (f->count == FILTER_NAMES)
			return refuse(why, -EINVAL, "at most %d names",
				      FILTER_NAMES);
		f->names[f->count] = text;
		f->lengths[f->count++] = length;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

static uint64_t bit_of(const struct call *call)
{
	return 1UL << (call->number < LAST_BIT ? call->number : LAST_BIT);
}

uint64_t filter_calls(const struct filter *f)
{
	uint64_t whole = 0, part = 0;

	for (unsigned int i = 0; i < f->count; i++) {
		const struct call *call =
			call_find_name(f->names[i], f->lengths[i]);

		if (call)
			whole |= bit_of(call);
		else
			part |= bit_of(command_find_name(f->names[i],
							 f->lengths[i]));
	}
	return f->all_but ? ~whole : whole | part;
}

bool filter_wants(const struct filter *f, const struct paravane_trace_record *r)
{
	char name[CALL_NAME_ROOM], command[CALL_NAME_ROOM];

	record_name(r, name, command);
	for (unsigned int i = 0; i < f->count; i++) {
		size_t n = f->lengths[i];

		if ((strlen(name) == n && !memcmp(name, f->names[i], n)) ||
		    (strlen(command) == n && !memcmp(command, f->names[i], n)))
			return !f->all_but;
	}
	return f->all_but;
}
