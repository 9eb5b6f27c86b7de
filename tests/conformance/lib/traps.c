/* SPDX-License-Identifier: MIT */
/* traps.c - exceptions that a rule means to raise, and events.
 *
 * Guards: a trap inside traps() ends that function only; any other trap ends
 * the suite as broken.
 */
#include "lib.h"

struct frame trapped;
uint64_t trapped_cr2;
volatile unsigned int upcalls;
volatile evtchn_port_t last_port;

/* start.S */
extern uint64_t catch_stack;
extern char catch_landing[];
int catch(void (*fn)(void *), void *arg);
void lib_trap(struct frame *f);
void lib_event(void);

bool traps(void (*fn)(void *), void *arg)
{
	return catch(fn, arg);
}

void lib_trap(struct frame *f)
{
	trapped = *f;
	trapped_cr2 = shared->vcpu_info[0].arch.cr2;
	if (!catch_stack) {
		print("  vector ");
		print_signed((long)f->vector);
		print(" error ");
		print_hex(f->error);
		print(" at ");
		print_hex(f->rip);
		print(" address ");
		print_hex(trapped_cr2);
		print("\n");
		suite_end("it trapped");
	}
	f->rip = (uint64_t)catch_landing;
	f->rsp = catch_stack;
}

/* Entered with events masked; leaves no port pending that is not masked. */
void lib_event(void)
{
	volatile struct vcpu_info *vcpu = &shared->vcpu_info[0];
	xen_ulong_t words, bits;

	upcalls++;
	vcpu->evtchn_upcall_pending = 0;
	words = __sync_lock_test_and_set(&vcpu->evtchn_pending_sel, 0);
	for (unsigned int w = 0; w < 64; w++) {
		if (!(words >> w & 1))
			continue;
		bits = shared->evtchn_pending[w] & ~shared->evtchn_mask[w];
		__sync_fetch_and_and(&shared->evtchn_pending[w], ~bits);
		if (bits)
			last_port = w * 64 +
				    (unsigned int)__builtin_ctzl(bits);
	}
}

void events_unmask(void)
{
	shared->vcpu_info[0].evtchn_upcall_mask = 0;
	__sync_synchronize();
	if (shared->vcpu_info[0].evtchn_upcall_pending)
		call(xen_version, 0, 0);	/* any call delivers them */
}

bool port_pending(evtchn_port_t port)
{
	return shared->evtchn_pending[port / 64] >> port % 64 & 1;
}

void port_mask(evtchn_port_t port, bool masked)
{
	if (masked)
		__sync_fetch_and_or(&shared->evtchn_mask[port / 64],
				    1ul << port % 64);
	else
		__sync_fetch_and_and(&shared->evtchn_mask[port / 64],
				     ~(1ul << port % 64));
}

void port_clear(evtchn_port_t port)
{
	__sync_fetch_and_and(&shared->evtchn_pending[port / 64],
			     ~(1ul << port % 64));
}
