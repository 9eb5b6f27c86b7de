/* SPDX-License-Identifier: MIT */
/* poweroff.c - the machine ends with its control domain.
 *
 * Power off: ACPI's sleep state 5, else QEMU's exit device, else a halt with
 * a message. Restart: ACPI's reset register, else the keyboard controller
 * and what else console/panic.c knows. A crash restarts too, unless the
 * command line said `noreboot`.
 */
#include "control/poweroff.h"

#include "base/log.h"
#include "console/console.h"
#include "control/acpi.h"
#include "cpu/insn.h"
#include "cpu/stop.h"
#include "domain/domain.h"

#include <public/sched.h>

#define PM1_SCI_ENABLED	(1u << 0)
#define PM1_TYPE_SHIFT	10
#define PM1_TYPE	(7u << PM1_TYPE_SHIFT)
#define PM1_SLEEP	(1u << 13)
#define QEMU_EXIT_PORT	0xf4
#define WAIT_LOOPS	100000

AFTER_BOOT_RO static struct acpi_power power;

INIT void poweroff_init(void)
{
	if (!acpi_find_power(&power))
		log("no ACPI tables: power-off may only halt the machine");
	else if (!power.s5_known)
		log("ACPI does not say how to power off");
}

/* Nobody writes between our last words, and nobody's lock delays them. */
static void go_on_alone(void)
{
	cpus_stop_others();
	console_force();
}

/* Firmware keeps the registers to itself until it is told. */
static void acpi_take_over(void)
{
	if (inw(power.pm1a) & PM1_SCI_ENABLED || !power.smi_command)
		return;
	outb(power.smi_command, power.acpi_enable);
	for (int i = 0; i < WAIT_LOOPS && !(inw(power.pm1a) & PM1_SCI_ENABLED); i++)
		cpu_pause();
}

static void sleep_write(uint16_t port, uint8_t type)
{
	uint16_t v = inw(port) & (uint16_t)~PM1_TYPE;

	outw(port, (uint16_t)(v | type << PM1_TYPE_SHIFT | PM1_SLEEP));
}

void machine_power_off(void)
{
	go_on_alone();
	if (power.s5_known) {
		acpi_take_over();
		if (power.pm1b)
			sleep_write(power.pm1b, power.s5_type[1]);
		sleep_write(power.pm1a, power.s5_type[0]);
		for (int i = 0; i < WAIT_LOOPS; i++)
			inb(0x80);
	}
	outl(QEMU_EXIT_PORT, 0);
	log("power-off did not work: the machine is halted and may be switched off");
	machine_halt();
}

static NORETURN void machine_restart(void)
{
	go_on_alone();
	if (power.reset_port) {
		outb(power.reset_port, power.reset_value);
		for (int i = 0; i < WAIT_LOOPS; i++)
			inb(0x80);
	}
	machine_reset();
}

void machine_end(const struct domain *d)
{
	go_on_alone();
	switch (d->shutdown_code) {
	case SHUTDOWN_poweroff:
		log("the control domain is done: power off");
		machine_power_off();
	case SHUTDOWN_reboot:
		log("the control domain asks for a restart");
		machine_restart();
	case SHUTDOWN_watchdog:
		log("the control domain's watchdog expired: restart");
		machine_restart();
	case SHUTDOWN_crash:
		log("panic: the control domain crashed: %s",
		    d->crash_reason[0] ? d->crash_reason : "by its own word");
		break;
	default:
		log("panic: the control domain stopped, reason %u", d->shutdown_code);
		break;
	}
	if (console_noreboot) {
		log("the machine is halted (noreboot)");
		machine_halt();
	}
	machine_restart();
}
