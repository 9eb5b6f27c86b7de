/* SPDX-License-Identifier: MIT */
/* numbers.c - numbers that a person typed.
 *
 * Guards: nothing that is not wholly a number passes as one.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "numbers.h"

/* More is no machine's. */
#define MEMORY_MAX_KIB (1ULL << 40)

int read_number(const char *text, const char *what, unsigned int min,
		unsigned int max, unsigned int *number, struct reason *why)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno)
		return refuse(why, -EINVAL, "%s \"%s\" is no number", what,
			      text);
	if (n < min || n > max)
		return refuse(why, -ERANGE, "%s %s is out of range: %u to %u",
			      what, text, min, max);
	*number = (unsigned int)n;
	return 0;
}

/* Powers of two that make KiB of it. */
static int unit_shift(const char *unit, int *shift)
{
	static const struct {
		char letter;
		int shift;
	} units[] = { { 'b', -10 }, { 'k', 0 },	 { 'm', 10 },
		      { 'g', 20 },  { 't', 30 }, { '\0', 10 } };

	if (unit[0] && unit[1])
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (tolower((unsigned char)unit[0]) == units[i].letter) {
			*shift = units[i].shift;
			return 0;
		}
	}
	return -EINVAL;
}

int read_memory_size(const char *text, uint64_t *kib, struct reason *why)
{
	unsigned long long n;
	char *end;
	int shift;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || errno ||
	    unit_shift(end, &shift))
		return refuse(why, -EINVAL,
			      "\"%s\" is no amount of memory: a number of MiB, or one with b, k, m, g or t behind it",
			      text);
	if (n > MEMORY_MAX_KIB || (shift > 0 && n > MEMORY_MAX_KIB >> shift))
		return refuse(why, -ERANGE, "%s is more than any machine has",
			      text);
	*kib = shift < 0 ? n >> -shift : n << shift;
	return 0;
}
