/* SPDX-License-Identifier: MIT */
/* burglar.c - a guest that tries one way through the wall, the one its command
 * line names.
 *
 * Rule: each mode is a hole that was open once, or might have been. It ends
 * as an error code or as this guest's own crash, and nobody else feels it.
 * Not here: rubbish in arguments (rogue.c).
 */
#include <public/grant_table.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "guest.h"

#define PTE_RW		0x67ul	/* present, writable, user, accessed, dirty */
#define PTE_RO		0x65ul
#define DOMAINS		60u	/* numbers that a neighbour may have */
#define FIRST_REF	8u
#define ALIGNED		__attribute__((aligned(4096)))

static uint64_t page[512] ALIGNED, spare[512] ALIGNED;
static uint64_t tables[3][512] ALIGNED;

void spin(void);
asm(".text\nspin: pause\njmp spin\n");

static void set_traps(struct trap_info *traps)
{
	hypercall(__HYPERVISOR_set_trap_table, (uint64_t)traps, 0, 0, 0, 0);
}

static long remap(void *va, uint64_t entry)
{
	return call4(update_va_mapping, va, entry, UVMF_INVLPG, 0);
}

/* A handler entered with events masked never lets go of the CPU. */
static void burglar_masked(void)
{
	static struct trap_info traps[2] = {
		{ 6, 4, FLAT_KERNEL_CS64, (unsigned long)spin },
	};

	set_traps(traps);
	print("burglar: spins\n");
	asm volatile("ud2");
}

/* Handlers that cannot start, at no address and in a segment that cannot be
 * loaded, above a stack that never ends: each level of its tables has one table
 * only. Each start is a fault, for ever. */
static void burglar_segment(void)
{
	static struct trap_info traps[5] = {
		{ 6, 0, 0xb, 0x5000 },
		{ 11, 0, 0xb, 0x5000 },
		{ 13, 0, 0xb, 0x5000 },
		{ 14, 0, 0xb, 0x5000 },
	};
	uint64_t below = machine_of(page) | PTE_RW;
	struct mmu_update top = {
		.ptr = machine_of((uint64_t *)start_info->pt_base + 2),
	};
	unsigned int level, i;

	for (level = 0; level < 3; level++) {
		for (i = 0; i < 512; i++)
			tables[level][i] = below;
		below = machine_of(tables[level]) | PTE_RW;
		remap(tables[level], machine_of(tables[level]) | PTE_RO);
	}
	top.val = below;
	print("burglar: stack without end: %ld\n",
	      call4(mmu_update, &top, 1, 0, DOMID_SELF));
	set_traps(traps);
	asm volatile("movq %0, %%rsp; ud2" : : "r"(3ul << 39));
}

/* A second vCPU in user mode, with a user page table that is none. */
static void burglar_rootless(void)
{
	static struct vcpu_guest_context context;
	long rc;

	context.flags = VGCF_online;
	context.user_regs.rip = (unsigned long)spin;
	context.user_regs.cs = FLAT_KERNEL_CS64;
	context.user_regs.ss = FLAT_KERNEL_SS64;
	context.ctrlreg[3] = xen_pfn_to_cr3(machine_of((void *)start_info->pt_base) >> 12);
	context.ctrlreg[1] = ~0ul;
	rc = call3(vcpu_op, VCPUOP_initialise, 1, &context);
	print("burglar: initialise %ld\n", rc);
	rc = call3(vcpu_op, VCPUOP_up, 1, 0);
	print("burglar: up %ld\n", rc);
	call2(sched_op, SCHEDOP_yield, 0);
}

/* Grants a page to every neighbour, to be read; says if it was written. */
static void burglar_give(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	volatile grant_entry_v1_t *entry = (volatile grant_entry_v1_t *)spare;
	static xen_pfn_t frame;
	unsigned int i;

	set_xen_guest_handle(setup.frame_list, &frame);
	call4(grant_table_op, GNTTABOP_setup_table, &setup, 1, 0);
	remap(spare, frame << 12 | PTE_RW);
	for (i = 1; i <= DOMAINS; i++) {
		entry[FIRST_REF + i].domid = (domid_t)i;
		entry[FIRST_REF + i].frame = (uint32_t)(machine_of(page) >> 12);
		entry[FIRST_REF + i].flags = GTF_permit_access | GTF_readonly;
	}
	print("burglar: given\n");
	while (!*(volatile uint64_t *)page)
		call2(sched_op, SCHEDOP_yield, 0);
	print("burglar: MY PAGE WAS WRITTEN\n");
}

static bool map_from(domid_t domain)
{
	struct gnttab_map_grant_ref map = {
		.host_addr = (uint64_t)spare, .dom = domain,
		.flags = GNTMAP_host_map | GNTMAP_readonly,
	};
	unsigned int i;

	for (i = 1; i <= DOMAINS; i++) {
		map.ref = FIRST_REF + i;
		call3(grant_table_op, GNTTABOP_map_grant_ref, &map, 1);
		if (!map.status)
			return true;
	}
	return false;
}

/* Maps such a page, and makes the entry writable by an ordinary update. */
static void burglar_take(void)
{
	struct mmu_update update;
	domid_t domain = 1;
	uint64_t entry;
	long rc;

	while (domain < DOMAINS && !map_from(domain))
		domain++;
	print("burglar: mapped from %lu\n", (unsigned long)domain);
	update.ptr = pte_machine(spare);
	entry = ((uint64_t *)va_of_mfn(update.ptr >> 12))[update.ptr >> 3 & 511];
	rc = remap(spare, entry | 2);
	print("burglar: writable by address: %ld\n", rc);
	update.val = entry | 2;
	if (rc)
		rc = call4(mmu_update, &update, 1, 0, DOMID_SELF);
	print("burglar: writable by entry: %ld\n", rc);
	if (!rc)
		spare[0] = 1;
}

void guest_main(const char *arguments)
{
	if (has_word(arguments, "masked"))
		burglar_masked();
	else if (has_word(arguments, "segment"))
		burglar_segment();
	else if (has_word(arguments, "rootless"))
		burglar_rootless();
	else if (has_word(arguments, "give"))
		burglar_give();
	else if (has_word(arguments, "take"))
		burglar_take();
	print("burglar: came back\n");
}
