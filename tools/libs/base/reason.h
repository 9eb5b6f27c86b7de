/* SPDX-License-Identifier: MIT */
/* reason.h - why something was refused, in words a person can act on.
 *
 * Every library function that can fail returns a negative errno and, when it
 * takes a `struct reason`, leaves one sentence there: what was refused, by
 * which rule, and what to do. The first sentence wins, because the place
 * where trouble is born knows most about it.
 */
#ifndef TOOLS_BASE_REASON_H
#define TOOLS_BASE_REASON_H

struct reason {
	char text[512];
};

/* Writes the sentence unless one is there already. Returns `rc`, so that a
 * refusal is one statement: return refuse(why, -EINVAL, "..."). */
int refuse(struct reason *why, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, with ": " and the error's own words after the sentence. */
int refuse_errno(struct reason *why, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Forgets the sentence, before a reason is used for another attempt. */
void reason_clear(struct reason *why);

#endif
