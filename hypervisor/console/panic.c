/* SPDX-License-Identifier: MIT */
/* panic.c - stopping the machine, with all that is known.
 *
 * Invariant: nothing here takes a lock or needs memory; a fault on the way
 * ends in the same place, once more at most. All other CPUs are stopped first.
 * Not here: an orderly power-off (control/poweroff.c).
 */
#include "console/console.h"

#include "base/log.h"
#include "base/string.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/stop.h"

#define RESET_PORT	0xcf9
#define KEYBOARD_PORT	0x64

bool console_noreboot;

void log_registers(const struct cpu_frame *f)
{
	log("  rip %04x:%016lx rflags %08lx rsp %04x:%016lx", (unsigned)(uint16_t)f->cs,
	    f->rip, f->rflags, (unsigned)(uint16_t)f->ss, f->rsp);
	log("  rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	log("  rsi %016lx rdi %016lx rbp %016lx r8  %016lx", f->rsi, f->rdi, f->rbp, f->r8);
	log("  r9  %016lx r10 %016lx r11 %016lx r12 %016lx", f->r9, f->r10, f->r11, f->r12);
	log("  r13 %016lx r14 %016lx r15 %016lx vector %x error %x", f->r13, f->r14,
	    f->r15, f->vector, f->error);
}

/* Our text is smaller than this and holds this function. */
#define TEXT_NEAR	0x100000UL

static bool looks_like_text(uint64_t word)
{
	uint64_t here = (uint64_t)&panic;

	return word - (here - TEXT_NEAR) < 2 * TEXT_NEAR;
}

unsigned backtrace_take(uint64_t rsp, uint64_t *words, unsigned n)
{
	const uint64_t *p = (const uint64_t *)rsp;
	const uint64_t *end = (const uint64_t *)ROUND_UP(rsp + 1, PAGE_SIZE);
	unsigned taken = 0;

	for (; p < end && taken < n; p++)
		if (looks_like_text(*p))
			words[taken++] = *p;
	return taken;
}

void backtrace_log(const uint64_t *words, unsigned n)
{
	log("words on the stack that may be return addresses:");
	for (unsigned i = 0; i < n; i++)
		log("  %016lx", words[i]);
}

static void log_backtrace(void)
{
	uint64_t words[BACKTRACE_MAX];

	backtrace_log(words, backtrace_take(read_rsp(), words, BACKTRACE_MAX));
}

void machine_halt(void)
{
	for (;;)
		cpu_halt();
}

void machine_reset(void)
{
	struct { uint16_t limit; uint64_t base; } PACKED no_idt = { 0, 0 };

	cpus_stop_others();
	outb(KEYBOARD_PORT, 0xfe);
	for (int i = 0; i < 1000; i++)
		inb(0x80);
	outb(RESET_PORT, 0x02);
	outb(RESET_PORT, 0x06);
	for (int i = 0; i < 1000; i++)
		inb(0x80);
	__asm__ volatile("lidt %0" :: "m"(no_idt));
	__asm__ volatile("ud2");
	machine_halt();
}

static NORETURN void stop(const char *text)
{
	static int depth;
	const struct cpu_frame *guest;

	cpus_stop_others();
	console_force();
	if (depth++)
		machine_halt();		/* the report itself failed */
	log("panic: %s", text);
	if (cpus_not_stopped())
		log("  still running: CPUs of %#lx", cpus_not_stopped());
	log("  CPU %u rsp %016lx cr2 %016lx cr3 %016lx cpu data %016lx", this_cpu()->id, read_rsp(), read_cr2(),
	    read_cr3(), (uint64_t)this_cpu());
	log_backtrace();
	/* RSP0 is the end of the current vCPU's frame. */
	if (this_cpu()->frame_end) {
		guest = (const struct cpu_frame *)this_cpu()->frame_end - 1;
		log("registers of the guest that was being served:");
		log_registers(guest);
	}
	if (console_noreboot) {
		log("the machine is halted (noreboot)");
		machine_halt();
	}
	log("the machine starts again");
	machine_reset();
}

void panic(const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	stop(text);
}

void bug(const char *file, int line, const char *what)
{
	char text[160];

	snprintf(text, sizeof(text), "%s:%d: %s", file, line, what);
	stop(text);
}
