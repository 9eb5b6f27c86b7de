/* SPDX-License-Identifier: MIT */
/* ops.c - the front of time: set_timer_op.
 *
 * The other calls about time act on a vCPU and are vcpu_op's
 * (control/ops_vcpu.c).
 */
#include "time/time.h"

#include "hypercall/hypercall.h"

/* Old Linux kernels ask for "never" in ways that look like the far future. */
#define FAR_AHEAD	(1UL << 50)
#define INSTEAD		(100 * NS_PER_MS)

long hc_set_timer_op(struct vcpu *v, struct hcall *c)
{
	int64_t timeout = (int64_t)c->arg[0];
	uint64_t now;

	if (!timeout) {
		timer_stop(&v->time.singleshot);
		return 0;
	}
	now = time_now();
	if (timeout < 0 || timeout - (int64_t)now >= (int64_t)FAR_AHEAD)
		timeout = (int64_t)(now + INSTEAD);
	timer_set(&v->time.singleshot, (uint64_t)timeout);
	return 0;
}
