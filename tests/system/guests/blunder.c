/* SPDX-License-Identifier: MIT */
/* blunder.c - a guest that makes mistakes, for tests of what helps to find them.
 *
 * Rule: it makes one refused call of each kind in wrong_calls() and prints how
 * many were refused, then sleeps; at an NMI it crashes, three calls deep, by a
 * read of address 0x123450 for which it has no handler.
 */
#include <public/domctl.h>
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/memory.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "guest.h"

#define NO_SUCH_CALL	60
#define NO_SUCH_PORT	77
#define NO_SUCH_VCPU	8191
#define NOWHERE		0x123450ul
#define WRITABLE	0x67ul
#define NMI_VECTOR	2

static uint64_t page[512] __attribute__((aligned(4096)));
static uint64_t other[512] __attribute__((aligned(4096)));

static unsigned long refused;

static void want_refused(long rc)
{
	refused += rc < 0;
}

static void wrong_calls(void)
{
	uint64_t root = machine_of((void *)start_info->pt_base);
	struct evtchn_send send = { .port = NO_SUCH_PORT };
	struct mmuext_op pin = {
		.cmd = MMUEXT_PIN_L1_TABLE,
		.arg1.mfn = machine_of(page) >> 12,
	};
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_pausedomain,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
	};
	struct multicall_entry call = {
		.op = __HYPERVISOR_event_channel_op,
		.args = { EVTCHNOP_send, (unsigned long)&send },
	};

	want_refused(hypercall(NO_SUCH_CALL, 0, 0, 0, 0, 0));
	/* "There is none" is an answer, and not kept as a refusal. */
	if (call3(vcpu_op, VCPUOP_is_up, NO_SUCH_VCPU, 0) != -XEN_ENOENT)
		print("blunder: a vCPU that is not there was found\n");
	want_refused(call4(mmuext_op, &pin, 1, 0, DOMID_SELF));
	want_refused(call2(event_channel_op, EVTCHNOP_send, &send));
	want_refused(call2(domctl, &op, 0));
	want_refused(call4(update_va_mapping, other, root | WRITABLE,
			   UVMF_INVLPG, 0));
	want_refused(call2(memory_op, XENMEM_current_reservation, NOWHERE));
	call2(multicall, &call, 1);
	want_refused((long)call.result);
}

/* Nothing after a call may be its last: each has to have its own frame. */
static __attribute__((noinline)) unsigned long blunder_inner(unsigned long at)
{
	return *(volatile unsigned long *)at + 1;
}

static __attribute__((noinline)) unsigned long blunder_outer(unsigned long at)
{
	return blunder_inner(at + 0x50) + 1;
}

/* Entered as an interrupt is; it never goes back. */
static void on_nmi(void)
{
	print("blunder: an NMI came\n");
	page[0] = blunder_outer(NOWHERE - 0x50);
	print("blunder: came back\n");
	shut_down(SHUTDOWN_poweroff);
}

void guest_main(const char *arguments)
{
	struct trap_info traps[2] = {
		{ NMI_VECTOR, 0, FLAT_KERNEL_CS64, (unsigned long)on_nmi },
	};
	struct sched_poll nothing = { .nr_ports = 0, .timeout = 0 };

	(void)arguments;
	hypercall(__HYPERVISOR_set_trap_table, (uint64_t)traps, 0, 0, 0, 0);
	wrong_calls();
	print("blunder: %lu calls were refused\n", refused);
	for (;;)
		call2(sched_op, SCHEDOP_poll, &nothing);
}
