/* SPDX-License-Identifier: MIT */
/* ops_console.c - the machine's console for the control domain: console_io.
 *
 * Guards: nobody else prints or reads here. Text passes through a buffer of
 * our own, in pieces, within the work budget. Whoever prints waits while the
 * port is busy, but not in here: the call is restarted.
 */
#include "base/string.h"
#include "console/console.h"
#include "domain/domain.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"

#define PIECE	128U
#define CHAR_UNITS	3	/* of the budget */

/* Progress: the count and the address move on. */
static long console_io_write(struct hcall *c)
{
	char text[PIECE];

	while ((uint32_t)c->arg[1]) {
		uint32_t n = MIN((uint32_t)c->arg[1], PIECE), done;

		if (copy_from_guest(text, c->arg[2], n))
			return -EFAULT;
		done = (uint32_t)console_write(text, n);
		c->arg[1] = (uint32_t)c->arg[1] - done;
		c->arg[2] += done;
		if (done < n || (c->arg[1] && !budget_left((int)n * CHAR_UNITS)))
			return -ERESTART;
	}
	return 0;
}

/* What was typed and cannot be stored is lost, as on a terminal. */
static long console_io_read(const struct hcall *c)
{
	uint32_t count = (uint32_t)c->arg[1], done = 0;
	char text[PIECE];
	size_t n;

	if (count > INT32_MAX)
		return -E2BIG;
	while (done < count) {
		n = console_read(text, MIN(count - done, PIECE));
		if (!n)
			break;
		if (copy_to_guest(c->arg[2] + done, text, n))
			return -EFAULT;
		done += (uint32_t)n;
	}
	return done;
}

long hc_console_io(struct vcpu *v, struct hcall *c)
{
	if (!v->domain->control)
		return -EPERM;
	switch ((uint32_t)c->arg[0]) {
	case CONSOLEIO_write:
		return console_io_write(c);
	case CONSOLEIO_read:
		return console_io_read(c);
	default:
		return -ENOSYS;
	}
}
