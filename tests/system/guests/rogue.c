/* SPDX-License-Identifier: MIT */
/* rogue.c - a guest that misbehaves, in the way its command line names.
 *
 * Rule: whatever it does ends as an error code or as its own crash. Each mode
 * prints `rogue: ...` lines that tell what the hypervisor answered; a mode
 * that should not come back says so by printing "came back".
 */
#include <public/grant_table.h>
#include <public/memory.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "guest.h"

#define PTE_FLAGS 0x67ul	/* present, writable, user, accessed, dirty */
/* Arguments that a hypercall must refuse or survive: nothing there, not
 * canonical, the hypervisor's own, the last bytes, the read-only M2P table. */
static const uint64_t rubbish[] = {
	0, 0x1000, 0x800000000000, 0xffff830000000000, 0xffff82d080200000,
	0xffff800000000000, 0xffff87fffffffff8, 0xfffffffffffffff8,
	0x7fffffffffff, ~0ul,
};
#define RUBBISH (sizeof(rubbish) / sizeof(rubbish[0]))

static uint64_t page[512] __attribute__((aligned(4096)));

static bool one_way(unsigned int nr)
{
	/* These succeed by changing how this vCPU itself runs. */
	return nr == __HYPERVISOR_iret || nr == __HYPERVISOR_stack_switch ||
	       nr == __HYPERVISOR_set_callbacks ||
	       nr == __HYPERVISOR_set_gdt ||
	       nr == __HYPERVISOR_set_segment_base ||
	       nr == __HYPERVISOR_sched_op_compat ||
	       nr == __HYPERVISOR_set_trap_table ||
	       nr == __HYPERVISOR_fpu_taskswitch;
}

/* These block or end the vCPU, as they should. */
static bool stops(unsigned int nr, unsigned int sub)
{
	return (nr == __HYPERVISOR_sched_op &&
		(sub == SCHEDOP_block || sub == SCHEDOP_poll ||
		 sub == SCHEDOP_shutdown)) ||
	       (nr == __HYPERVISOR_vcpu_op && sub == VCPUOP_down);
}

/* Every call and sub-call, with each piece of rubbish in each argument. */
static void rogue_rubbish(void)
{
	uint64_t calls = 0, refused = 0;
	unsigned int nr, sub, i;

	for (nr = 0; nr < 64; nr++) {
		if (one_way(nr))
			continue;
		for (sub = 0; sub < 48; sub++) {
			if (stops(nr, sub))
				continue;
			for (i = 0; i < RUBBISH; i++) {
				long rc = hypercall(nr, sub, rubbish[i],
						    rubbish[i], rubbish[i],
						    rubbish[i]);

				calls++;
				refused += rc < 0;
			}
		}
		for (i = 0; i < RUBBISH; i++) {
			long rc = hypercall(nr, rubbish[i], 3, rubbish[i],
					    0x7ff0, 0);

			calls++;
			refused += rc < 0;
		}
	}
	print("rogue: %lu calls, %lu refused\n", calls, refused);
}

static long map(uint64_t mfn, uint64_t flags)
{
	return call4(update_va_mapping, page, mfn << 12 | flags, UVMF_INVLPG,
		     0);
}

/* The first frame of its own grant table, which it may map. */
static uint64_t grant_frame(void)
{
	static xen_pfn_t frame;
	struct gnttab_setup_table setup = { .dom = DOMID_SELF,
					    .nr_frames = 1 };

	set_xen_guest_handle(setup.frame_list, &frame);
	hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table,
		  (uint64_t)&setup, 1, 0, 0);
	return setup.status ? 0 : frame;
}

/* Frames of others, of the hypervisor, of nobody; and its own page tables. */
static void rogue_foreign(void)
{
	uint64_t shared = start_info->shared_info >> 12;
	uint64_t grants = grant_frame();
	uint64_t own = machine_of(page) >> 12, mfn, mapped = 0, tried = 0;
	uint64_t l1 = pte_machine(page) >> 12;
	uint64_t top = call2(memory_op, XENMEM_maximum_ram_page, 0);

	for (mfn = 0; mfn <= top + 16; mfn += mfn < 1024 ? 1 : 37) {
		const uint64_t *m2p = (const uint64_t *)0xffff800000000000ul;
		const uint64_t *p2m = (const uint64_t *)start_info->mfn_list;

		if (mfn <= top && m2p[mfn] < start_info->nr_pages &&
		    p2m[m2p[mfn]] == mfn)
			continue;
		if (mfn == shared || mfn == grants)
			continue;
		tried++;
		if (map(mfn, PTE_FLAGS))
			continue;
		mapped++;
		print("rogue: mapped %lx\n", mfn);
	}
	print("rogue: %lu foreign frames tried, %lu mapped\n", tried, mapped);
	print("rogue: own table writable: %ld\n", map(l1, PTE_FLAGS));
	print("rogue: own frame back: %ld\n", map(own, PTE_FLAGS));
}

static void rogue_handlers(void)
{
	static struct trap_info traps[3] = {
		{ 14, 0, FLAT_KERNEL_CS64, 0x5000 },
		{ 13, 0, FLAT_KERNEL_CS64, 0x5000 },
	};

	hypercall(__HYPERVISOR_set_trap_table, (uint64_t)traps, 0, 0, 0, 0);
	*(volatile char *)0x1000;
}

static void rogue_stack(void)
{
	catch_faults();
	asm volatile("movq %0, %%rsp; ud2" : : "r"(0x123456789000ul));
}

static void rogue_syscall_page(void)
{
	catch_faults();
	print("rogue: m2p readable: %ld\n",
	      (long)!touch((void *)0xffff800000000000ul));
	print("rogue: m2p writable: %ld\n",
	      (long)!touch_write((void *)0xffff800000000000ul));
	print("rogue: direct map readable: %ld\n",
	      (long)!touch((void *)0xffff830000000000ul));
	print("rogue: own table writable: %ld\n",
	      (long)!touch_write((void *)start_info->pt_base));
}

static void rogue_flood(void)
{
	uint64_t line;

	for (line = 0; line < 20000; line++)
		print("flood %lu ................................\n", line);
}

/* Sleeps without taking events: it has no callback for them. */
static void rogue_stay(void)
{
	struct sched_poll nothing = { .nr_ports = 0, .timeout = 0 };

	for (;;)
		call2(sched_op, SCHEDOP_poll, &nothing);
}

/* About a second, for others to see it alive. */
static void wait_a_while(void)
{
	volatile uint64_t *now = &shared_info->vcpu_info[0].time.system_time;
	struct sched_poll nothing = { .timeout = *now + 1000000000 };

	/* a poll may end early, and the time there is as of the last entry */
	while (*now < nothing.timeout)
		call2(sched_op, SCHEDOP_poll, &nothing);
}

void guest_main(const char *arguments)
{
	print("rogue: %s, %lu pages\n", arguments, start_info->nr_pages);
	if (has_word(arguments, "later"))
		wait_a_while();
	if (has_word(arguments, "rubbish"))
		rogue_rubbish();
	else if (has_word(arguments, "foreign"))
		rogue_foreign();
	else if (has_word(arguments, "pages"))
		rogue_syscall_page();
	else if (has_word(arguments, "flood"))
		rogue_flood();
	else if (has_word(arguments, "reboot"))
		shut_down(SHUTDOWN_reboot);
	else if (has_word(arguments, "fail"))
		shut_down(SHUTDOWN_crash);
	else if (has_word(arguments, "end"))
		shut_down(SHUTDOWN_poweroff);
	else if (has_word(arguments, "loop"))
		for (;;)
			asm volatile("pause");
	else if (has_word(arguments, "stay"))
		rogue_stay();
	else if (has_word(arguments, "crash"))
		asm volatile("ud2");
	else if (has_word(arguments, "step"))
		/* over an instruction that is done for it; it has no handler */
		asm volatile("pushfq; orl $0x100, (%%rsp); popfq; mov %%cr0, %%rax"
			     : : : "rax", "memory", "cc");
	else if (has_word(arguments, "handlers"))
		rogue_handlers();
	else if (has_word(arguments, "stack"))
		rogue_stack();
	print("rogue: came back\n");
}
