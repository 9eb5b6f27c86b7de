/* SPDX-License-Identifier: MIT */
/* rows.c - one call, made of a row of abi/hypercalls.def.
 *
 * The row says which structure the call points at; here are the places of
 * command, pointer and count among its arguments, and what is done to a call
 * that is right so that it is not.
 */
#include <public/callback.h>
#include <public/domctl.h>
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>
#include <public/memory.h>
#include <public/nmi.h>
#include <public/paravane.h>
#include <public/physdev.h>
#include <public/platform.h>
#include <public/sched.h>
#include <public/sysctl.h>
#include <public/vcpu.h>
#include <public/version.h>

#include "fuzz.h"

#define MULTICALL_MAX	6
/* The calls of one list have their blocks in a part of the arena each. */
#define SLOT_BYTES	1280

/* A row without a structure says void, whose size is 1. */
#pragma GCC diagnostic ignored "-Wpointer-arith"

const struct row rows[] = {
#define HYPERCALL(number, name, front, arguments, caller, purpose) \
	{ number, false, 0, "", 0 },
#define SUBCALL(call, name, number, type, caller, purpose) \
	{ __HYPERVISOR_##call, true, number, #type, sizeof(type) },
#include <abi/hypercalls.def>
};
const unsigned int row_count = sizeof(rows) / sizeof(rows[0]);
unsigned int tried[sizeof(rows) / sizeof(rows[0])];
unsigned int good[sizeof(rows) / sizeof(rows[0])];

static struct multicall_entry lists[CPUS][MULTICALL_MAX];

/* A block that is ours, then now and then a pointer to somewhere else. */
static void *block_place(struct cpu *c, unsigned int size)
{
	uint8_t *a = arena[c->id][0];

	if (c->slot)
		return a + c->slot * SLOT_BYTES;
	if (size > 4096 || one_in(c, 2))
		return a;
	return a + 8192 - size;		/* up to where nothing is mapped */
}

static uint64_t other_place(struct cpu *c, uint64_t block)
{
	const uint64_t places[] = {
		0, 1, 0x1000, 0x7fffffffffff, 0x800000000000,
		0xffff800000000000, 0xffff82d040000000, 0xffff830000000000,
		0xffff87fffffffff8, 0xffff87fffffff000, ~0ul, ~7ul,
		start_info->pt_base, start_info->mfn_list,
		(uint64_t)shared_info, (uint64_t)arena[c->id][2],
		(uint64_t)arena[c->id][2] - 4, (uint64_t)pool_page(c),
		(uint64_t)grant_page, (uint64_t)read_only, block + 1, block + 4,
	};

	return pick(c, places);
}

static uint32_t block_version(unsigned int call)
{
	return call == __HYPERVISOR_domctl ? XEN_DOMCTL_INTERFACE_VERSION :
	       call == __HYPERVISOR_sysctl ? XEN_SYSCTL_INTERFACE_VERSION :
	       XENPF_INTERFACE_VERSION;
}

static void compose_sub(struct cpu *c, struct multicall_entry *m, const struct row *r)
{
	unsigned int count = 1, i;
	uint8_t *block = block_place(c, r->size);
	uint64_t at;

	switch (r->call) {
	case __HYPERVISOR_mmu_update:
	case __HYPERVISOR_mmuext_op:
	case __HYPERVISOR_grant_table_op:
		count = 1 + (unsigned int)(chance(c) % 5);
		block = arena[c->id][0] + c->slot * SLOT_BYTES;
	}
	for (i = 0; i < count; i++)
		fill_block(c, r, block + i * r->size);
	at = one_in(c, 16) ? other_place(c, (uint64_t)block) : (uint64_t)block;
	m->args[0] = r->command;
	m->args[1] = at;
	switch (r->call) {
	case __HYPERVISOR_vcpu_op:
		m->args[1] = one_in(c, 16) ? word(c) : one_in(c, 4) ? chance(c) % 4 : c->id;
		if (r->command <= VCPUOP_down && !one_in(c, 16))
			m->args[1] = PLAY_VCPU;
		m->args[2] = at;
		break;
	case __HYPERVISOR_xen_version:
		if (r->size == 1)
			m->args[1] = 0;
		break;
	case __HYPERVISOR_grant_table_op:
		m->args[2] = r->command == GNTTABOP_setup_table ||
			     r->command == GNTTABOP_query_size ? 1 : count;
		break;
	case __HYPERVISOR_console_io:
		m->args[1] = chance(c) % 64;
		m->args[2] = at;
		break;
	case __HYPERVISOR_mmu_update:
	case __HYPERVISOR_mmuext_op:
		m->args[0] = at;
		m->args[1] = count;
		m->args[2] = one_in(c, 2) ? 0 : one_in(c, 4) ? other_place(c, at) :
			     (uint64_t)arena[c->id][1];
		m->args[3] = DOMID_SELF;
		break;
	case __HYPERVISOR_domctl:
	case __HYPERVISOR_sysctl:
	case __HYPERVISOR_platform_op:
		((uint32_t *)block)[0] = r->command;
		((uint32_t *)block)[1] = block_version(r->call);
		m->args[0] = at;
		break;
	}
}

static void fill_traps(struct cpu *c, struct trap_info *t, unsigned int vectors)
{
	unsigned int i;

	for (i = 0; i < vectors; i++) {
		t[i].vector = (uint8_t)i;
		t[i].flags = 7;
		t[i].cs = FLAT_KERNEL_CS64;
		t[i].address = (unsigned long)handler(c);
	}
	t[vectors] = (struct trap_info){ 0 };
}

static void compose_batch(struct cpu *c, struct multicall_entry *m)
{
	unsigned int n = 1 + (unsigned int)(chance(c) % MULTICALL_MAX), i;

	for (i = 0; i < n; i++) {
		c->slot = i;
		(void)compose(c, &lists[c->id][i]);
		if (lists[c->id][i].op == __HYPERVISOR_multicall && !one_in(c, 4))
			lists[c->id][i].op = __HYPERVISOR_xen_version;
	}
	c->slot = 0;
	m->args[0] = (uint64_t)lists[c->id];
	m->args[1] = n;
}

static void compose_va(struct cpu *c, struct multicall_entry *m)
{
	uint64_t *page = pool_page(c);
	uint64_t mfn = machine_of(page) >> 12;

	m->args[0] = (uint64_t)page;
	m->args[1] = one_in(c, 3) ? entry(c) : mfn << 12 | (one_in(c, 2) ? 0x67 : 0x65);
	m->args[2] = one_in(c, 6) ? word(c) : chance(c) % 3;
	if (one_in(c, 32))
		m->args[0] = word(c);
}

static void compose_plain(struct cpu *c, struct multicall_entry *m)
{
	uint64_t *block = (uint64_t *)(arena[c->id][0] + c->slot * SLOT_BYTES);
	unsigned int i;

	switch (m->op) {
	case __HYPERVISOR_set_trap_table:
		fill_traps(c, (struct trap_info *)block, 33);
		m->args[0] = (uint64_t)block;
		break;
	case __HYPERVISOR_set_gdt:
		for (i = 0; i < 14; i++)
			block[i] = pool_frame(c);
		m->args[0] = (uint64_t)block;
		m->args[1] = one_in(c, 8) ? word(c) : chance(c) % 4 * 512;
		break;
	case __HYPERVISOR_stack_switch:
		m->args[0] = FLAT_KERNEL_SS64;
		m->args[1] = (uint64_t)stacks[c->id] + 8192;
		break;
	case __HYPERVISOR_set_callbacks:
		for (i = 0; i < 3; i++)
			m->args[i] = (uint64_t)handler(c);
		break;
	case __HYPERVISOR_set_debugreg:
		m->args[0] = chance(c) % 9;
		m->args[1] = m->args[0] == 7 ? chance(c) & 0xffffffff :
			     m->args[0] < 4 ? (uint64_t)pool_page(c) : word(c);
		break;
	case __HYPERVISOR_get_debugreg:
	case __HYPERVISOR_fpu_taskswitch:
		m->args[0] = chance(c) % 9;
		break;
	case __HYPERVISOR_update_descriptor:
		m->args[0] = pool_frame(c) << 12 | (chance(c) % 512) << 3;
		m->args[1] = one_in(c, 2) ? 0x00cff3000000ffff : chance(c);
		break;
	case __HYPERVISOR_multicall:
		compose_batch(c, m);
		break;
	case __HYPERVISOR_update_va_mapping:
	case __HYPERVISOR_update_va_mapping_otherdomain:
		compose_va(c, m);
		m->args[3] = one_in(c, 2) ? DOMID_SELF : one_in(c, 2) ? own_id : chance(c) % 16;
		break;
	case __HYPERVISOR_set_timer_op:
		m->args[0] = one_in(c, 2) ? word(c) : system_time() + chance(c) % 1000000;
		break;
	case __HYPERVISOR_event_channel_op_compat:
	case __HYPERVISOR_physdev_op_compat:
		((uint32_t *)block)[0] = (uint32_t)(chance(c) % 16);
		((uint32_t *)block)[2] = (uint32_t)(DOMID_SELF | own_id << 16);
		m->args[0] = (uint64_t)block;
		break;
	case __HYPERVISOR_vm_assist:
		m->args[0] = chance(c) % 3;
		m->args[1] = chance(c) % 8;
		break;
	case __HYPERVISOR_set_segment_base:
		m->args[0] = chance(c) % 5;
		break;
	}
}

/* Numbers as a continued call would have them, and other damage. */
static void mutate(struct cpu *c, struct multicall_entry *m)
{
	unsigned int at;

	if (one_in(c, 16)) {
		if (m->op == __HYPERVISOR_memory_op)
			m->args[0] |= chance(c) % 8 << 6;
		else if (m->op == __HYPERVISOR_mmu_update || m->op == __HYPERVISOR_mmuext_op)
			m->args[1] |= 0x80000000;
		else if (m->op == __HYPERVISOR_multicall)
			m->args[1] = word(c);
	}
	if (one_in(c, 16)) {
		at = (unsigned int)(chance(c) % 5);
		m->args[at] = word(c);
	}
	if (one_in(c, 32))
		m->args[chance(c) % 5] ^= 1ul << chance(c) % 64;
}

/* What would end the life, or its voice. */
static bool fatal(const struct cpu *c, const struct multicall_entry *m)
{
	const uint64_t block = (uint64_t)arena[c->id];
	uint32_t cmd = (uint32_t)m->args[0];

	switch (m->op) {
	case __HYPERVISOR_sched_op:
		if (cmd == SCHEDOP_watchdog)
			return m->args[1] - block > 8192 ||
			       ((const struct sched_watchdog *)m->args[1])->timeout < SLEEP_SECONDS;
		return cmd == SCHEDOP_shutdown;
	case __HYPERVISOR_sched_op_compat:
		return cmd == SCHEDOP_shutdown;
	case __HYPERVISOR_vcpu_op:
		return cmd == VCPUOP_down && m->args[1] < CPUS;
	case __HYPERVISOR_event_channel_op:
		return cmd == EVTCHNOP_reset || cmd == EVTCHNOP_reset_cont ||
		       (cmd == EVTCHNOP_close &&
			(m->args[1] - block > 8192 ||
			 *(const uint32_t *)m->args[1] <= last_own_port));
	case __HYPERVISOR_event_channel_op_compat:
		return m->args[0] - block > 8192 ||
		       *(const uint32_t *)m->args[0] == EVTCHNOP_reset ||
		       *(const uint32_t *)m->args[0] == EVTCHNOP_close;
	case __HYPERVISOR_set_trap_table:
		return m->args[0] - block > 8192;
	case __HYPERVISOR_update_va_mapping:
	case __HYPERVISOR_update_va_mapping_otherdomain:
		return m->args[0] - VIRT_BASE < 64ul << 20 &&
		       m->args[0] - (uint64_t)pool >= sizeof(pool) &&
		       m->args[0] - (uint64_t)code >= sizeof(code);
	case __HYPERVISOR_multicall:	/* else what is there may be anything */
		return m->args[0] != (uint64_t)lists[c->id] || m->args[1] > MULTICALL_MAX;
	case __HYPERVISOR_iret:
		return true;
	}
	return false;
}

int compose(struct cpu *c, struct multicall_entry *m)
{
	int i = (int)(chance(c) % row_count);
	const struct row *r = &rows[i];
	unsigned int k;

	m->op = r->call;
	m->result = 0;
	for (k = 0; k < 6; k++)
		m->args[k] = word(c);
	if (one_in(c, 32)) {
		m->op = chance(c) % 64;
		i = -1;
	} else if (r->sub) {
		compose_sub(c, m, r);
	} else {
		compose_plain(c, m);
	}
	k = (unsigned int)m->args[0];
	mutate(c, m);
	if (r->sub && k != (unsigned int)m->args[0])
		i = -1;		/* perhaps another row's */
	if (fatal(c, m) && !wild) {
		m->op = __HYPERVISOR_xen_version;
		return -1;
	}
	return i;
}

/* Calls on lists of grants say per entry how it went. */
static bool grants_succeeded(const struct multicall_entry *m)
{
	const uint8_t *block = (const uint8_t *)m->args[1];

	switch (m->args[0]) {
	case GNTTABOP_map_grant_ref:
		return !((const struct gnttab_map_grant_ref *)block)->status;
	case GNTTABOP_unmap_grant_ref:
		return !((const struct gnttab_unmap_grant_ref *)block)->status;
	case GNTTABOP_unmap_and_replace:
		return !((const struct gnttab_unmap_and_replace *)block)->status;
	case GNTTABOP_copy:
		return !((const struct gnttab_copy *)block)->status;
	case GNTTABOP_setup_table:
		return !((const struct gnttab_setup_table *)block)->status;
	case GNTTABOP_swap_grant_ref:
		return !((const struct gnttab_swap_grant_ref *)block)->status;
	}
	return true;
}

bool succeeded(const struct multicall_entry *m)
{
	if ((long)m->result < 0)
		return false;
	if (m->op == __HYPERVISOR_memory_op && m->args[0] <= XENMEM_decrease_reservation)
		return m->result > 0;	/* extents done */
	return m->op != __HYPERVISOR_grant_table_op || grants_succeeded(m);
}

/* What a call brought that later ones can use. */
void learn(struct cpu *c, const struct multicall_entry *m)
{
	const struct xen_memory_reservation *r = (const void *)m->args[1];
	const struct gnttab_map_grant_ref *g = (const void *)m->args[1];
	uint64_t i;

	if (m->op == __HYPERVISOR_memory_op && (long)m->result > 0 &&
	    (m->args[0] == XENMEM_increase_reservation ||
	     m->args[0] == XENMEM_populate_physmap)) {
		for (i = 0; i < m->result && i < SPARES; i++)
			pick(c, spare_mfn) = r->extent_start.p[i];
	}
	if (m->op == __HYPERVISOR_grant_table_op && !m->result &&
	    m->args[0] == GNTTABOP_map_grant_ref) {
		for (i = 0; i < m->args[2] && i < 8; i++)
			if (!g[i].status)
				pick(c, mappings) = (struct mapping){
					g[i].host_addr, g[i].dev_bus_addr >> 12, g[i].handle };
	}
}

/* Sets right what calls may have changed and the fuzzer stands on. */
void repair(struct cpu *c)
{
	static struct trap_info traps[CPUS][257];
	static const uint16_t kinds[] = {
		CALLBACKTYPE_event, CALLBACKTYPE_failsafe, CALLBACKTYPE_syscall,
		CALLBACKTYPE_syscall32, CALLBACKTYPE_sysenter, CALLBACKTYPE_nmi,
	};
	struct sched_watchdog dog = { .id = 1, .timeout = SLEEP_SECONDS };
	struct vcpu_set_periodic_timer tick = { .period_ns = 10000000 };
	struct mmuext_op root = {
		.cmd = MMUEXT_NEW_USER_BASEPTR,
		.arg1.mfn = machine_of((void *)start_info->pt_base) >> 12,
	};
	unsigned int i;

	/* The first watchdog is the fuzzer's own: who sleeps for good, ends. */
	call2(sched_op, SCHEDOP_watchdog, &dog);
	call2(set_debugreg, 7, 0);
	fill_traps(c, traps[c->id], 256);
	hypercall(__HYPERVISOR_set_trap_table, (uint64_t)traps[c->id], 0, 0, 0, 0);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct callback_register b = {
			.type = kinds[i], .flags = CALLBACKF_mask_events,
			.address = (unsigned long)handler(c),
		};

		call2(callback_op, CALLBACKOP_register, &b);
	}
	call2(stack_switch, FLAT_KERNEL_SS64, stacks[c->id] + 8192);
	call4(mmuext_op, &root, 1, 0, DOMID_SELF);
	hypercall(__HYPERVISOR_fpu_taskswitch, 0, 0, 0, 0, 0);
	call3(vcpu_op, VCPUOP_set_periodic_timer, c->id, &tick);
}
