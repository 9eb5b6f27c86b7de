/* SPDX-License-Identifier: MIT */
/* native.h - what the files of this platform share. */
#ifndef KERNEL_NATIVE_NATIVE_H
#define KERNEL_NATIVE_NATIVE_H

/* Selectors of the descriptor table in traps.c; the order of the user ones is
 * what SYSCALL's register wants. */
#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define USER_DS 0x23
#define USER_CS 0x2b
#define TSS_SELECTOR 0x30

#define VECTOR_IRQ_BASE 32
#define IRQ_TIMER 0
#define IRQ_SERIAL 4

#ifndef __ASSEMBLY__
#include "core/types.h"

static inline void outb(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a" (value), "Nd" (port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

static inline void outw(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" : : "a" (value), "Nd" (port));
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr" : : "c" (msr), "a" ((uint32_t)value), "d" ((uint32_t)(value >> 32)));
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return (uint64_t)high << 32 | low;
}

void native_console_init(void);
void native_console_poll(void);		/* input that has arrived */
void native_interrupts_init(void);
void native_time_init(void);
void native_timer_tick(void);		/* the timer has fired */
extern uint64_t boot_l4[];		/* the kernel's own tree, head.S */
#endif

#endif
