/* SPDX-License-Identifier: MIT */
/* holder.c - a guest that holds one of each thing that refers to frames: for
 * tests of the audit.
 *
 * Rule: it prints "holder: holds N" with N the number of calls refused, and
 * sleeps.
 */
#include <public/grant_table.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "guest.h"

#define READ_ONLY 0x65ul

static uint64_t gdt[512] __attribute__((aligned(4096)));
static uint64_t info[512] __attribute__((aligned(4096)));

/* Its place in the page table is empty, and there is one. */
static uint64_t hole[512] __attribute__((aligned(4096)));

static unsigned long refused;

static void want(long rc)
{
	refused += rc != 0;
}

static void hold_descriptors(void)
{
	static xen_pfn_t frame;

	frame = machine_of(gdt) >> 12;
	want(call4(update_va_mapping, gdt, machine_of(gdt) | READ_ONLY,
		   UVMF_INVLPG, 0));
	want(call2(set_gdt, &frame, 512));
}

static void hold_roots(void)
{
	struct mmuext_op op = {
		.cmd = MMUEXT_NEW_USER_BASEPTR,
		.arg1.mfn = machine_of((void *)start_info->pt_base) >> 12,
	};

	want(call4(mmuext_op, &op, 1, 0, DOMID_SELF));
}

static void hold_info(void)
{
	struct vcpu_register_vcpu_info where = {
		.mfn = machine_of(info) >> 12,
	};

	want(call3(vcpu_op, VCPUOP_register_vcpu_info, 0, &where));
}

static void hold_grants(void)
{
	static xen_pfn_t frame;
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };

	set_xen_guest_handle(setup.frame_list, &frame);
	want(call3(grant_table_op, GNTTABOP_setup_table, &setup, 1));
	want(setup.status);
}

void guest_main(const char *arguments)
{
	struct sched_poll nothing = { .nr_ports = 0, .timeout = 0 };

	(void)arguments;
	want(call4(update_va_mapping, hole, 0, UVMF_INVLPG, 0));
	hold_descriptors();
	hold_roots();
	hold_info();
	hold_grants();
	print("holder: holds %lu\n", refused);
	for (;;)
		call2(sched_op, SCHEDOP_poll, &nothing);
}
