/* SPDX-License-Identifier: MIT */
/* cost.c - counts the instructions of a call and of a bounced page fault.
 *
 * Needs `--icount`: then the TSC counts executed instructions, and the same
 * binary gives the same figures on every machine. What the loops themselves
 * cost stays in the figures, a handful of instructions, here and on Xen alike.
 */
#include "guest.h"

#define ROUNDS 1000ul

void guest_main(const char *arguments)
{
	volatile void *nowhere = (volatile void *)0x1000;
	uint64_t start, calls, faults;

	(void)arguments;
	catch_faults();
	call_loop(ROUNDS);
	start = rdtsc();
	call_loop(ROUNDS);
	calls = rdtsc() - start;
	fault_loop(nowhere, ROUNDS);
	start = rdtsc();
	fault_loop(nowhere, ROUNDS);
	faults = rdtsc() - start;
	print("cost: xen_version %lu\n", calls / ROUNDS);
	print("cost: page fault %lu\n", faults / ROUNDS);
	print("cost: faults seen %lu\n", fault_count);
}
