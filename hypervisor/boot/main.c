/* SPDX-License-Identifier: MIT */
/* main.c - the start order of everything, one line a step.
 *
 * Guards: each step finds what it needs made by the lines above it.
 */
#include "base/log.h"
#include "base/string.h"
#include "boot/boot.h"
#include "console/console.h"
#include "control/about.h"
#include "control/poweroff.h"
#include "cpu/cpu.h"
#include "cpu/features.h"
#include "mm/machine_map.h"
#include "mm/mm.h"
#include "sched/sched.h"
#include "time/time.h"
#include "traps/traps.h"

extern uint32_t boot_magic, boot_info;
extern uint64_t boot_tsc;

void boot_main(void);

static struct vcpu idle_vcpu;

/* The heap, and what no guest may ever map. */
INIT static void heap_init(void)
{
	const struct boot_params *p = &boot_params;
	uint64_t at = 0;

	/* Below the highest RAM, what is not RAM is devices or firmware. */
	for (unsigned i = 0; i < p->regions; i++) {
		const struct boot_region *r = &p->region[i];

		machine_map[i] = (struct e820_entry){ r->start, r->end - r->start, r->type };
		if (r->type != E820_RAM)
			continue;
		if (ROUND_UP(at, PAGE_SIZE) < ROUND_DOWN(r->start, PAGE_SIZE))
			frames_add_io(mfn_make(ROUND_UP(at, PAGE_SIZE) >> PAGE_SHIFT),
				      mfn_make(r->start >> PAGE_SHIFT));
		at = MAX(at, r->end);
	}
	machine_map_entries = p->regions;
	memory_to_heap();
}

/* Every CPU that speculates needs at least the barrier between domains. */
INIT static void warn_speculation(void)
{
	boot_speculation_warned = true;
	log("speculation: no page-table isolation, IBPB or VERW yet: do not let "
	    "domains that distrust each other share this machine");
}

/* Nobody runs yet: the CPU is in the idle vCPU's name. */
INIT static void idle_init(void)
{
	struct cpu *c = this_cpu();

	c->idle = c->current = &idle_vcpu;
}

/* Not an init function: it frees them. */
NORETURN static void enter_first_domain(void)
{
	struct cpu *c = this_cpu();

	paging_drop_init();
	log("memory: %lu pages kept by the hypervisor",
	    memory_ram_pages - heap_free_frames() - control_domain->mm.frames);
	log("boot: %lu ticks from entry to the first domain", rdtsc() - boot_tsc);
	cpu_pend(c, CPU_RESCHED);
	idle_enter();
}

/* tour 01: the loader has handed over; paging is on, nothing else is. */
INIT void boot_main(void)
{
	cpu_detect();				/* what the CPU has */
	smap_patch();				/* before text is read-only */
	cpu_block_init(0);			/* SYSCALL stub, GDT, TSS */
	cpu_load_tables(this_cpu());		/* our segments and stacks */
	idt_build();				/* our exceptions */
	idt_load();
	idle_init();				/* current() has an answer */
	multiboot_read(boot_magic, boot_info);	/* map, modules, command line */
	options_parse(boot_params.cmdline, false);	/* our own options */
	console_noreboot = boot_options.noreboot;
	console_init(boot_options.console[0] ? boot_options.console : NULL,
		     boot_options.com1[0] ? boot_options.com1 : NULL);
	log("Paravane " VERSION ", loaded by %s", boot_params.loader);
	options_parse(boot_params.cmdline, true);	/* what we did not understand */
	version_set_command_line(boot_params.cmdline);
	memory_init();				/* RAM nobody uses */
	boot_ram_frames = memory_ram_pages;
	paging_init();				/* tables, frame records, M2P */
	cpu_setup();				/* WP, NX, SMEP, SMAP, SYSCALL */
	smp_find();				/* ACPI's processors, interrupts */
	heap_init();				/* frames to give */
	poweroff_init();			/* ACPI, while its tables are mapped */
	time_init();				/* clocks and the timer interrupt */
	sched_init(boot_options.sched_null);	/* the run queues */
	smp_start();				/* the other CPUs idle now */
	first_domain_build();			/* tour 02: everything it starts with */
	apic_route_isa(4, CONSOLE_VECTOR);	/* keys pressed */
	console_enable_input_irq();
	watchdog_init(boot_options.watchdog_seconds, boot_options.watchdog);
	warn_speculation();
	paging_seal();				/* boot-time data is constant now */
	enter_first_domain();			/* never returns */
}
