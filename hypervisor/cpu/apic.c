/* SPDX-License-Identifier: MIT */
/* apic.c - the interrupt controllers: old ones silenced, the local APIC used.
 *
 * Guards: nothing interrupts but the local APIC's timer and the ISA lines
 * that were routed on purpose.
 * Invariant: registers are reached by memory (xAPIC), which boot has mapped; a
 * machine whose firmware left the x2APIC mode on is refused.
 * Limit: one I/O APIC at its usual address, ISA lines one to one.
 */
#include "cpu/apic.h"

#include "base/log.h"
#include "cpu/bits.h"
#include "cpu/cpus.h"
#include "mm/layout.h"

#define APIC_BASE_X2APIC	(1UL << 10)
#define APIC_BASE_ENABLE	(1UL << 11)

#define APIC_ID			0x020
#define APIC_TPR		0x080
#define APIC_EOI		0x0b0
#define APIC_SPURIOUS		0x0f0
#define APIC_ICR_LOW		0x300
#define APIC_ICR_HIGH		0x310
#define APIC_LVT_TIMER		0x320
#define APIC_LVT_PERF		0x340
#define APIC_LVT_LINT0		0x350
#define APIC_LVT_LINT1		0x360
#define APIC_LVT_ERROR		0x370
#define APIC_TIMER_INITIAL	0x380
#define APIC_TIMER_CURRENT	0x390
#define APIC_TIMER_DIVIDE	0x3e0
#define SPURIOUS_ENABLE		0x100
#define DIVIDE_BY_1		0x0b
#define LVT_MASKED		0x10000
#define LVT_NMI			0x400

#define IOAPIC_SELECT		0x00
#define IOAPIC_WINDOW		0x10
#define IOAPIC_VERSION		0x01
#define IOAPIC_ROUTE(pin)	(0x10 + 2 * (pin))
#define ICR_BUSY		(1u << 12)
#define ICR_ASSERT		(1u << 14)
#define ROUTE_MASKED		0x10000

#define PIC1			0x20
#define PIC2			0xa0
#define PIC_VECTORS		0xe0	/* a spurious one must not look like a trap */

static volatile uint32_t *const apic = (volatile uint32_t *)APIC_REGISTERS;
static volatile uint32_t *const ioapic = (volatile uint32_t *)IOAPIC_REGISTERS;
static uint64_t ticks_per_ns AFTER_BOOT_RO;	/* 32.32 */

static inline uint32_t apic_read(unsigned reg)
{
	return apic[reg / 4];
}

static inline void apic_write(unsigned reg, uint32_t v)
{
	apic[reg / 4] = v;
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* Fixed delivery to one CPU; the last one is accepted before this returns. */
void apic_send_ipi(const struct cpu *c, unsigned vector)
{
	apic_write(APIC_ICR_HIGH, c->apic_id << 24);
	apic_write(APIC_ICR_LOW, ICR_ASSERT | vector);
	while (apic_read(APIC_ICR_LOW) & ICR_BUSY)
		cpu_pause();
}

/* Both 8259s: vectors out of harm's way, every line masked. */
static INIT void pic_silence(void)
{
	static const uint16_t port[2] = { PIC1, PIC2 };

	for (unsigned i = 0; i < 2; i++) {
		outb(port[i], 0x11);			/* start: four words follow */
		outb(port[i] + 1, (uint8_t)(PIC_VECTORS + 8 * i));
		outb(port[i] + 1, i ? 2 : 4);		/* the second is on line 2 */
		outb(port[i] + 1, 0x01);
		outb(port[i] + 1, 0xff);
	}
}

static uint32_t ioapic_read(unsigned reg)
{
	ioapic[IOAPIC_SELECT / 4] = reg;
	return ioapic[IOAPIC_WINDOW / 4];
}

static void ioapic_write(unsigned reg, uint32_t v)
{
	ioapic[IOAPIC_SELECT / 4] = reg;
	ioapic[IOAPIC_WINDOW / 4] = v;
}

static INIT void ioapic_silence(void)
{
	unsigned pins = ((ioapic_read(IOAPIC_VERSION) >> 16) & 0xff) + 1;

	for (unsigned pin = 0; pin < pins; pin++)
		ioapic_write(IOAPIC_ROUTE(pin), ROUTE_MASKED);
}

void apic_route_isa(unsigned irq, unsigned vector)
{
	/* edge, active high, fixed delivery to this CPU's physical id */
	ioapic_write(IOAPIC_ROUTE(irq) + 1, apic_read(APIC_ID) & 0xff000000);
	ioapic_write(IOAPIC_ROUTE(irq), vector);
}

INIT void apic_init(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (base & APIC_BASE_X2APIC)
		panic("the firmware left the local APIC in x2APIC mode");
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	pic_silence();
	ioapic_silence();

	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | SPURIOUS_VECTOR);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_LVT_PERF, LVT_MASKED);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_NMI);
}

INIT void apic_timer_free_run(void)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_TIMER_INITIAL, ~0u);
}

uint32_t apic_timer_count(void)
{
	return apic_read(APIC_TIMER_CURRENT);
}

INIT void apic_timer_init(uint64_t hz)
{
	ticks_per_ns = (hz << 32) / 1000000000UL;
	apic_write(APIC_TIMER_INITIAL, 0);
	apic_write(APIC_LVT_TIMER, TIMER_VECTOR);
}

/* Too far for the counter: it comes early, and is armed again. */
void apic_timer_arm(uint64_t ns)
{
	unsigned __int128 ticks = (unsigned __int128)ns * ticks_per_ns >> 32;

	apic_write(APIC_TIMER_INITIAL,
		   ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks + !ticks);
}
