/* SPDX-License-Identifier: MIT */
/* fuzz.c - one life of the fuzzer: steps that follow from a seed.
 *
 * Command line: seed=N, steps=N, peer=DOMID (a keeper, keeper.c). It prints
 * how often each row of abi/hypercalls.def was tried and succeeded:
 * "fuzz: rows I=G/T ...", with I the row's place in the file, and ends.
 * Whatever happens to this domain is no failure; the driver (run) looks at
 * the hypervisor, the keeper and the books.
 */
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/hvm/hvm_op.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "fuzz.h"

#define REPAIR_EVERY	64
#define RESTORE_EVERY	512
#define REPORT_EVERY	500
#define BLOCK		128		/* a control block, and some room */

struct cpu cpus[CPUS];
uint64_t own_id, peer_id, limit;
uint32_t last_own_port;
bool wild, fifo;
uint8_t fifo_blocks[4096] __attribute__((aligned(4096)));
uint32_t fifo_words[1024] __attribute__((aligned(4096)));
uint64_t spare_mfn[SPARES];
uint8_t arena[CPUS][3][4096] __attribute__((aligned(4096)));
uint64_t grant_page[512] __attribute__((aligned(4096)));
uint64_t read_only[512] __attribute__((aligned(4096)));
struct mapping mappings[MAPPINGS];

void fuzz_back(unsigned int id);

void (*handler(struct cpu *c))(void)
{
	return trap_entries[c->id];
}

uint64_t some_mfn(struct cpu *c)
{
	switch (chance(c) % 9) {
	case 0:
		return machine_of((void *)start_info->pt_base) >> 12;
	case 1:
		return pte_machine(pool_page(c)) >> 12;
	case 2:
		return start_info->shared_info >> 12;
	case 3:
		return one_in(c, 64) ?
			((uint64_t *)start_info->mfn_list)[chance(c) % start_info->nr_pages] :
			pool_frame(c);
	case 4:
		return chance(c) % 0x48000;
	case 5:
		return one_in(c, 2) ? ~0ul >> chance(c) % 24 : 1ul << chance(c) % 52;
	case 6:
		return pick(c, spare_mfn);
	case 7:
		return pick(c, mappings).mfn;
	}
	return pool_frame(c);
}

uint64_t word(struct cpu *c)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 7, 8, 16, 31, 32, 63, 64, 512, 1024, 4095, 4096, 7168,
		8192, 0x7ff0, 0x7ff1, 0x7ff2, 0x7fff, 0xffff, 0x10000, 0x7fffffff,
		0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffff,
		0x800000000000, 0xffff7fffffffffff, 0xffff800000000000,
		0xffff820000000000, 0xffff82000000f000, 0xffff82d040000000,
		0xffff830000000000, 0xffff87ffffffffff, 0xffff880000000000,
		0x7fffffffffffffff, 0x8000000000000000, ~0ul, ~7ul,
	};

	switch (chance(c) % 8) {
	case 0:
		return some_mfn(c);
	case 1:
		return some_mfn(c) << 12 | (chance(c) & 0xfff);
	case 2:
		return (uint64_t)pool_page(c) + (one_in(c, 3) ? chance(c) % 4096 : 0);
	case 3:
		return chance(c);
	case 4:
		return (uint32_t)chance(c);
	case 5:
		return (uint64_t)arena[c->id] + chance(c) % 12288;
	}
	return pick(c, edges);
}

void arm_timer(uint64_t ns)
{
	hypercall(__HYPERVISOR_set_timer_op, system_time() + ns, 0, 0, 0, 0);
}

/* Calls that change where exceptions and events go. */
static bool shakes_us(uint64_t op)
{
	return op == __HYPERVISOR_set_trap_table || op == __HYPERVISOR_stack_switch ||
	       op == __HYPERVISOR_set_callbacks || op == __HYPERVISOR_callback_op ||
	       op == __HYPERVISOR_nmi_op || op == __HYPERVISOR_set_debugreg ||
	       op == __HYPERVISOR_multicall;
}

/* Calls that an event interrupts, as a rule. Of others it says nothing: it may
 * come when they have failed, and we do not know yet. */
static bool sleeps(const struct multicall_entry *m)
{
	return (m->op == __HYPERVISOR_sched_op || m->op == __HYPERVISOR_sched_op_compat) &&
	       m->args[0] <= SCHEDOP_poll;
}

static void one_call(struct cpu *c)
{
	struct multicall_entry *m = &c->call;
	int row = compose(c, m);
	unsigned int i;

	if (m->op == __HYPERVISOR_sched_op || m->op == __HYPERVISOR_sched_op_compat)
		arm_timer(chance(c) % 100000);
	if (row >= 0)
		tried[row]++;
	c->flying = sleeps(m) ? row : -1;
	m->result = (uint64_t)hypercall((unsigned int)m->op, m->args[0], m->args[1],
					m->args[2], m->args[3], m->args[4]);
	c->flying = -1;
	if (row >= 0 && succeeded(m))
		good[row]++;
	if (shakes_us(m->op) && !wild)
		repair(c);
	if (m->op == __HYPERVISOR_multicall && !m->result) {
		const struct multicall_entry *list = (const void *)m->args[0];

		for (i = 0; i < m->args[1] && i < 6; i++)
			learn(c, &list[i]);
	}
	learn(c, m);
}

static int iret_row(void)
{
	int i = 0;

	while (rows[i].sub || rows[i].call != __HYPERVISOR_iret)
		i++;
	return i;
}

/* Over words, but for those of the ports we sleep on, heads and ready bits. */
static void scribble(struct cpu *c)
{
	unsigned int i, n = (unsigned int)(chance(c) % 64);

	for (i = 0; i < n; i++) {
		uint32_t x = (uint32_t)(one_in(c, 2) ? chance(c) : chance(c) & 0xf000003f);

		if (one_in(c, 4))
			((uint32_t *)fifo_blocks)[chance(c) % 1024] = x;
		else
			fifo_words[last_own_port + 1 + chance(c) % 60] = x;
	}
}

static void one_step(struct cpu *c)
{
	if (fifo && one_in(c, 8))
		scribble(c);
	if (c->steps % REPAIR_EVERY == 0 && !wild)
		repair(c);
	if (c->steps % RESTORE_EVERY == 1)
		restore_pool(c);
	switch (chance(c) % 8) {
	case 0:
	case 1:
		play_tables(c);
		break;
	case 2:
		c->flying = iret_row();
		tried[c->flying]++;
		play_code(c);
		break;
	default:
		one_call(c);
	}
}

/* In lines that print() can hold. */
static void report(void)
{
	unsigned int i, on_line = 0;
	uint64_t steps = 0;

	for (i = 0; i < row_count; i++) {
		if (!tried[i])
			continue;
		print("%s %lu=%lu/%lu%s", on_line ? "" : "fuzz: rows", (uint64_t)i,
		      (uint64_t)good[i], (uint64_t)tried[i],
		      on_line == 15 ? "\n" : "");
		on_line = (on_line + 1) % 16;
	}
	for (i = 0; i < CPUS; i++)
		steps += cpus[i].steps;
	print("\nfuzz: %lu steps\n", steps);
}

/* The last part of a life may do what ends it. */
static void watch_end(struct cpu *c)
{
	if (c->id)
		return;
	if (c->steps % REPORT_EVERY == 0)
		report();
	if (!wild && c->steps > limit - limit / 16) {
		report();
		wild = true;
	}
	if (c->steps > limit)
		shut_down(SHUTDOWN_poweroff);
}

static __attribute__((noreturn)) void run(struct cpu *c)
{
	for (;;) {
		c->steps++;
		watch_end(c);
		one_step(c);
	}
}

/* An event that stays pending is never raised again. If this vCPU's info has
 * moved, its own bits stay, and it is interrupted once more than needed. */
static void take_events(unsigned int id)
{
	memset(shared_info->evtchn_pending, 0, sizeof(shared_info->evtchn_pending));
	memset(fifo_words, 0, 512);
	memset(fifo_blocks + id * BLOCK, 0, BLOCK);
	shared_info->vcpu_info[id].evtchn_pending_sel = 0;
	shared_info->vcpu_info[id].evtchn_upcall_pending = 0;
}

void fuzz_back(unsigned int id)
{
	struct cpu *c = &cpus[id];

	take_events(id);
	if (c->flying >= 0)
		good[c->flying]++;
	c->flying = -1;
	run(c);
}

/* Frames that no table maps, for exchange and decrease_reservation. */
static void make_spares(void)
{
	static uint8_t pages[SPARES][4096] __attribute__((aligned(4096)));
	unsigned int i;

	for (i = 0; i < SPARES; i++) {
		spare_mfn[i] = machine_of(pages[i]) >> 12;
		call4(update_va_mapping, pages[i], 0, UVMF_INVLPG, 0);
	}
}

/* Every other life has FIFO event channels; what it needs itself, in a queue of
 * its own that nothing else gets into. */
static void switch_to_fifo(void)
{
	struct evtchn_expand_array e = { .array_gfn = machine_of(fifo_words) >> 12 };
	unsigned int i;

	for (i = 0; i < CPUS; i++) {
		struct evtchn_init_control c = {
			.control_gfn = machine_of(fifo_blocks) >> 12,
			.offset = i * BLOCK, .vcpu = i,
		};

		call2(event_channel_op, EVTCHNOP_init_control, &c);
	}
	call2(event_channel_op, EVTCHNOP_expand_array, &e);
	for (i = 1; i <= last_own_port; i++) {
		struct evtchn_set_priority p = { i, 0 };

		call2(event_channel_op, EVTCHNOP_set_priority, &p);
	}
}

static void bind_timers(void)
{
	struct sched_watchdog dog = { .timeout = SLEEP_SECONDS };
	unsigned int i;

	for (i = 0; i < CPUS; i++) {
		struct evtchn_bind_virq b = { .virq = VIRQ_TIMER, .vcpu = i };

		call2(event_channel_op, EVTCHNOP_bind_virq, &b);
		last_own_port = b.port;
	}
	memset(shared_info->evtchn_mask, 0, sizeof(shared_info->evtchn_mask));
	call2(sched_op, SCHEDOP_watchdog, &dog);
}

static void start_vcpu(unsigned int id)
{
	static struct vcpu_guest_context v;
	unsigned int i;

	v.flags = VGCF_in_kernel;
	v.user_regs.rip = (uint64_t)trap_entries[id];
	v.user_regs.rsp = (uint64_t)stacks[id] + sizeof(stacks[id]);
	v.user_regs.cs = FLAT_KERNEL_CS64;
	v.user_regs.ss = FLAT_KERNEL_SS64;
	v.kernel_ss = FLAT_KERNEL_SS64;
	v.kernel_sp = (uint64_t)stacks[id] + 8192;
	v.event_callback_eip = v.failsafe_callback_eip = v.syscall_callback_eip =
		(uint64_t)trap_entries[id];
	v.ctrlreg[3] = v.ctrlreg[1] =
		xen_pfn_to_cr3(machine_of((void *)start_info->pt_base) >> 12);
	for (i = 0; i < 32; i++)
		v.trap_ctxt[i] = (struct trap_info){ (uint8_t)i, 7, FLAT_KERNEL_CS64,
						    (unsigned long)trap_entries[id] };
	call3(vcpu_op, VCPUOP_initialise, id, &v);
	call3(vcpu_op, VCPUOP_up, id, 0);
}

void guest_main(const char *arguments)
{
	static xen_pfn_t grants;
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	uint64_t seed = number_of(arguments, "seed");
	unsigned int i;

	limit = number_of(arguments, "steps");
	peer_id = number_of(arguments, "peer");
	for (i = 0; i < POOL; i++)
		pool_mfn[i] = machine_of(pool[i]) >> 12;
	for (i = 0; i < CPUS; i++) {
		cpus[i].id = i;
		cpus[i].flying = -1;
		cpus[i].random = (seed * CPUS + i + 1) * 0x9e3779b97f4a7c15ul;
		call4(update_va_mapping, arena[i][2], 0, UVMF_INVLPG, 0);
	}
	call4(update_va_mapping, read_only, machine_of(read_only) | 0x65, UVMF_INVLPG, 0);
	make_spares();
	own_id = own_number();
	print("fuzz: seed %lu, %lu steps, domain %lu, peer %lu\n", seed, limit,
	      own_id, peer_id);
	set_xen_guest_handle(setup.frame_list, &grants);
	call3(grant_table_op, GNTTABOP_setup_table, &setup, 1);
	call4(update_va_mapping, grant_page, grants << 12 | 0x67, UVMF_INVLPG, 0);
	call2(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	bind_timers();
	fifo = seed & 1;
	if (fifo)
		switch_to_fifo();
	repair(&cpus[0]);
	restore_pool(&cpus[0]);
	for (i = 1; i < CPUS; i++)
		start_vcpu(i);
	run(&cpus[0]);
}
