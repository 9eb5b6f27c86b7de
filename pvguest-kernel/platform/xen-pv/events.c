/* SPDX-License-Identifier: MIT */
/* events.c - event channels: the interrupts of a paravirtual machine.
 *
 * Invariant: a port with no handler is masked.
 * The hypervisor interrupts us when upcall_pending is set and upcall_mask is
 * clear; handling clears pending first and then looks at the bits, so an event
 * that arrives meanwhile sets it again.
 */
#include "core/errno.h"
#include "platform/platform.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define PORT_COUNT 4096

static event_handler handlers[PORT_COUNT];

void event_mask(unsigned port)
{
	__atomic_fetch_or(&shared_info.evtchn_mask[port / 64], 1ul << (port % 64),
			  __ATOMIC_SEQ_CST);
}

/* By hypercall: it also raises the port again if it was pending. */
void event_unmask(unsigned port)
{
	struct evtchn_unmask op = { .port = port };

	hv_event_channel_op(EVTCHNOP_unmask, &op);
}

long event_send(unsigned port)
{
	struct evtchn_send op = { .port = port };

	return hv_event_channel_op(EVTCHNOP_send, &op);
}

void event_bind(unsigned port, event_handler handler)
{
	handlers[port] = handler;
	event_unmask(port);
}

bool event_is_bound(unsigned port)
{
	return port < PORT_COUNT && handlers[port];
}

void event_unbind(unsigned port)
{
	event_mask(port);
	handlers[port] = NULL;
}

int event_bind_virq(unsigned virq, event_handler handler)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = 0 };
	long rc = hv_event_channel_op(EVTCHNOP_bind_virq, &op);

	if (rc)
		return (int)rc;
	event_bind(op.port, handler);
	return (int)op.port;
}

static void handle_word(unsigned word)
{
	uint64_t bits = shared_info.evtchn_pending[word] & ~shared_info.evtchn_mask[word];

	while (bits) {
		unsigned bit = (unsigned)__builtin_ctzl(bits);
		unsigned port = word * 64 + bit;

		bits &= bits - 1;
		__atomic_fetch_and(&shared_info.evtchn_pending[word], ~(1ul << bit),
				   __ATOMIC_SEQ_CST);
		if (handlers[port])
			handlers[port](port);
		else
			event_mask(port);
	}
}

void platform_handle_interrupts(void)
{
	struct vcpu_info *vcpu = &shared_info.vcpu_info[0];

	while (__atomic_exchange_n(&vcpu->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST)) {
		uint64_t words = __atomic_exchange_n(&vcpu->evtchn_pending_sel, 0,
						     __ATOMIC_SEQ_CST);

		while (words) {
			handle_word((unsigned)__builtin_ctzl(words));
			words &= words - 1;
		}
	}
}

/* block returns with events unmasked; one that is due comes in by the callback
 * at once, or is found by the look afterwards. */
void platform_idle(void)
{
	hv_sched_op(SCHEDOP_block, NULL);
	shared_info.vcpu_info[0].evtchn_upcall_mask = 1;
	platform_handle_interrupts();
}
