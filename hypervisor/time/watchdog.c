/* SPDX-License-Identifier: MIT */
/* watchdog.c - who is stuck inside the hypervisor?
 *
 * Every CPU has a clock tick a second, inside and idle alike, and stamps it.
 * At its own tick a CPU looks at the next one's stamp: one that is too old is
 * reported, and an NMI makes that CPU note where it is; the state is printed
 * at a later tick. With the option `watchdog` an interrupt that cannot be
 * masked looks at the first CPU as well, so that one CPU alone is watched too.
 * Guards: nothing is stopped for it, because the host of a virtual machine may
 * only have been busy elsewhere. A report does not wait for the console.
 */
#include "time/time.h"

#include "console/console.h"
#include "cpu/bits.h"
#include "cpu/cpus.h"

#define PIT_IRQ		0
#define PIT_CHANNEL0	0x40
#define PIT_MODE	0x43
#define PIT_RATE_0	0x34	/* channel 0, two bytes, again and again */

static uint64_t bound AFTER_BOOT_RO = 5 * NS_PER_SECOND;
static bool by_nmi AFTER_BOOT_RO;

/* One report at a time, from its claim to its end. */
static struct {
	uint32_t claimed;		/* id + 1 of the CPU that reports */
	struct cpu *about;
	enum where { ASKED, IN_GUEST, IN_IDLE, INSIDE } where;
	struct cpu_frame frame;
	uint64_t words[BACKTRACE_MAX];
	unsigned nr_words;
} report;

/* Who gets stuck before its first tick is late as well; only building the first
 * domain may take as long as it likes. The PIT is at its slowest, 18 times a
 * second. */
INIT void watchdog_init(uint64_t seconds, bool nmi)
{
	uint64_t now = time_now();
	struct cpu *c;

	if (seconds)
		bound = seconds * NS_PER_SECOND;
	by_nmi = nmi;
	for_each_cpu(c)
		WRITE_ONCE(c->tick_seen, now);
	if (!nmi)
		return;
	outb(PIT_MODE, PIT_RATE_0);
	outb(PIT_CHANNEL0, 0);
	outb(PIT_CHANNEL0, 0);
	apic_route_isa_nmi(PIT_IRQ);
}

static enum where note(const struct cpu_frame *f, bool from_guest)
{
	if (from_guest)
		return IN_GUEST;
	if (f->rflags & FLAGS_IF)
		return IN_IDLE;		/* the only place where interrupts are on */
	report.frame = *f;
	report.nr_words = backtrace_take(f->rsp, report.words, BACKTRACE_MAX);
	return INSIDE;
}

static void print(enum where where)
{
	unsigned id = report.about->id;

	switch (where) {
	case ASKED:
		log("watchdog: CPU %u does not answer", id);
		break;
	case IN_GUEST:
		log("watchdog: CPU %u runs a guest, its clock does not get through", id);
		break;
	case IN_IDLE:
		log("watchdog: CPU %u idles, its clock does not get through", id);
		break;
	case INSIDE:
		log("watchdog: CPU %u is inside the hypervisor at", id);
		log_registers(&report.frame);
		backtrace_log(report.words, report.nr_words);
		break;
	}
}

static bool claim(struct cpu *c)
{
	uint32_t nobody = 0;

	if (c->stall_told ||
	    !__atomic_compare_exchange_n(&report.claimed, &nobody, this_cpu()->id + 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	report.about = c;
	return true;
}

static void end_report(void)
{
	__atomic_store_n(&report.claimed, 0, __ATOMIC_RELEASE);
}

static void log_late(struct cpu *c, uint64_t now)
{
	c->stall_told = true;
	log("watchdog: CPU %u has not looked at its clock for %lu ms", c->id,
	    (now - c->tick_seen) / NS_PER_MS);
}

static bool late(const struct cpu *c, uint64_t now)
{
	uint64_t seen = READ_ONCE(c->tick_seen);

	return seen && now > seen && now - seen >= bound;
}

/* The state noted since the last tick, if any. */
static void finish_report(void)
{
	if (READ_ONCE(report.claimed) != this_cpu()->id + 1 || !console_seize(true))
		return;
	print(__atomic_load_n(&report.where, __ATOMIC_ACQUIRE));
	console_let_go();
	end_report();
}

static void begin_report(struct cpu *c, uint64_t now)
{
	if (!claim(c))
		return;
	if (console_seize(true)) {
		log_late(c, now);
		console_let_go();
	}
	report.where = ASKED;
	apic_send_nmi(c);
}

/* The next CPU in a ring. */
static struct cpu *neighbour(const struct cpu *c)
{
	uint64_t above = cpus_online & ~1UL << c->id;

	return cpu_of((unsigned)__builtin_ctzl(above ? above : cpus_online));
}

void watchdog_tick(void)
{
	struct cpu *c = this_cpu(), *n;
	uint64_t now = time_now();

	WRITE_ONCE(c->tick_seen, now);
	c->stall_told = false;
	finish_report();
	/* Who is late does not look after the one behind it. */
	for (n = neighbour(c); n != c && late(n, now); n = neighbour(n))
		begin_report(n, now);
}

/* This CPU is asked where it is; or it is its own watchdog. */
bool watchdog_nmi(const struct cpu_frame *f, bool from_guest)
{
	struct cpu *c = this_cpu();
	uint64_t now = time_now();

	if (READ_ONCE(report.claimed) && report.about == c && report.where == ASKED) {
		__atomic_store_n(&report.where, note(f, from_guest), __ATOMIC_RELEASE);
		return true;
	}
	if (!by_nmi)
		return false;
	if (late(c, now) && claim(c)) {
		if (console_seize(false)) {
			log_late(c, now);
			print(note(f, from_guest));
			console_let_go();
		}
		end_report();
	}
	return true;
}
