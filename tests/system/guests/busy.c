/* SPDX-License-Identifier: MIT */
/* busy.c - a guest that keeps all its vCPUs busy.
 *
 * Each vCPU counts rounds for ever. With `report` vCPU 0 says about once in
 * 2^30 ticks of its TSC how many rounds each has done since it said so last.
 * With `calls` a round is a hypercall, else it is a few hundred instructions.
 */
#include <public/sched.h>
#include <public/vcpu.h>
#include <public/version.h>

#include "guest.h"

#define VCPUS_MAX  64
#define STACK	   4096
#define REPORT	   (1ul << 30)

struct worker {
	volatile unsigned long rounds;
	unsigned long reported;
} __attribute__((aligned(64)));

static struct worker workers[VCPUS_MAX];
static uint8_t stacks[VCPUS_MAX][STACK] __attribute__((aligned(STACK)));
static unsigned int running = 1;
static bool reports, calls;

static void round(struct worker *w)
{
	if (calls)
		call2(xen_version, XENVER_version, 0);
	else
		for (int i = 0; i < 100; i++)
			asm volatile("" : : : "memory");
	w->rounds++;
}

__attribute__((noreturn)) static void work(unsigned long id)
{
	for (;;)
		round(&workers[id]);
}

/* Those beyond the shared page's room have no vcpu_info before they get one. */
static void give_info(unsigned int id)
{
	static struct vcpu_info infos[VCPUS_MAX] __attribute__((aligned(4096)));
	uint64_t at = machine_of(&infos[id]);
	struct vcpu_register_vcpu_info info = {
		.mfn = at >> 12, .offset = at & 4095,
	};

	if (id >= XEN_LEGACY_MAX_VCPUS)
		call3(vcpu_op, VCPUOP_register_vcpu_info, id, &info);
}

/* Every vCPU that the domain has; the first one missing is the last. */
static void start_others(void)
{
	static struct vcpu_guest_context c;

	c.flags = VGCF_in_kernel;
	c.user_regs.rip = (unsigned long)work;
	c.user_regs.cs = FLAT_KERNEL_CS;
	c.user_regs.ss = c.kernel_ss = FLAT_KERNEL_SS;
	c.user_regs.rflags = 0x200;
	c.ctrlreg[3] = machine_of((void *)start_info->pt_base);
	for (; running < VCPUS_MAX; running++) {
		give_info(running);
		c.user_regs.rdi = running;
		c.user_regs.rsp = c.kernel_sp =
			(unsigned long)stacks[running] + STACK - 8;
		if (call3(vcpu_op, VCPUOP_initialise, running, &c) ||
		    call2(vcpu_op, VCPUOP_up, running))
			return;
	}
}

static void report(void)
{
	print("busy:");
	for (unsigned int i = 0; i < running; i++) {
		unsigned long now = workers[i].rounds;

		print(" %lu", now - workers[i].reported);
		workers[i].reported = now;
	}
	print("\n");
}

void guest_main(const char *arguments)
{
	uint64_t last = rdtsc();

	reports = has_word(arguments, "report");
	calls = has_word(arguments, "calls");
	start_others();
	print("busy: %lu vCPUs\n", (unsigned long)running);
	for (;;) {
		round(&workers[0]);
		/* reading the TSC may be slow: it traps on some machines */
		if (reports && workers[0].rounds % 1024 == 0 &&
		    rdtsc() - last >= REPORT) {
			last = rdtsc();
			report();
		}
	}
}
