/* SPDX-License-Identifier: MIT */
/* calls.c - vCPUs made and placed wrongly, the console, interrupts, and calls
 * that are the control domain's.
 */
#include <xen/physdev.h>
#include <xen/sched.h>

#include "attack.h"

#define op(cmd, vcpu, arg)	call(vcpu_op, VCPUOP_##cmd, vcpu, arg)

static void forever(void)
{
	for (;;)
		yield();
}

static void places(void)
{
	static PAGE char there[4096];
	static const unsigned int offsets[] = { 4095, 4094, 4080, 4033, 4096, 8192, 0x80000000, ~0u };
	struct vcpu_register_vcpu_info info = { .mfn = virt_to_mfn(there) };
	unsigned int taken = 0;

	rule("a vCPU's information lies in a page of ours, aligned, in one piece, once");
	for (unsigned int i = 0; i < COUNT(offsets); i++) {
		info.offset = offsets[i];
		want_true(op(register_vcpu_info, 1, &info) < 0);
	}
	info.offset = 0;
	info.mfn = entry_at(page, 1) >> 12;
	want_true(op(register_vcpu_info, 1, &info) < 0);
	for (unsigned int bit = 20; bit < 64; bit++) {
		info.mfn = 1ul << bit;
		want_true(op(register_vcpu_info, 1, &info) < 0);
	}
	info.mfn = 0;
	want_true(op(register_vcpu_info, 1, &info) < 0);
	info.mfn = virt_to_mfn(there);
	for (unsigned int offset = 1; offset < 4096; offset += 3) {
		info.offset = offset;
		taken += !op(register_vcpu_info, 1, &info);
	}
	want_true(taken <= 1);
	if (!taken) {
		info.offset = 64;
		want(op(register_vcpu_info, 1, &info), 0);
	}
	want_true(op(register_vcpu_info, 1, &info) < 0);
	rule("a page that holds a vCPU's information is no page table");
	want(read_only(there), 0);
	want_true(extended(MMUEXT_PIN_L1_TABLE, virt_to_mfn(there), 0) < 0);
	want(read_write(there), 0);
}

static void states(void)
{
	static struct vcpu_guest_context c;

	rule("a vCPU with a bad state is not made, and can still be made");
	for (unsigned int i = 0; i < 200; i++) {
		uint64_t *words = (uint64_t *)&c;

		memset(&c, 0, sizeof(c));
		c.ctrlreg[3] = xen_pfn_to_cr3(i & 1 ? random_number() : virt_to_mfn(page));
		for (unsigned int k = 0; k < 40; k++)
			words[random_number() % (sizeof(c) / 8 - 8)] = random_number();
		if (i & 1)
			c.ctrlreg[3] = ~0ul << 12;
		want_true(op(initialise, 1, &c) < 0);
	}
	rule("no vCPU beyond those there are is made, started or asked about");
	for (unsigned int vcpu = 2; vcpu; vcpu <<= 1)
		for (unsigned int cmd = 0; cmd < 20; cmd++)
			want_true(call(vcpu_op, cmd, vcpu, &c) < 0);
	rule("a vCPU that goes up and down at every moment stays what it is");
	want(second_start(forever), 0);
	for (unsigned int i = 0; i < 3000; i++) {
		op(down, 1, 0);
		if (i & 1)
			yield();
		want_true(op(initialise, 1, &c) < 0);
		op(up, 1, 0);
		op(is_up, 1, 0);
	}
	op(down, 1, 0);
}

/* Where the hypervisor writes later, by itself. */
static void registered(void)
{
	struct vcpu_register_runstate_memory_area area;
	static const uint64_t over[] = {
		0, 0x1000, 0x800000000000ul, HYPERVISOR_VIRT_START, 0xffff830000000000ul, ~0ul,
	};

	rule("what is written to a place later is not written over the hypervisor");
	for (unsigned int i = 0; i < COUNT(over); i++) {
		area.addr.p = over[i];
		op(register_runstate_memory_area, 0, &area);
		op(register_vcpu_time_memory_area, 0, &area);
		for (unsigned int k = 0; k < 20; k++)
			yield();
	}
	area.addr.p = start_info->pt_base;	/* read-only to us */
	op(register_runstate_memory_area, 0, &area);
	op(register_vcpu_time_memory_area, 0, &area);
	for (unsigned int k = 0; k < 20; k++)
		yield();
	want(((volatile uint64_t *)start_info->pt_base)[1], 0);
}

void attack_vcpus(void)
{
	places();
	registered();
	states();
}

void attack_console(void)
{
	static const uint64_t sizes[] = {
		0, 1, 127, 128, 129, 4096, 0x7fffffff, 0x80000000ul, 0xffffffff, 1ul << 32, ~0ul,
	};
	static const uint64_t places[] = { 0x1000, 0x800000000000ul, HYPERVISOR_VIRT_START, ~0ul };

	rule("the machine's console is not this domain's, at any length");
	for (unsigned int i = 0; i < COUNT(sizes); i++)
		for (unsigned int cmd = 0; cmd < 4; cmd++) {
			want_true(call(console_io, cmd, sizes[i], page) < 0);
			for (unsigned int k = 0; k < COUNT(places); k++)
				want_true(call(console_io, cmd, sizes[i], places[k]) < 0);
		}
}

void attack_interrupts(void)
{
	static uint8_t arg[64];
	unsigned long got = 0;

	rule("no interrupt line, message or device is this domain's to map");
	for (unsigned int line = 0; line < 300; line++)
		for (int type = 0; type < 5; type++) {
			struct physdev_map_pirq m = {
				.domid = DOMID_SELF, .type = type, .index = (int)line, .pirq = -1,
			};
			struct evtchn_bind_pirq b = { .pirq = line };

			got += !call(physdev_op, PHYSDEVOP_map_pirq, &m);
			got += !call(event_channel_op, EVTCHNOP_bind_pirq, &b);
		}
	want(got, 0);
	rule("rubbish in calls about devices harms nobody");
	for (unsigned int cmd = 0; cmd < 48; cmd++)
		for (unsigned int fill = 0; fill < 256; fill += 15) {
			if (cmd == PHYSDEVOP_set_iopl || cmd == PHYSDEVOP_set_iobitmap)
				continue;
			memset(arg, (int)fill, sizeof(arg));
			call(physdev_op, cmd, arg);
			call(physdev_op, cmd, BAD_POINTER);
			call(physdev_op, cmd, HYPERVISOR_POINTER);
		}
	want_answered();
}

void attack_control(void)
{
	static PAGE uint32_t block[1024];
	static const struct { unsigned int call, version; } calls[] = {
		{ __HYPERVISOR_domctl, 0x15 }, { __HYPERVISOR_sysctl, 0x15 },
		{ __HYPERVISOR_platform_op, 0x03000001 },
	};
	unsigned long done = 0, changed = 0;

	rule("every control call is refused, whomever it names, and writes nothing");
	for (unsigned int c = 0; c < COUNT(calls); c++)
		for (unsigned int cmd = 0; cmd < 128; cmd++)
			for (unsigned int domain = 0; domain < 4; domain++) {
				memset(block, 0x11, sizeof(block));
				block[0] = cmd;
				block[1] = calls[c].version;
				block[2] = domain == 3 ? DOMID_SELF : domain;
				done += hypercall5(calls[c].call, (long)block, 0, 0, 0, 0) >= 0;
				for (unsigned int i = 3; i < 1024; i++)
					changed += block[i] != 0x11111111;
			}
	want(done, 0);
	want(changed, 0);
	rule("no domain but this one is named with success");
	for (unsigned int d = 0; d < 8; d++) {
		struct xen_memory_domain m = { (domid_t)d };
		struct evtchn_status s = { .dom = (domid_t)d, .port = 1 };
		struct sched_remote_shutdown off = { .domain_id = (domid_t)d, .reason = 1 };

		if (d == own_number())
			continue;
		want_true(call(memory_op, XENMEM_current_reservation, &m) < 0);
		want_true(call(event_channel_op, EVTCHNOP_status, &s) < 0);
		want_true(call(sched_op, SCHEDOP_remote_shutdown, &off) < 0);
		want_true(call(mmu_update, 0, 0, 0, d) <= 0);
		want_true(call(update_va_mapping_otherdomain, page, 0, 0, d) < 0);
	}
}
