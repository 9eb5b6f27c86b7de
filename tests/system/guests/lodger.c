/* SPDX-License-Identifier: MIT */
/* lodger.c - a guest that takes its room and stays: for tests of domain life.
 *
 * Rule: it prints "lodger: began at TSC" with the time stamp of its first
 * instruction, and then repeats every line that is typed, as "lodger: LINE".
 * Its image has 1 MiB, for what a load costs.
 */
#include <public/event_channel.h>
#include <public/io/console.h>
#include <public/sched.h>

#include "guest.h"

/* Not all zeroes, so that the file has all of it. */
static uint8_t ballast[1 << 20] __attribute__((used)) = { 1 };

static struct xencons_interface *console(void)
{
	return va_of_mfn(start_info->console.domU.mfn);
}

static void wait_for_console(void)
{
	evtchn_port_t port = start_info->console.domU.evtchn;
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &port);
	call2(sched_op, SCHEDOP_poll, &poll);
	__atomic_fetch_and(&shared_info->evtchn_pending[port / 64],
			   ~(1ul << port % 64), __ATOMIC_SEQ_CST);
}

/* One character, or -1 when none is there. */
static int typed(void)
{
	struct xencons_interface *ring = console();
	int c;

	if (ring->in_cons == __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE))
		return -1;
	c = ring->in[MASK_XENCONS_IDX(ring->in_cons, ring->in)];
	__atomic_store_n(&ring->in_cons, ring->in_cons + 1, __ATOMIC_RELEASE);
	return c;
}

void guest_main(const char *arguments)
{
	static char line[256];
	unsigned int length = 0;

	(void)arguments;
	print("lodger: began at %lu\n", first_tsc);
	for (;;) {
		int c = typed();

		if (c < 0) {
			wait_for_console();
		} else if (c == '\n' || c == '\r') {
			line[length] = '\0';
			length = 0;
			print("lodger: %s\n", line);
		} else if (length < sizeof(line) - 1) {
			line[length++] = (char)c;
		}
	}
}
