/* SPDX-License-Identifier: MIT */
/* smp.c - bringing up the other processors, one after the other.
 *
 * Guards: a processor counts only once it runs our code with our settings,
 * has all that the first one has, and agrees with it on the time; one that
 * does not come that far is reported and left out: put to sleep by INIT, its
 * block used for the next one or freed.
 * Invariant: ids count from 0 in the order of arrival, without a gap.
 * Not here: the first steps in real mode (trampoline.S), what ACPI lists
 * (control/acpi_madt.c), giving the CPUs work (sched/).
 */
#include "base/log.h"
#include "base/string.h"
#include "boot/boot.h"
#include "boot/trampoline.h"
#include "console/console.h"
#include "control/acpi.h"
#include "cpu/apic.h"
#include "cpu/bits.h"
#include "cpu/cpus.h"
#include "cpu/features.h"
#include "domain/domain.h"
#include "mm/mm.h"
#include "mm/owner.h"
#include "time/time.h"
#include "traps/traps.h"

#define EFER_LMA	0x400u
/* A busy host may leave one CPU of a virtual machine waiting for seconds. */
#define ARRIVE_MS	10000		/* from start-up to its first sign of life */
#define READY_MS	10000		/* from there to its idle loop */

static INIT_DATA struct acpi_processors found;
static INIT_DATA uint64_t block[MAX_CPUS];	/* machine address of each CPU's */
INIT_DATA uint64_t ap_root, ap_stack;
/* How far the CPU being started is; written by itself. */
enum progress { CALLED, ARRIVED, FIT, UNFIT, ONLINE };
static INIT_DATA enum progress progress;
static INIT_DATA const char *missing;	/* UNFIT: what it lacks */

void ap_main(void);

INIT void smp_find(void)
{
	unsigned limit = boot_options.max_cpus ? boot_options.max_cpus : MAX_CPUS;
	bool listed = acpi_find_processors(&found);

	paging_map_controllers(found.ioapic);
	apic_init(found.isa);
	if (!listed)
		log("no ACPI list of processors: only this one is used");
	if (found.left_out)
		log("%u processors more than %u: left out", found.left_out, MAX_CPUS);
	for (unsigned i = 1; i < found.cpus && i < limit; i++) {
		block[i] = memory_take(CPU_BLOCK_PAGES + 1);	/* and its idle vCPU */
		paging_map_block(i, block[i]);
	}
}

/* The block as cpu_block_init() wants it; a CPU that failed may have used it. */
INIT static void block_make(unsigned id, uint32_t apic_id)
{
	struct vcpu *idle = maddr_to_virt(block[id] + CPU_BLOCK_PAGES * PAGE_SIZE);
	char *base = (char *)CPU_BLOCK(id);
	struct cpu *c = cpu_of(id);

	_Static_assert(sizeof(*idle) <= PAGE_SIZE, "one page was taken for it");
	paging_map_block(id, block[id]);
	memset(base, 0, PAGE_SIZE);
	memset(base + CPU_DATA_OFFSET, 0, PAGE_SIZE);
	memset(base + CPU_GDT_PAGE * PAGE_SIZE, 0, PAGE_SIZE);
	memset(idle, 0, PAGE_SIZE);
	cpu_block_init(id);
	paging_seal_block(id);
	c->gdt_frame = mfn_make((block[id] >> PAGE_SHIFT) + CPU_BLOCK_PAGES - 1);
	c->idle = c->current = idle;
	c->apic_id = apic_id;
}

/* False when `ms` have passed before the CPU came as far as `least`. */
INIT static bool wait_for(enum progress least, uint64_t ms)
{
	uint64_t end = time_now() + ms * NS_PER_MS;

	while (__atomic_load_n(&progress, __ATOMIC_ACQUIRE) < least) {
		if (time_now() > end)
			return false;
		cpu_relax();
	}
	return true;
}

static void reach(enum progress p)
{
	__atomic_store_n(&progress, p, __ATOMIC_RELEASE);
}

INIT static void call(uint32_t apic_id)
{
	struct trampoline_words *w = maddr_to_virt(TRAMPOLINE + (uint64_t)
						   (trampoline_words - trampoline));

	memcpy(maddr_to_virt(TRAMPOLINE), trampoline, (size_t)(trampoline_end - trampoline));
	w->apic_id = apic_id & 0xff;
	if (boot_options.fail_cpu == apic_id + 1)
		w->apic_id ^= 1;	/* it takes itself for somebody else, and halts */
	w->efer = (uint32_t)rdmsr(MSR_EFER) & ~EFER_LMA;
	apic_send_init(apic_id);
	(void)wait_for(ARRIVED, 10);
	apic_send_startup(apic_id, TRAMPOLINE >> PAGE_SHIFT);
	if (!wait_for(ARRIVED, 1))	/* some need to be told twice */
		apic_send_startup(apic_id, TRAMPOLINE >> PAGE_SHIFT);
}

/* NULL when it runs, else why not. */
INIT static const char *start(unsigned id, uint32_t apic_id)
{
	if (!apic_id_usable(apic_id))
		return "its id needs x2APIC";
	block_make(id, apic_id);
	progress = CALLED;
	skew_begin();
	ap_stack = CPU_BLOCK(id) + CPU_STACK_TOP;
	ap_root = mfn_to_maddr(hyp_root).a;
	call(apic_id);
	if (!wait_for(ARRIVED, ARRIVE_MS))
		return "it does not answer";
	if (!wait_for(FIT, READY_MS))
		return "it got stuck on its way";
	if (progress == UNFIT)
		return missing;
	if (!skew_measure(cpu_of(id)) || !wait_for(ONLINE, READY_MS))
		return "it got stuck on its way";
	return NULL;
}

/* Whatever it does, it stops and waits to be started, which nobody will do. */
INIT static void put_to_sleep(unsigned id, uint32_t apic_id)
{
	if (!apic_id_usable(apic_id))
		return;
	apic_send_init(apic_id);
	progress = CALLED;
	(void)wait_for(ARRIVED, 10);
	__atomic_fetch_and(&cpus_online, ~(1UL << id), __ATOMIC_SEQ_CST);
}

INIT void smp_start(void)
{
	unsigned id = 1;

	for (unsigned i = 0; i < found.cpus; i++) {
		uint32_t apic_id = found.apic_id[i];
		const char *why;

		if (apic_id == this_cpu()->apic_id || !block[id])
			continue;
		why = start(id, apic_id);
		if (!why) {
			id++;
			continue;
		}
		put_to_sleep(id, apic_id);
		log("CPU with APIC id %u left out: %s", apic_id, why);
	}
	for (unsigned i = id; i < MAX_CPUS && block[i]; i++) {
		paging_unmap_block(i, block[i]);
		memory_free_range(block[i], block[i] + (CPU_BLOCK_PAGES + 1) * PAGE_SIZE);
	}
	log("processors: %u of %u", id, MAX(found.cpus, 1u));
}

/* From here on the CPU takes what it is given. Not an init function: it is in
 * here when their frames are freed. */
NORETURN static void go_online(void)
{
	__atomic_fetch_or(&cpus_online, 1UL << this_cpu()->id, __ATOMIC_SEQ_CST);
	reach(ONLINE);
	idle_enter();
}

/* From trampoline.S, on the CPU's own stack and the tables that stay. */
INIT void ap_main(void)
{
	struct cpu *c = this_cpu();

	reach(ARRIVED);
	cpu_load_tables(c);
	idt_load();
	while (boot_options.hang_cpu == c->apic_id + 1)
		cpu_relax();
	missing = cpu_lacks();
	if (missing) {
		reach(UNFIT);
		machine_halt();
	}
	cpu_setup();
	apic_cpu_init();
	reach(FIT);
	skew_answer();
	apic_timer_cpu_init();
	timer_start_clock();
	go_online();
}
