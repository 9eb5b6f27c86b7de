/* SPDX-License-Identifier: MIT */
/* cpu.c - processors that do nothing, and words that stop a test.
 */
#include "base/refusal.h"
#include "cpu/cpus.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

char fake_cpu_block[FAKE_CPUS * CPU_BLOCK_SIZE] ALIGNED(CPU_BLOCK_SIZE);
__thread unsigned fake_cpu;

__attribute__((weak)) uint8_t inb(uint16_t port) { return 0xff; }
__attribute__((weak)) void outb(uint16_t port, uint8_t v) { }
__attribute__((weak)) uint64_t rdtsc(void) { return 0; }
__attribute__((weak)) uint64_t rdmsr(uint32_t msr) { return 0; }
__attribute__((weak)) void wrmsr(uint32_t msr, uint64_t v) { }
__attribute__((weak)) void wbinvd(void) { }
__attribute__((weak)) void clflush(const void *p) { }
__attribute__((weak)) void write_cr0(uint64_t v) { }
__attribute__((weak)) void write_cr3(uint64_t v) { }
__attribute__((weak)) void write_cr4(uint64_t v) { }
__attribute__((weak)) uint64_t read_cr2(void) { return 0; }
__attribute__((weak)) uint64_t read_cr3(void) { return 0; }
__attribute__((weak)) uint64_t read_cr4(void) { return 0; }
__attribute__((weak)) void invlpg(uint64_t va) { }
__attribute__((weak)) void swapgs(void) { }
__attribute__((weak)) uint64_t read_dr(unsigned n) { return 0; }
__attribute__((weak)) void write_dr(unsigned n, uint64_t v) { }

__attribute__((weak)) void log(const char *fmt, ...) { }
__attribute__((weak)) void log_guest(const char *fmt, ...) { }
__attribute__((weak)) RARE_CALL void refusal_because(enum refusal_rule rule) { }

__attribute__((weak)) void bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

__attribute__((weak)) void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	abort();
}

/* One CPU: nobody else to ask, unless a test brings others. */
__attribute__((weak)) uint64_t cpus_online = 1;
__attribute__((weak)) void cpu_serve_requests(void) { }
__attribute__((weak)) void cpu_kick(struct cpu *c, uint32_t bits) { cpu_pend(c, bits); }
__attribute__((weak)) void cpu_request(struct cpu *c, uint32_t bits) { c->requests |= bits; }
