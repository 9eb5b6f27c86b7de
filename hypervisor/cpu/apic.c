/* SPDX-License-Identifier: MIT */
/* apic.c - the interrupt controllers: old ones silenced, the local APIC used.
 *
 * Guards: nothing interrupts but the local APIC's timer and the ISA lines
 * that were routed on purpose.
 * Invariant: all CPUs are in the same mode: x2APIC (registers are MSRs) where
 * the first CPU has it, else xAPIC (registers are memory, which boot mapped).
 * Limit: of several I/O APICs, the one with the ISA lines.
 */
#include "cpu/apic.h"

#include "base/log.h"
#include "cpu/bits.h"
#include "mm/layout.h"

#define APIC_BASE_X2APIC	(1UL << 10)
#define APIC_BASE_ENABLE	(1UL << 11)

#define MSR_X2APIC		0x800	/* + register / 16 */
#define CPUID_X2APIC		(1u << 21)

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
#define ROUTE_NMI		0x400
#define ROUTE_LOW		0x2000
#define ROUTE_LEVEL		0x8000
#define ROUTE_MASKED		0x10000

#define ICR_NMI			0x400u
#define ICR_INIT		0x500u
#define ICR_STARTUP		0x600u
#define ICR_BUSY		(1u << 12)
#define ICR_ASSERT		(1u << 14)
#define ID_BROADCAST		0xffu	/* no id of a single CPU in xAPIC mode */

#define PIC1			0x20
#define PIC2			0xa0
#define PIC_VECTORS		0xe0	/* a spurious one must not look like a trap */

static volatile uint32_t *const apic = (volatile uint32_t *)APIC_REGISTERS;
static volatile uint32_t *const ioapic = (volatile uint32_t *)IOAPIC_REGISTERS;
static AFTER_BOOT_RO bool x2apic;
static AFTER_BOOT_RO struct isa_line isa_lines[ISA_LINES];
static AFTER_BOOT_RO unsigned ioapic_pins;
static uint64_t ticks_per_ns AFTER_BOOT_RO;	/* 32.32 */

static inline uint32_t apic_read(unsigned reg)
{
	return x2apic ? (uint32_t)rdmsr(MSR_X2APIC + reg / 16) : apic[reg / 4];
}

static inline void apic_write(unsigned reg, uint32_t v)
{
	if (x2apic)
		wrmsr(MSR_X2APIC + reg / 16, v);
	else
		apic[reg / 4] = v;
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* What was written before is seen by who is interrupted: the memory form is a
 * store like others, the MSR must be made to wait for them. */
static void send(uint32_t apic_id, uint32_t command)
{
	if (x2apic) {
		mfence();
		lfence();
		wrmsr(MSR_X2APIC + APIC_ICR_LOW / 16, (uint64_t)apic_id << 32 | command);
		return;
	}
	apic_write(APIC_ICR_HIGH, apic_id << 24);
	apic_write(APIC_ICR_LOW, command);
	while (apic_read(APIC_ICR_LOW) & ICR_BUSY)
		cpu_pause();
}

void apic_send_ipi(const struct cpu *c, unsigned vector)
{
	send(c->apic_id, ICR_ASSERT | vector);
}

void apic_send_nmi(const struct cpu *c)
{
	send(c->apic_id, ICR_ASSERT | ICR_NMI);
}

INIT void apic_send_init(uint32_t apic_id)
{
	send(apic_id, ICR_ASSERT | ICR_INIT);
}

INIT void apic_send_startup(uint32_t apic_id, unsigned page)
{
	send(apic_id, ICR_ASSERT | ICR_STARTUP | page);
}

INIT bool apic_id_usable(uint32_t apic_id)
{
	return x2apic || apic_id < ID_BROADCAST;
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
	ioapic_pins = ((ioapic_read(IOAPIC_VERSION) >> 16) & 0xff) + 1;
	for (unsigned pin = 0; pin < ioapic_pins; pin++)
		ioapic_write(IOAPIC_ROUTE(pin), ROUTE_MASKED);
}

/* To this CPU's physical id: the first CPU's fits 8 bits. */
INIT static void route_isa(unsigned irq, uint32_t what)
{
	const struct isa_line *l = &isa_lines[irq];

	if (l->pin >= ioapic_pins)
		return;
	ioapic_write(IOAPIC_ROUTE(l->pin) + 1, this_cpu()->apic_id << 24);
	ioapic_write(IOAPIC_ROUTE(l->pin), what | (l->low ? ROUTE_LOW : 0) |
		     (l->level ? ROUTE_LEVEL : 0));
}

INIT void apic_route_isa(unsigned irq, unsigned vector)
{
	route_isa(irq, vector);
}

INIT void apic_route_isa_nmi(unsigned irq)
{
	route_isa(irq, ROUTE_NMI);
}

/* A non-maskable line reaches the first CPU only: one report is enough. */
INIT void apic_cpu_init(void)
{
	struct cpu *c = this_cpu();
	uint64_t base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);	/* first this mode, then the other */
	if (x2apic)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	c->apic_id = apic_read(APIC_ID) >> (x2apic ? 0 : 24);
	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | SPURIOUS_VECTOR);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_LVT_PERF, LVT_MASKED);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, c->id ? LVT_MASKED : LVT_NMI);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
}

INIT void apic_init(const struct isa_line isa[ISA_LINES])
{
	for (unsigned i = 0; i < ISA_LINES; i++)
		isa_lines[i] = isa[i];
	/* Firmware that left it on knows why. */
	x2apic = (cpuid(1, 0).c & CPUID_X2APIC) ||
		 (rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC);
	pic_silence();
	ioapic_silence();
	apic_cpu_init();
	log("interrupts: %s", x2apic ? "x2APIC" : "xAPIC");
}

INIT void apic_timer_free_run(void)
{
	apic_write(APIC_TIMER_INITIAL, ~0u);
}

uint32_t apic_timer_count(void)
{
	return apic_read(APIC_TIMER_CURRENT);
}

INIT void apic_timer_init(uint64_t hz)
{
	ticks_per_ns = (hz << 32) / 1000000000UL;
	apic_timer_cpu_init();
}

INIT void apic_timer_cpu_init(void)
{
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
