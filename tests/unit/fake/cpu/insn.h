/* SPDX-License-Identifier: MIT */
/* insn.h - the processor's instructions, without those a program may not use.
 *
 * Port accesses and a few privileged reads are replaced by functions a test
 * can define; the weak ones of fake/cpu.c read as if nothing were there.
 */
#ifndef PARAVANE_FAKE_INSN_H
#define PARAVANE_FAKE_INSN_H

#define inb	hardware_inb
#define outb	hardware_outb
#define rdtsc	hardware_rdtsc
#define rdmsr	hardware_rdmsr
#define wrmsr	hardware_wrmsr
#define wbinvd	hardware_wbinvd
#define clflush	hardware_clflush
#define write_cr0 hardware_write_cr0
#define write_cr3 hardware_write_cr3
#define write_cr4 hardware_write_cr4
#define read_cr2 hardware_read_cr2
#define read_cr3 hardware_read_cr3
#define read_cr4 hardware_read_cr4
#define invlpg	hardware_invlpg
#define swapgs	hardware_swapgs
#define read_dr hardware_read_dr
#define write_dr hardware_write_dr
#define read_rsp hardware_read_rsp
#include_next "cpu/insn.h"
#undef inb
#undef outb
#undef rdtsc
#undef rdmsr
#undef wrmsr
#undef wbinvd
#undef clflush
#undef write_cr0
#undef write_cr3
#undef write_cr4
#undef read_cr2
#undef read_cr3
#undef read_cr4
#undef invlpg
#undef swapgs
#undef read_dr
#undef write_dr
#undef read_rsp

uint8_t inb(uint16_t port);
void outb(uint16_t port, uint8_t v);
uint64_t rdtsc(void);
uint64_t rdmsr(uint32_t msr);
void wrmsr(uint32_t msr, uint64_t v);
void wbinvd(void);
void clflush(const void *p);
void write_cr0(uint64_t v);
void write_cr3(uint64_t v);
void write_cr4(uint64_t v);
uint64_t read_cr2(void);
uint64_t read_cr3(void);
uint64_t read_cr4(void);
void invlpg(uint64_t va);
void swapgs(void);
uint64_t read_dr(unsigned n);
void write_dr(unsigned n, uint64_t v);

/* this_cpu() masks it: a test, or each of its threads, runs on one of the blocks
 * of fake/cpu.c, the first unless it says otherwise. */
#define FAKE_CPUS	8
extern char fake_cpu_block[];
extern __thread unsigned fake_cpu;
static inline uint64_t read_rsp(void) { return (uint64_t)fake_cpu_block + fake_cpu * 0x10000UL; }

#endif
