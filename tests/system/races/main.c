/* SPDX-License-Identifier: MIT */
/* main.c - starts the vCPUs of a storm, ends it in time, and tells how it went.
 *
 * Command line: NAME seconds=N [vcpus=N] [peer=DOMID] [seed=N]. It prints
 * "storm NAME: domain N, begun", a line that describes the first thing that is
 * wrong, and at the end "storm NAME: R rounds, H hits, W wrong". As first domain
 * it has the hypervisor's books checked too.
 */
#include <public/callback.h>

#include "../../conformance/lib/shared.h"
#include "race.h"

static const struct storm *const storms[] = {
	&stale_types, &stale_tables, &stale_grants, &stale_frames, &stale_asked,
	&pins, &trees, &bases, &entries, &descriptors, &frames, &exchanges,
	&grants, &peers, &events, &resets, &wakes, &timers, &lives, &multicalls,
	&clocks, &registers, &masks, &tools,
};

#define MOST_MORE	(60000 * MS)

struct cpu cpus[CPUS];
volatile bool stopping;
volatile uint64_t rounds, hits;
unsigned int vcpus = CPUS;
domid_t own_id, peer_id;

static const struct storm *storm;
static volatile bool begun;		/* all vCPUs are there */
static volatile unsigned int left;	/* vCPUs that have taken their last step */
static uint8_t stacks[CPUS][16384] PAGE;

static volatile uint64_t wrongs;
static const char *volatile first_wrong;
static uint64_t first_value;
static unsigned int first_vcpu;

void race_trapped(uint64_t rip, uint64_t error);
void race_event(unsigned int id);

void wrong(struct cpu *c, const char *what, uint64_t value)
{
	if (add(wrongs))
		return;
	first_value = value;
	first_vcpu = c->id;
	first_wrong = what;
}

void race_trapped(uint64_t rip, uint64_t error)
{
	print("storm %s: trapped at %lx, error %lx, cr2 %lx %lx %lx %lx\n", storm->name,
	      rip, error, shared_info->vcpu_info[0].arch.cr2,
	      shared_info->vcpu_info[1].arch.cr2, shared_info->vcpu_info[2].arch.cr2,
	      shared_info->vcpu_info[3].arch.cr2);
	shut_down(SHUTDOWN_crash);
}

/* Which port it was, the storm does not ask, but looks at what the event was to
 * tell. The port stays pending: its bit may be another vCPU's business. */
void race_event(unsigned int id)
{
	cpus[id].upcalls++;
	no_upcall(id);
}

/* In this order: who finds a bit in the selector raises nothing. */
void no_upcall(unsigned int id)
{
	volatile struct vcpu_info *v = &shared_info->vcpu_info[id];

	v->evtchn_upcall_pending = 0;
	v->evtchn_pending_sel = 0;
}

static void work(struct cpu *c)
{
	while (!stopping) {
		c->steps++;
		storm->step(c);
	}
	if (storm->leave)
		storm->leave(c);
	add(left);
}

static void __attribute__((noreturn)) vcpu_main(unsigned int id)
{
	while (!begun)
		yield();
	work(&cpus[id]);
	for (;;)
		call3(vcpu_op, VCPUOP_down, id, 0);
}

static void fill_traps(struct trap_info *t)
{
	const uint32_t with_code = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 |
				   1u << 13 | 1u << 14 | 1u << 17;
	unsigned int vector;

	for (vector = 0; vector < 20; vector++, t++)
		*t = (struct trap_info){
			(uint8_t)vector, 0, FLAT_KERNEL_CS64,
			(unsigned long)(with_code & 1u << vector ? fault_gate_code : fault_gate),
		};
}

/* Events masked; on a stack of its own from its top. */
void start_vcpu(unsigned int id)
{
	static struct vcpu_guest_context contexts[CPUS];
	struct vcpu_guest_context *v = &contexts[id];

	v->flags = VGCF_in_kernel;
	v->user_regs.rip = (uint64_t)vcpu_main;
	v->user_regs.rdi = id;
	v->user_regs.rsp = v->kernel_sp = (uint64_t)stacks[id] + sizeof(stacks[id]) - 8;
	v->user_regs.cs = FLAT_KERNEL_CS64;
	v->user_regs.ss = v->kernel_ss = FLAT_KERNEL_SS64;
	v->event_callback_eip = (uint64_t)event_entries + 16 * id;
	v->ctrlreg[3] = xen_pfn_to_cr3(mfn_of(start_info->pt_base));
	fill_traps(v->trap_ctxt);
	for (unsigned int i = 20; i < 256; i++)
		v->trap_ctxt[i].vector = (uint8_t)i;
	call3(vcpu_op, VCPUOP_initialise, id, v);
	shared_info->vcpu_info[id].evtchn_upcall_mask = 1;
	call3(vcpu_op, VCPUOP_up, id, 0);
}

/* The console's port may be another after a reset. */
void open_console(evtchn_port_t port)
{
	if (start_info->flags & SIF_INITDOMAIN)
		return;
	if (port)
		start_info->console.domU.evtchn = port;
	port = start_info->console.domU.evtchn;
	__sync_fetch_and_or(&shared_info->evtchn_mask[port / 64], 1ul << port % 64);
}

static void open_first(void)
{
	static struct trap_info traps[21];
	struct callback_register event = {
		CALLBACKTYPE_event, 0, (xen_callback_t)event_entries
	};

	fill_traps(traps);
	hypercall(__HYPERVISOR_set_trap_table, (uint64_t)traps, 0, 0, 0, 0);
	call2(callback_op, CALLBACKOP_register, &event);
	call3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	open_console(0);
	own_id = own_number();
}

/* Paravane's first domain may have all references recounted. */
static void audit(void)
{
	struct xen_sysctl op = { 0 };
	const struct paravane_sysctl *own = ask_for_audit(&op);

	if (!(start_info->flags & SIF_INITDOMAIN) || call2(sysctl, &op, 0))
		return;
	print("storm %s: audit errors %lu\n", storm->name, (uint64_t)own->u.audit.errors);
}

static const struct storm *wanted(const char *line)
{
	for (unsigned int i = 0; i < COUNT(storms); i++)
		if (has_word(line, storms[i]->name))
			return storms[i];
	print("storm: there is no storm for \"%s\"\n", line);
	shut_down(SHUTDOWN_crash);
}

/* At once: who ends this domain in the middle shall know, too. */
static void tell_wrong(void)
{
	static bool told;

	if (!first_wrong || told)
		return;
	told = true;
	print("storm %s: first wrong: %s (%lx) on vCPU %lu\n", storm->name,
	      first_wrong, first_value, (uint64_t)first_vcpu);
}

static void rage(uint64_t ns)
{
	uint64_t end = system_time() + ns;
	unsigned int i;

	print("storm %s: domain %lu, begun\n", storm->name, (uint64_t)own_id);
	for (i = 1; i < vcpus; i++)
		start_vcpu(i);
	begun = true;
	/* where nobody met anybody yet, on a busy host, it goes on for a while */
	while (system_time() < (hits ? end : end + MOST_MORE)) {
		for (i = 0; i < 16; i++) {
			cpus[0].steps++;
			storm->step(&cpus[0]);
		}
		tell_wrong();
	}
	stopping = true;
	if (storm->leave)
		storm->leave(&cpus[0]);
	add(left);
	while (left < vcpus) {
		yield();
		if (storm->leave)
			storm->leave(&cpus[0]);
	}
}

void guest_main(const char *arguments)
{
	uint64_t seed = number_of(arguments, "seed"), seconds = number_of(arguments, "seconds");
	unsigned int i;

	storm = wanted(arguments);
	peer_id = (domid_t)number_of(arguments, "peer");
	if (number_of(arguments, "vcpus"))
		vcpus = (unsigned int)number_of(arguments, "vcpus");
	for (i = 0; i < CPUS; i++) {
		cpus[i].id = i;
		cpus[i].random = (seed * CPUS + i + 1) * 0x9e3779b97f4a7c15ul;
	}
	open_first();
	if (storm->open)
		storm->open();
	rage((seconds ? seconds : 2) * 1000 * MS);
	if (storm->close)
		storm->close();
	tell_wrong();
	print("storm %s: %lu rounds, %lu hits, %lu wrong\n", storm->name, rounds, hits,
	      wrongs);
	audit();
}
