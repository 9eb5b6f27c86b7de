/* SPDX-License-Identifier: MIT */
/* rows.c - each row of hypercalls.def once, so that none goes unmeasured. */
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/paravane.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>

#include "stretch.h"

enum {
#define HYPERCALL(nr, name, front, arguments, caller, purpose) NR_##name = nr,
#include <abi/hypercalls.def>
};

static const struct row {
	uint32_t number, command;
} rows[] = {
#define SUBCALL(call, constant, command, argument, caller, purpose) \
	{ NR_##call, command },
#include <abi/hypercalls.def>
};

static const uint32_t numbers[] = {
#define HYPERCALL(nr, name, front, arguments, caller, purpose) nr,
#include <abi/hypercalls.def>
};

/* What ends us, or waits for what never comes; long_others() does better. */
static bool deadly(uint32_t number, uint32_t command)
{
	switch (number) {
	case NR_sched_op:
		return command == SCHEDOP_shutdown || command == SCHEDOP_block ||
			command == SCHEDOP_poll || command == SCHEDOP_remote_shutdown ||
			command == SCHEDOP_watchdog;
	case NR_sched_op_compat:
	case NR_iret:
		return true;
	case NR_vcpu_op:
		return command == VCPUOP_down;
	case NR_platform_op:
		return command == XENPF_enter_acpi_sleep;
	case NR_sysctl:
		return command == XEN_SYSCTL_paravane;	/* not to forget it all */
	case NR_domctl:
		return command == XEN_DOMCTL_max_mem;
	}
	return false;
}

/* Commands that lie in the block, behind which the version stands. */
static void block_call(uint32_t number, uint32_t command, uint32_t version)
{
	memset(room, 0, 256);
	((uint32_t *)room)[0] = command;
	((uint32_t *)room)[1] = version;
	hypercall5(number, (long)room, 0, 0, 0, 0);
}

static void sub_call(uint32_t number, uint32_t command)
{
	uint64_t *update = (uint64_t *)room;

	memset(room, 0, 4096);
	switch (number) {
	case NR_domctl:
		block_call(number, command, XEN_DOMCTL_INTERFACE_VERSION);
		break;
	case NR_sysctl:
		block_call(number, command, XEN_SYSCTL_INTERFACE_VERSION);
		break;
	case NR_platform_op:
		block_call(number, command, XENPF_INTERFACE_VERSION);
		break;
	case NR_mmuext_op:
		((uint32_t *)room)[0] = command;
		hypercall5(number, (long)room, 1, 0, DOMID_SELF, 0);
		break;
	case NR_mmu_update:
		update[0] = machine_of(pte_of(blank)) | command;
		update[1] = *pte_of(blank);
		if (command == MMU_MACHPHYS_UPDATE) {
			update[0] = (virt_to_mfn(blank) << 12) | command;
			update[1] = ((uint64_t)blank - VIRT_BASE) >> 12;
		}
		hypercall5(number, (long)room, 1, 0, DOMID_SELF, 0);
		break;
	case NR_vcpu_op:
		hypercall5(number, command, 0, (long)room, 0, 0);
		break;
	case NR_grant_table_op:
	case NR_console_io:
		hypercall5(number, command, (long)room, 1, 0, 0);
		break;
	default:
		hypercall5(number, command, (long)room, 0, 0, 0);
	}
}

/* The same in many entries of one multicall, each with the other's block. */
static void many_rows(const struct row *r)
{
	static struct multicall_entry entries[200];
	struct multicall_entry e = { .op = r->number,
		.args = { r->command, (uint64_t)room } };

	memset(room, 0, 256);
	if (r->number == NR_vcpu_op) {
		e.args[1] = 0;
		e.args[2] = (uint64_t)room;
	} else if (r->number == NR_grant_table_op || r->number == NR_console_io) {
		e.args[2] = 1;
	} else if (r->number == NR_domctl || r->number == NR_sysctl ||
		   r->number == NR_platform_op) {
		((uint32_t *)room)[0] = r->command;
		((uint32_t *)room)[1] = r->number == NR_domctl ? XEN_DOMCTL_INTERFACE_VERSION :
			r->number == NR_sysctl ? XEN_SYSCTL_INTERFACE_VERSION :
						 XENPF_INTERFACE_VERSION;
		e.args[0] = (uint64_t)room;
	} else if (r->number == NR_mmuext_op || r->number == NR_mmu_update) {
		return;
	}
	for (unsigned int i = 0; i < COUNT(entries); i++)
		entries[i] = e;
	hypercall5(NR_multicall, (long)entries, COUNT(entries), 0, 0, 0);
}

void every_row(void)
{
	for (unsigned int i = 0; i < COUNT(numbers); i++)
		if (!deadly(numbers[i], 0))
			hypercall5(numbers[i], 0, 0, 0, 0, 0);
	for (unsigned int i = 0; i < COUNT(rows); i++)
		if (!deadly(rows[i].number, rows[i].command))
			sub_call(rows[i].number, rows[i].command);
	for (unsigned int i = 0; i < COUNT(rows); i++)
		if (!deadly(rows[i].number, rows[i].command))
			many_rows(&rows[i]);
	reset_gates();
	memset(room, 0, sizeof(room));
}
