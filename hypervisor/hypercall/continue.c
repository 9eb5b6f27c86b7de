/* SPDX-License-Identifier: MIT */
/* continue.c - how a long call is taken up again.
 *
 * Guards: every entry is bounded. A front that ran out of budget wrote its
 * progress into the argument registers and said -ERESTART; the instruction
 * pointer goes back over the two bytes of SYSCALL, interrupts are taken at
 * the return, and the call comes back and is checked from the start.
 * Inside a multicall the progress goes into the guest's entry instead
 * (multicall.c), and the multicall is what restarts.
 */
#include "hypercall/continue.h"

#include "traps/traps.h"

#define SYSCALL_BYTES	2

void continue_later(struct vcpu *v)
{
	v->frame.rip -= SYSCALL_BYTES;
	frame_return_by_iret(v);
}
