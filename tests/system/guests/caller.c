/* SPDX-License-Identifier: MIT */
/* caller.c - a guest whose calls are known, for tests of who watches them.
 *
 * Rule: it makes the calls of known_calls() once, in that order, among those of
 * its start and its console, says "caller: done", and sleeps. With `measure` it
 * says first what a call costs that does nothing; instead of sleeping it goes on
 * calling with `busy`, and shuts down with `end`.
 */
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/memory.h>
#include <public/paravane.h>
#include <public/sched.h>
#include <public/vcpu.h>
#include <public/version.h>

#include "guest.h"

#define NO_SUCH_CALL	60
#define NO_SUCH_NUMBER	0x12345678
#define NO_SUCH_PORT	77
#define NO_SUCH_VCPU	9
#define NOWHERE		0x123450ul
#define LONG_LIST	1000
#define ROUNDS		1000

static uint64_t page[512] __attribute__((aligned(4096)));
static struct mmu_update updates[LONG_LIST];

static void ports(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = 0 };
	struct evtchn_send none = { .port = NO_SUCH_PORT };
	struct evtchn_close c;

	call2(event_channel_op, EVTCHNOP_alloc_unbound, &a);
	c.port = a.port;
	call2(event_channel_op, EVTCHNOP_close, &c);
	call2(event_channel_op, EVTCHNOP_send, &none);
	call2(event_channel_op, EVTCHNOP_send, NOWHERE);
}

static void questions(void)
{
	struct xen_feature_info features = { .submap_idx = 0 };
	struct xen_memory_domain self = { .domid = DOMID_SELF };
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	struct xen_sysctl op = {
		.cmd = XEN_SYSCTL_paravane,
		.interface_version = XEN_SYSCTL_INTERFACE_VERSION,
	};
	struct paravane_sysctl *own = (void *)&op.u;

	own->version = PARAVANE_SYSCTL_VERSION;
	own->op = PARAVANE_OP_trace_start;
	own->u.trace.domain = own_number();
	own->u.trace.calls = ~0ul;
	call2(xen_version, XENVER_version, 0);
	call2(xen_version, XENVER_get_features, &features);
	call2(memory_op, XENMEM_maximum_reservation, &self);
	call3(grant_table_op, GNTTABOP_query_size, &size, 1);
	call2(vcpu_op, VCPUOP_is_up, NO_SUCH_VCPU);
	call3(console_io, CONSOLEIO_write, 14, "say \"this\"\n\001.");
	hypercall(__HYPERVISOR_sysctl, (uint64_t)&op, 0, 0, 0, 0);
	hypercall(NO_SUCH_CALL, 1, 2, 3, 4, 5);
	hypercall(NO_SUCH_NUMBER, 0, 0, 0, 0, 0);
}

/* Too long for one entry: the hypervisor stops it half way. */
static void many_updates(void)
{
	for (unsigned int i = 0; i < LONG_LIST; i++)
		updates[i] = (struct mmu_update){ .ptr = machine_of(page), .val = i };
	call4(mmu_update, updates, LONG_LIST, 0, DOMID_SELF);
}

static void tables(void)
{
	struct mmuext_op flush = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };
	struct mmuext_op pin = {
		.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = machine_of(page) >> 12,
	};
	struct mmu_update bad = { .ptr = ~7ul | MMU_NORMAL_PT_UPDATE };

	call4(mmuext_op, &flush, 1, 0, DOMID_SELF);
	call4(mmuext_op, &pin, 1, 0, DOMID_SELF);
	call4(mmu_update, &bad, 1, 0, DOMID_SELF);
	call3(update_va_mapping, page, machine_of(page) | 0x63, UVMF_INVLPG);
	many_updates();
}

static void inner_calls(void)
{
	struct evtchn_send none = { .port = NO_SUCH_PORT };
	struct multicall_entry list[3] = {
		{ .op = __HYPERVISOR_set_segment_base,
		  .args = { SEGBASE_FS, 0x5000 } },
		{ .op = __HYPERVISOR_event_channel_op,
		  .args = { EVTCHNOP_send, (uint64_t)&none } },
		{ .op = __HYPERVISOR_vm_assist,
		  .args = { VMASST_CMD_enable, VMASST_TYPE_writable_pagetables } },
	};

	call2(multicall, list, 3);
}

static void known_calls(void)
{
	ports();
	questions();
	tables();
	inner_calls();
}

/* With nobody else to run, and nobody to be woken. */
static void measure(void)
{
	uint64_t start = rdtsc();

	for (unsigned int i = 0; i < ROUNDS; i++)
		call2(xen_version, XENVER_version, 0);
	print("caller: %lu ticks a call\n", (rdtsc() - start) / ROUNDS);
}

void guest_main(const char *arguments)
{
	struct sched_poll nothing = { .nr_ports = 0, .timeout = 0 };

	if (has_word(arguments, "measure"))
		measure();
	known_calls();
	print("caller: done\n");
	if (has_word(arguments, "end"))
		shut_down(SHUTDOWN_poweroff);
	while (has_word(arguments, "busy"))
		call2(xen_version, XENVER_version, 0);
	for (;;)
		call2(sched_op, SCHEDOP_poll, &nothing);
}
