/* SPDX-License-Identifier: MIT */
/* console.c - the machine's console for the first domain, a ring shared with
 * the control domain's console daemon for everybody else.
 *
 * The ring's indices run freely; a byte lives at its index modulo the size.
 * When the ring is full, output waits for the daemon: nothing is lost, and a
 * guest without a daemon fills one ring and then drops.
 */
#include <public/io/console.h>

#include "core/console.h"
#include "core/time.h"
#include "mm/page.h"
#include "platform/platform.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define RING_PATIENCE (5 * NSEC_PER_SEC)

static struct xencons_interface *ring;

static void ring_notify(void)
{
	event_send(start_info->console.domU.evtchn);
}

static void ring_write(const char *buf, size_t len)
{
	static bool nobody_reads;
	uint64_t give_up = 0;

	while (len) {
		XENCONS_RING_IDX prod = ring->out_prod;

		if (prod - __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) <
		    sizeof(ring->out)) {
			ring->out[MASK_XENCONS_IDX(prod, ring->out)] = *buf++;
			__atomic_store_n(&ring->out_prod, prod + 1, __ATOMIC_RELEASE);
			len--;
			nobody_reads = false;
			give_up = 0;
			continue;
		}
		ring_notify();
		if (!give_up)
			give_up = platform_clock() + RING_PATIENCE;
		if (nobody_reads || platform_clock() > give_up) {
			nobody_reads = true;
			return;
		}
		hv_sched_op(SCHEDOP_yield, NULL);
	}
	ring_notify();
}

void platform_console_write(const char *buf, size_t len)
{
	if (ring)
		ring_write(buf, len);
	else if (xen_is_first_domain())
		hv_console_io(CONSOLEIO_write, len, buf);
}

static void ring_event(unsigned port)
{
	char buf[64];
	size_t n;

	do {
		XENCONS_RING_IDX cons = ring->in_cons;
		XENCONS_RING_IDX prod = __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE);

		for (n = 0; n < sizeof(buf) && cons != prod; n++, cons++)
			buf[n] = ring->in[MASK_XENCONS_IDX(cons, ring->in)];
		__atomic_store_n(&ring->in_cons, cons, __ATOMIC_RELEASE);
		if (n) {
			ring_notify();
			tty_console_input(buf, n);
		}
	} while (n);
}

static void machine_console_event(unsigned port)
{
	char buf[64];
	long n;

	while ((n = hv_console_io(CONSOLEIO_read, sizeof(buf), buf)) > 0)
		tty_console_input(buf, (size_t)n);
}

void xen_console_init(void)
{
	if (!xen_is_first_domain() && start_info->console.domU.mfn)
		ring = phys_to_virt(mfn_to_pfn(start_info->console.domU.mfn) << PAGE_SHIFT);
}

void xen_console_events_init(void)
{
	if (ring)
		event_bind(start_info->console.domU.evtchn, ring_event);
	else if (xen_is_first_domain())
		event_bind_virq(VIRQ_CONSOLE, machine_console_event);
}
