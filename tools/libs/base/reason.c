/* SPDX-License-Identifier: MIT */
/* reason.c - the sentence that goes with an error code.
 *
 * Guards: a sentence is never overwritten by a later, vaguer one, and is a line
 * of text: words of a kernel's file, or a guest's, may be in it, and it may be
 * shown on a terminal.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/reason.h"

/* In UTF-8 those from U+0080 to U+009F, 0xc2 and another byte, are control
 * characters too. */
static void make_plain(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		if (c[0] == 0xc2 && (c[1] & 0xe0) == 0x80)
			*c++ = '?';
		else if (*c >= ' ' && *c != 0x7f)
			continue;
		*c = '?';
	}
}

int refuse(struct reason *why, int rc, const char *format, ...)
{
	va_list args;

	if (why->text[0])
		return rc;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	make_plain(why->text);
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
	make_plain(why->text);
	used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used, ": %s",
		 strerror(-rc));
	return rc;
}

void reason_clear(struct reason *why)
{
	why->text[0] = '\0';
}
