/* SPDX-License-Identifier: MIT */
/* vcpus.c - vCPUs started and stopped by each other, lists of calls that change
 * while they are carried out, clocks beside each other, and registers.
 */
#include "../../conformance/lib/shared.h"
#include "race.h"

/* ---- lives ---- */

#define FIRST_NEW	CPUS
#define ALL_VCPUS	64
#define RUNS(id)	((id) < 2)	/* the first two stay up, and look after the others */

static volatile uint64_t made[ALL_VCPUS];
static volatile unsigned int last_new = FIRST_NEW;

static void go_down(unsigned int id)
{
	for (;;)
		call3(vcpu_op, VCPUOP_down, id, 0);
}

/* One that nobody has made yet: all may try, one can. */
static void make_one(struct cpu *c)
{
	static struct vcpu_guest_context context[CPUS];
	static uint8_t stack[CPUS][4096] PAGE;
	struct vcpu_guest_context *v = &context[c->id];
	unsigned int id = last_new;
	long rc;

	if (id >= ALL_VCPUS)
		return;
	v->flags = VGCF_in_kernel;
	v->user_regs.rip = (uint64_t)go_down;
	v->user_regs.rdi = id;
	v->user_regs.rsp = v->kernel_sp = (uint64_t)stack[c->id] + 4088;
	v->user_regs.cs = FLAT_KERNEL_CS64;
	v->user_regs.ss = v->kernel_ss = FLAT_KERNEL_SS64;
	v->ctrlreg[3] = xen_pfn_to_cr3(mfn_of(start_info->pt_base));
	rc = call3(vcpu_op, VCPUOP_initialise, id, v);
	if (!rc)
		add(made[id]);
	if (one_in(c, 64))
		__sync_val_compare_and_swap(&last_new, id, id + 1);
}

static void step_lives(struct cpu *c)
{
	static struct vcpu_runstate_info areas[CPUS][CPUS];
	static struct vcpu_guest_context any;
	unsigned int id = 2 + (unsigned int)(chance(c) % 2);
	struct vcpu_runstate_info state;
	struct vcpu_register_runstate_memory_area area = { .addr.p = (uint64_t)&areas[c->id][id] };
	struct vcpu_set_periodic_timer often = { MS + chance(c) % (5 * MS) };

	add(rounds);
	switch (chance(c) % 10) {
	case 0:
	case 1:
		must(call3(vcpu_op, VCPUOP_up, id, 0), "a vCPU cannot go up");
		break;
	case 2:
		must(call3(vcpu_op, VCPUOP_down, id, 0), "a vCPU cannot go down");
		add(hits);
		break;
	case 3:
		if (call3(vcpu_op, VCPUOP_initialise, id, &any) != -17)	/* EEXIST */
			wrong(c, "a vCPU was initialised again", id);
		break;
	case 4:
		if ((unsigned long)call3(vcpu_op, VCPUOP_is_up, id, 0) > 1)
			wrong(c, "a vCPU is neither up nor down", id);
		break;
	case 5:
		must(call3(vcpu_op, VCPUOP_get_runstate_info, id, &state), "no runstate");
		if ((unsigned int)state.state > RUNSTATE_offline)
			wrong(c, "a runstate is none", (uint64_t)state.state);
		break;
	case 6:
		must(call3(vcpu_op, VCPUOP_register_runstate_memory_area, id, &area), "no area");
		break;
	case 7:
		call3(vcpu_op, one_in(c, 2) ? VCPUOP_set_periodic_timer :
		      VCPUOP_stop_periodic_timer, id, &often);
		break;
	case 8:
		make_one(c);
		break;
	case 9:
		if (!RUNS(c->id))
			call3(vcpu_op, VCPUOP_down, c->id, 0);
		else
			yield();
		break;
	}
}

/* Whoever leaves sees to it that the others can. */
static void leave_lives(struct cpu *c)
{
	for (unsigned int i = 2; i < vcpus && RUNS(c->id); i++)
		call3(vcpu_op, VCPUOP_up, i, 0);
}

static void close_lives(void)
{
	for (unsigned int i = FIRST_NEW; i < ALL_VCPUS; i++)
		if (made[i] > 1)
			wrong(&cpus[0], "a vCPU was initialised twice", i);
}

/* ---- multicalls ---- */

#define LIST	32
#define MANY	16

static table many[MANY] PAGE, top PAGE, leaf PAGE;
static struct multicall_entry list[LIST] PAGE;
static struct mmuext_op orders[LIST] PAGE;

/* Any mixture of two of these entries is harmless too. */
static void write_entry(struct cpu *c)
{
	volatile struct multicall_entry *m = &list[chance(c) % LIST];
	volatile struct mmuext_op *o = &orders[chance(c) % LIST];

	switch (chance(c) % 3) {
	case 0:
		m->op = __HYPERVISOR_xen_version;
		m->args[0] = XENVER_version;
		m->args[1] = 0;
		break;
	case 1:
		m->op = __HYPERVISOR_mmuext_op;
		m->args[0] = (uint64_t)o;
		m->args[1] = 1 + chance(c) % 4;
		m->args[2] = 0;
		m->args[3] = DOMID_SELF;
		break;
	case 2:
		m->op = __HYPERVISOR_sched_op;
		m->args[0] = SCHEDOP_yield;
		break;
	}
	o->cmd = one_in(c, 2) ? MMUEXT_UNPIN_TABLE :
		 one_in(c, 2) ? MMUEXT_PIN_L2_TABLE : MMUEXT_PIN_L1_TABLE;
	o->arg1.mfn = one_in(c, 2) ? mfn_of(top) : mfn_of(many[chance(c) % MANY]);
}

static void step_multicalls(struct cpu *c)
{
	unsigned int i;

	add(rounds);
	for (i = 0; i < 4; i++)
		write_entry(c);
	if (one_in(c, 2) && !call2(multicall, list, LIST - 4))
		add(hits);
}

/* Whose unpinning was to go on, and found another call in its place, has not
 * done it yet: its next one that is about tables does. */
static void leave_multicalls(struct cpu *c)
{
	(void)c;
	extended(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
}

static void open_multicalls(void)
{
	unsigned int i, e;

	for (i = 0; i < MANY; i++) {
		for (e = 0; e < 512; e++)
			many[i][e] = machine_of(leaf) | WRITABLE;
		top[i] = machine_of(many[i]) | WRITABLE;
		must(map_as(many[i], READ_ONLY), "not mapped to read");
	}
	must(map_as(top, READ_ONLY), "not mapped to read");
	for (i = 0; i < LIST * 8; i++)
		write_entry(&cpus[0]);
}

static void close_multicalls(void)
{
	unsigned int i;

	unmake(top);
	for (i = 0; i < MANY; i++)
		unmake(many[i]);
	must(map_as(top, WRITABLE), "a page is left an L2");
	for (i = 0; i < MANY; i++)
		must(map_as(many[i], WRITABLE), "a page is left an L1");
}

/* ---- clocks ---- */

#define SKEW	MS	/* more than any bound that is claimed */

static volatile uint64_t latest;

/* Read after another vCPU has told its time, it is not less than that. */
static void step_clocks(struct cpu *c)
{
	uint64_t seen = latest, now;

	barrier();
	now = system_time();
	add(rounds);
	if (now + SKEW < seen)
		wrong(c, "a clock is behind another", seen - now);
	if (now < c->word)
		wrong(c, "a vCPU's clock went back", c->word - now);
	c->word = now;
	if (now > seen && __sync_bool_compare_and_swap(&latest, seen, now))
		add(hits);
}

/* ---- registers: each vCPU's stay its own, wherever it runs next ---- */

static uint64_t tags[CPUS][8];

static void step_registers(struct cpu *c)
{
	static uint64_t from[CPUS][32], to[CPUS][32];
	uint64_t *tag = &tags[c->id][chance(c) % 8], watched = chance(c) & 0x7ffffffffff8;
	unsigned int i;

	*tag = chance(c);
	for (i = 0; i < 32; i++)
		from[c->id][i] = *tag + i;
	must(call2(set_segment_base, SEGBASE_FS, tag), "no base of fs");
	must(call2(set_segment_base, SEGBASE_GS_KERNEL, tag), "no base of gs");
	must(call2(set_debugreg, c->id, watched), "no debug register");
	hold_vectors(from[c->id], to[c->id], 1 + (unsigned int)(chance(c) % 20000));
	for (i = 0; i < 32; i++)
		if (to[c->id][i] != from[c->id][i])
			wrong(c, "a vector register is not this vCPU's", to[c->id][i]);
	if (at_fs() != *tag || at_gs() != *tag)
		wrong(c, "a segment's base is not this vCPU's", at_fs());
	if ((uint64_t)call2(get_debugreg, c->id, 0) != watched)
		wrong(c, "a debug register is not this vCPU's", watched);
	add(rounds);
	add(hits);
}

const struct storm lives = { "lives", NULL, step_lives, leave_lives, close_lives };
const struct storm multicalls = {
	"multicalls", open_multicalls, step_multicalls, leave_multicalls, close_multicalls
};
const struct storm clocks = { "clocks", NULL, step_clocks, NULL, NULL };
const struct storm registers = { "registers", NULL, step_registers, NULL, NULL };
