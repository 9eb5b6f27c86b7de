/* SPDX-License-Identifier: MIT */
/* reason.c - the sentence that goes with an error code.
 *
 * Guards: a sentence is never overwritten by a later, vaguer one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/reason.h"

int refuse(struct reason *why, int rc, const char *format, ...)
{
	va_list args;

	if (why->text[0])
		return rc;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return rc;
}

int refuse_errno(struct reason *why, int rc, const char *format, ...)
{
	va_list args;
	size_t used;

	if (why->text[0])
		return rc;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used, ": %s",
		 strerror(-rc));
	return rc;
}

void reason_clear(struct reason *why)
{
	why->text[0] = '\0';
}
