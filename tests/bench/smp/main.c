/* SPDX-License-Identifier: MIT */
/* main.c - what it costs that there are several CPUs, counted in the guest.
 *
 * Under `--icount` QEMU runs the CPUs one after the other, and the TSC of each
 * counts the instructions of all. Who waits here gives its turn away, by sleep
 * or by PAUSE, so a figure is what all CPUs together executed for one operation:
 * it repeats exactly, and says nothing about how much of it went on at once.
 * With the argument `paging` the vCPUs do independent work of that kind, while
 * the control domain counts the use of locks (`vane locks`); `one`: there is only
 * one CPU.
 */
#include <xen/callback.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>

#include "crew.h"
#include "events.h"
#include "smp.h"

#define VCPUS		4u
#define BATCHES		3
#define LIFE_FRAMES	256u

const char suite_name[] = "bench";
static evtchn_port_t port[VCPUS];
static volatile unsigned int goal, stop;
static volatile bool ready;
static char page[VCPUS][16][4096] PAGE;

static void count(const char *name, unsigned int number,
		  void (*run)(unsigned int n), unsigned int n)
{
	uint64_t best = ~0ul;

	run(1);
	for (unsigned int i = 0; i < BATCHES; i++) {
		uint64_t start = rdtsc(), spent;

		run(n);
		spent = rdtsc() - start;
		if (spent < best)
			best = spent;
	}
	print("COST ");
	print(name);
	if (number) {
		print(", ");
		print_signed(number);
		print(" running");
	}
	print(": ");
	print_signed((long)(best / n));
	print("\n");
}

/* Asleep on its port, again and again; each time it wakes the first vCPU. */
static void answer(void *unused)
{
	for (unsigned int i = 0; i < goal; i++) {
		while (!port_pending(port[1]))
			poll_for(port[1], 0);
		port_clear(port[1]);
		send(port[0]);
	}
}

static void to_halted(unsigned int n)
{
	goal = n;
	begin(1, answer, NULL);
	for (unsigned int i = 0; i < n; i++) {
		send(port[1]);
		while (!port_pending(port[0]))
			poll_for(port[0], 0);
		port_clear(port[0]);
	}
	ended(1);
}

/* The second vCPU's way in for events, with nothing in it but what must be: the
 * library's looks at every word and port. */
static volatile unsigned long interrupted;
static volatile struct vcpu_info *second;
extern const char on_event[];
asm(".pushsection .text\n"
    "on_event:	pop	%rcx\n"
    "		pop	%r11\n"
    "		incq	interrupted(%rip)\n"
    "		push	$0\n"
    "		push	%rcx\n"
    "		push	%r11\n"
    "		push	%rax\n"
    "		mov	second(%rip), %rax\n"
    "		movb	$0, (%rax)\n"			/* nothing is pending, */
    "		movq	$0, 8(%rax)\n"			/* in no word, */
    "		movq	$0, 2048 - 64(%rax)\n"		/* nor in the first one */
    "		mov	$23, %eax\n"			/* iret */
    "		syscall\n"
    ".popsection");

static void take(void *unused)
{
	second = info_of(1);
	want(set_callback(CALLBACKTYPE_event, 0, on_event), 0);
	info_of(1)->evtchn_pending_sel = 0;
	info_of(1)->evtchn_upcall_pending = 0;
	info_of(1)->evtchn_upcall_mask = 0;
	ready = true;
	while (!stop)
		asm volatile("pause");
}

static void to_running(unsigned int n)
{
	unsigned long before = interrupted;

	for (unsigned int i = 1; i <= n; i++) {
		send(port[1]);
		while (interrupted - before < i)
			asm volatile("pause");
	}
}

static void spin(void *unused)
{
	while (!stop)
		asm volatile("pause");
}

static void shoot_down(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		call(update_va_mapping, page[0][0], pool_frame(i & 1) << 12 | RW,
		     UVMF_TLB_FLUSH | UVMF_ALL);
}

/* vCPU 0 has the tables changed while some of the others run. */
static void shootdowns(unsigned int running)
{
	stop = 0;
	for (unsigned int id = 1; id < running; id++)
		begin(id, spin, NULL);
	for (unsigned int i = 0; i < 100; i++)
		asm volatile("pause");
	count("TLB shootdown", running, shoot_down, 100);
	stop = 1;
	for (unsigned int id = 1; id < running; id++)
		ended(id);
}

struct xen_domctl op;

long domctl(uint32_t cmd, domid_t id)
{
	op.cmd = cmd;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = id;
	return call(domctl, &op);
}

void make_domain(domid_t id, unsigned int pages, unsigned long *list)
{
	struct xen_memory_reservation r = {
		.nr_extents = pages, .domid = id, .extent_start.p = list,
	};

	memset(&op, 0, sizeof(op));
	op.u.createdomain.max_vcpus = 1;
	op.u.createdomain.max_evtchn_port = 1023;
	op.u.createdomain.max_grant_frames = 4;
	op.u.createdomain.max_maptrack_frames = 16;
	op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
	want(domctl(XEN_DOMCTL_createdomain, id), 0);
	memset(&op, 0, sizeof(op));
	op.u.max_vcpus.max = 1;
	want(domctl(XEN_DOMCTL_max_vcpus, id), 0);
	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = pages * 4 + 1024;
	want(domctl(XEN_DOMCTL_max_mem, id), 0);
	for (unsigned int i = 0; i < pages; i++)
		list[i] = i;
	want(call(memory_op, XENMEM_populate_physmap, &r), pages);
}

void destroy_domain(domid_t id)
{
	memset(&op, 0, sizeof(op));
	want(domctl(XEN_DOMCTL_destroydomain, id), 0);
	while (domctl(XEN_DOMCTL_unpausedomain, id) != -XEN_ESRCH)
		asm volatile("pause");
}

static void lives(unsigned int n)
{
	static unsigned long list[LIFE_FRAMES];

	for (unsigned int i = 0; i < n; i++) {
		make_domain((domid_t)(100 + i), LIFE_FRAMES, list);
		destroy_domain((domid_t)(100 + i));
	}
}

/* Pages of its own, mapped anew and used. */
static void paging(void *unused)
{
	unsigned int id = whoami();

	for (unsigned int i = 0; i < 3000; i++) {
		volatile char *at = page[id][i & 15];

		call(update_va_mapping, at, pool_frame(32 * id + (i & 31)) << 12 | RW,
		     UVMF_INVLPG | UVMF_LOCAL);
		for (unsigned int j = 0; j < 4096; j += 8)
			at[j]++;
	}
}

void suite_main(void)
{
	const char *word = (const char *)start_info->cmd_line;
	unsigned int vcpus = vcpu_count();

	rule("what several CPUs cost is counted");
	if (vcpus > VCPUS)
		vcpus = VCPUS;
	want_true(crew_open(vcpus));
	if (*word == 'p') {
		together(paging, NULL);
		return;
	}
	for (unsigned int id = 0; id < 2; id++) {
		port[id] = ipi_port(id);
		port_mask(port[id], true);
	}
	count("event to a halted vCPU, there and back", 0, to_halted, 100);
	count("domain of 1 MiB made and destroyed", 0, lives, 5);
	if (*word == 'o') {		/* on one CPU nobody runs beside us */
		partner_begin();
		count("switch to another domain and back", 0, partner_turns, 100);
		partner_end();
		return;
	}
	port_mask(port[1], false);
	port_clear(port[1]);
	begin(1, take, NULL);
	while (!ready)
		asm volatile("pause");
	count("event to a running vCPU", 0, to_running, 100);
	stop = 1;
	ended(1);
	for (unsigned int n = 1; n <= vcpus; n++)
		shootdowns(n);
}
