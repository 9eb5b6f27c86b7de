/* SPDX-License-Identifier: MIT */
/* lib.h - what a conformance suite is written with.
 *
 * A suite is one kernel with a suite_main. It states a rule, then what it wants
 * to be true; the library prints one verdict a rule:
 *
 *     RULE event-channels: port 0 cannot be closed: pass
 *
 * pass, fail (the hypervisor is wrong), skip (does not apply here), or broken
 * (the test is: it trapped where it did not mean to). Values that were not as
 * wanted follow on lines of their own. The last line is SUITE name: counts.
 */
#ifndef CONFORMANCE_LIB_H
#define CONFORMANCE_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/errno.h>
#include <xen/event_channel.h>

#include "hypercall.h"

/* ---- what a suite provides ---- */

extern const char suite_name[];
void suite_main(void);

/* ---- rules (rules.c) ---- */

void rule(const char *sentence);
void skip(const char *why);
void want_at(bool ok, long got, long wanted, const char *expression);
/* Two numbers are equal; something is true. */
#define want(got, wanted) do { \
	long got_ = (long)(got), wanted_ = (long)(wanted); \
	want_at(got_ == wanted_, got_, wanted_, #got); \
} while (0)
#define want_true(condition) want_at(!!(condition), 0, 1, #condition)
__attribute__((noreturn)) void suite_end(const char *broken);

/* ---- where we run (main.c) ---- */

/* The registers at the first instruction; start.S knows the offsets. */
struct first_state {
	uint64_t rsp, rflags, rsi;
	uint16_t cs, ss, ds, es, fs, gs;
};
extern struct first_state first_state;

extern struct start_info *start_info;
extern volatile struct shared_info *const shared;
bool is_first_domain(void);
unsigned long virt_to_mfn(const volatile void *va);
/* Puts a machine frame at the address of a page of ours. */
long map_frame(void *page, unsigned long mfn, unsigned long flags);
#define PAGE		__attribute__((aligned(4096)))
#define PTE_PRESENT	1ul
#define PTE_WRITE	2ul
#define PTE_USER	4ul
#define BAD_POINTER	((void *)0x800000000000ul)	/* not canonical */
#define HYPERVISOR_POINTER ((void *)HYPERVISOR_VIRT_START)

/* ---- traps (traps.c) ---- */

struct frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Runs fn(arg); true if it trapped, and then trapped tells how. */
bool traps(void (*fn)(void *), void *arg);
extern struct frame trapped;
extern uint64_t trapped_cr2;

/* ---- events (traps.c) ---- */

#define events_mask()	(shared->vcpu_info[0].evtchn_upcall_mask = 1)
void events_unmask(void);
/* How often we were interrupted, and for which port last. */
extern volatile unsigned int upcalls;
extern volatile evtchn_port_t last_port;
bool port_pending(evtchn_port_t port);
void port_mask(evtchn_port_t port, bool masked);
void port_clear(evtchn_port_t port);

/* ---- text (console.c) ---- */

void console_open(void);
void print(const char *s);
void print_signed(long n);
void print_hex(unsigned long n);

void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

#endif
