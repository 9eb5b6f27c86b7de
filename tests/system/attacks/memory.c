/* SPDX-License-Identifier: MIT */
/* memory.c - memory_op and continuations: progress that a guest made up, lists
 * and orders beyond all bounds, answers wanted in the hypervisor's part, and
 * long calls with an event pending.
 */
#include <xen/callback.h>
#include <xen/sched.h>

#include "attack.h"

#define POOL	64

static PAGE char pool[POOL][4096];
static const unsigned int reservation_calls[] = {
	XENMEM_increase_reservation, XENMEM_decrease_reservation, XENMEM_populate_physmap,
};

static long frames_now(void)
{
	struct xen_memory_domain d = { DOMID_SELF };

	return call(memory_op, XENMEM_current_reservation, &d);
}

static void made_up_progress(void)
{
	static unsigned long list[4];
	struct xen_memory_exchange x = {
		.in = { .nr_extents = 4, .domid = DOMID_SELF },
		.out = { .nr_extents = 4, .domid = DOMID_SELF },
	};
	long before = frames_now();

	rule("progress that was never made changes no memory");
	x.in.extent_start.p = x.out.extent_start.p = list;
	for (unsigned int bit = 2; bit < 64; bit++) {
		x.nr_exchanged = (1ul << bit) + (bit == 2);
		want_true(call(memory_op, XENMEM_exchange, &x) < 0);
		x.nr_exchanged = -(1ul << bit);
		want_true(call(memory_op, XENMEM_exchange, &x) < 0);
	}
	for (unsigned int c = 0; c < COUNT(reservation_calls); c++)
		for (unsigned int bit = 2; bit < 58; bit++)
			memory(reservation_calls[c] | 1ul << (bit + 6), list, 4, 0);
	want(frames_now(), before);
	rule("an exchange whose lists lie over its own argument ends");
	for (unsigned int i = 0; i < 200; i++) {
		x = (struct xen_memory_exchange){
			.in = { .nr_extents = 3, .domid = DOMID_SELF },
			.out = { .nr_extents = 3, .domid = DOMID_SELF },
		};
		x.in.extent_start.p = (void *)((char *)&x + i % sizeof(x));
		x.out.extent_start.p = (void *)((char *)&x + (i * 7) % sizeof(x));
		call(memory_op, XENMEM_exchange, &x);
	}
	want(frames_now(), before);
}

static void orders(void)
{
	static unsigned long list[POOL];
	long before = frames_now();

	rule("no order, node or address width gives or takes what it should not");
	for (unsigned int order = 5; order < 80; order++)
		for (unsigned int c = 0; c < COUNT(reservation_calls); c++) {
			memset(list, 0, sizeof(list));
			want(memory(reservation_calls[c], list, 4, order < 72 ? order : ~0u - order), 0);
		}
	for (unsigned int bits = 0; bits < 32; bits++) {
		struct xen_memory_reservation r = {
			.nr_extents = 1, .domid = DOMID_SELF, .mem_flags = 1u << bits,
		};

		r.extent_start.p = list;
		list[0] = 0;
		call(memory_op, XENMEM_decrease_reservation, &r);
		r.domid = 0x1234;
		call(memory_op, XENMEM_populate_physmap, &r);
	}
	want(frames_now(), before);
	rule("no answer is written over the hypervisor, or over a page table");
	for (unsigned int i = 0; i < 6; i++) {
		static const uint64_t over[] = {
			HYPERVISOR_VIRT_START, 0xffff82d080200000ul, 0xffff830000000000ul,
			HYPERVISOR_VIRT_END - 8, 0x800000000000ul,
		};
		uint64_t at = i < 5 ? over[i] : start_info->pt_base;

		for (unsigned int c = 0; c < COUNT(reservation_calls); c++)
			want(memory(reservation_calls[c] == XENMEM_decrease_reservation ?
				    XENMEM_populate_physmap : reservation_calls[c],
				    (unsigned long *)at, 1, 0), 0);
		for (unsigned int cmd = 0; cmd < 64; cmd++)
			if (cmd != XENMEM_maximum_ram_page &&
			    cmd != XENMEM_get_sharing_freed_pages &&
			    cmd != XENMEM_get_sharing_shared_pages && i < 5)
				want_true(call(memory_op, cmd, at) <= 0);
	}
}

void attack_reservations(void)
{
	made_up_progress();
	orders();
	rule("a frame named many times is given back or traded once");
	{
		static unsigned long many[POOL];
		struct xen_memory_exchange x = {
			.in = { .nr_extents = POOL, .domid = DOMID_SELF },
			.out = { .nr_extents = POOL, .domid = DOMID_SELF },
		};
		long before = frames_now();

		for (unsigned int i = 0; i < POOL; i++)
			many[i] = virt_to_mfn(pool[0]);
		call(update_va_mapping, pool[0], 0, UVMF_INVLPG);
		x.in.extent_start.p = x.out.extent_start.p = many;
		want_true(call(memory_op, XENMEM_exchange, &x) < 0);
		want(x.nr_exchanged, 1);
		want(frames_now(), before);
		for (unsigned int i = 0; i < POOL; i++)
			many[i] = virt_to_mfn(pool[1]);
		call(update_va_mapping, pool[1], 0, UVMF_INVLPG);
		want(memory(XENMEM_decrease_reservation, many, POOL, 0), 1);
		want(frames_now(), before - 1);
	}
}

/* A call in its continued shape, with a count and a list of any kind. */
static void continued(void)
{
	static const uint64_t lists[] = {
		0, 0x1000, 0x800000000000ul, HYPERVISOR_VIRT_START, HYPERVISOR_VIRT_END - 8,
		~0ul, ~0ul << 4,
	};
	/* the second ends either list: what follows is not meant */
	static struct mmuext_op ops[2] = { { .cmd = MMUEXT_TLB_FLUSH_LOCAL }, { .cmd = 99 } };
	static struct mmu_update updates[2] = { { 7, 7 }, { 7, 7 } };
	uint64_t own[2] = { (uint64_t)ops, (uint64_t)updates };

	rule("a call that looks continued is checked as if it were new");
	for (unsigned int i = 0; i < COUNT(lists) + 2; i++)
		for (unsigned int bit = 0; bit < 32; bit++) {
			uint64_t list = i < COUNT(lists) ? lists[i] : own[i - COUNT(lists)];
			uint64_t count = 0x80000000u | (1u << bit) | (bit & 1 ? 0xffffffff00000000ul : 0);

			if (list != own[0])
				call(mmu_update, list, count, lists[bit % COUNT(lists)], bit);
			if (list != own[1])
				call(mmuext_op, list, count, lists[bit % COUNT(lists)], DOMID_SELF);
		}
	want_answered();
	rule("a list of calls that changes as it is read is read once each");
	for (unsigned int i = 0; i < 100; i++) {
		static struct multicall_entry m[4];

		for (unsigned int k = 0; k < 4; k++)
			m[k] = (struct multicall_entry){
				.op = __HYPERVISOR_memory_op,
				.args = { XENMEM_exchange, (uint64_t)&m[k] - i },
			};
		call(multicall, m, 4);
		call(multicall, lists[i % COUNT(lists)], 1u << (i & 31));
	}
	want_answered();
	reset_gates();
	set_callback(CALLBACKTYPE_event, 0, entry_stub(ENTRY_EVENT));
}

static volatile evtchn_port_t port;

static void interrupt(void)
{
	call(event_channel_op, EVTCHNOP_send, &(struct evtchn_send){ port });
}

static void interrupted(void)
{
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	static struct mmu_update updates[2000];
	static struct mmuext_op flushes[2000];
	unsigned int seen;

	rule("a long call is interrupted by events, and does all its work");
	want(call(event_channel_op, EVTCHNOP_bind_ipi, &ipi), 0);
	port = ipi.port;
	port_mask(port, false);
	for (unsigned int i = 0; i < 2000; i++) {
		updates[i] = (struct mmu_update){
			entry_at(spare, 1), maddr(spare) | 7 | (uint64_t)(i & 7) << 9,
		};
		flushes[i] = (struct mmuext_op){ .cmd = MMUEXT_TLB_FLUSH_LOCAL };
	}
	events_unmask();
	beside(interrupt);
	seen = upcalls;
	for (unsigned int round = 0; round < 60 || upcalls == seen; round++) {
		unsigned int done = 0;

		want(call(mmu_update, updates, 2000, &done, DOMID_SELF), 0);
		want(done, 2000);
		done = 0;
		want(call(mmuext_op, flushes, 2000, &done, DOMID_SELF), 0);
		want(done, 2000);
	}
	beside_stop();
	events_mask();
}

void attack_continuations(void)
{
	continued();
	interrupted();
}
