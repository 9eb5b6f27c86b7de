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

#include "entry.h"
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

/* ---- entries into the kernel (traps.c) ---- */

#define RFLAGS_FIXED	0x2ul
#define RFLAGS_CF	0x1ul
#define RFLAGS_TF	0x100ul
#define RFLAGS_IF	0x200ul
#define RFLAGS_DF	0x400ul
#define RFLAGS_IOPL	0x3000ul
#define RFLAGS_NT	0x4000ul
#define RFLAGS_RF	0x10000ul
#define RFLAGS_VM	0x20000ul
#define RFLAGS_AC	0x40000ul
#define RFLAGS_ID	0x200000ul

/* All registers. From rax on it is the frame that the iret call takes. */
struct frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r10, r9, r8, rdx, rsi, rdi;
	uint64_t rax, r11, rcx, iret_flags, rip, cs, rflags, rsp, ss;
	uint64_t vector, error;		/* or one of ENTRY_...; error 0 if none */
};

/* The same entry as the kernel's first instruction found it. */
struct entered {
	uint64_t r15, r14, r13, r12, rbp, rbx, r10, r9, r8, rdx, rsi, rdi;
	uint64_t rax, r11, rcx, rflags;
	uint64_t entry;			/* vector, or one of ENTRY_... */
	uint64_t words[12];		/* the stack from rsp up */
	uint64_t rsp;
	uint8_t mask;			/* evtchn_upcall_mask */
};

/* Runs fn(arg); true if it entered the kernel, and then trapped tells how
 * (lib_vcpus[], below). */
bool traps(void (*fn)(void *), void *arg);
/* Makes all registers those of `from`, by iret, until the kernel is entered. */
void run_from(struct frame *from);
bool error_pushed(void);
/* Called first if it is set; true: go on with the frame as it is now. */
extern bool (*trap_hook)(struct frame *f);

/* Where vector or callback `number` enters; a suite may register others. */
void *entry_stub(unsigned int number);
void set_gate(unsigned int vector, unsigned int flags, const void *address);
void reset_gates(void);
long set_callback(unsigned int type, unsigned int flags, const void *address);

/* A few instructions at file scope, by name: SNIPPET(nop, "nop; ud2") */
#define SNIPPET(name, text)						\
	asm(".pushsection .text; " #name ": " text "; .popsection");	\
	extern const char name[];

/* ---- user mode (user.c) ---- */

/* A user half that maps what the kernel maps now. The pin's error code. */
long user_open(void);
uint64_t user_table(void);		/* its top table's frame */
/* A page of ours at an address of the lower half, in tables of its own: thrice
 * in all, each 512 GiB apart. */
enum halves { KERNEL_ONLY, USER_ONLY, BOTH_HALVES };
void map_low(uint64_t va, const void *page, enum halves where);
uint64_t kernel_entry_stack(void);	/* where user mode enters the kernel */
/* Registers to run_from(): zeroes, a stack, flags as the event mask says. */
struct frame kernel_state(const void *code);
struct frame user_state(const void *code);

/* The same by mode, for rules that hold in both. */
enum mode { KERNEL, USER };
/* rule(), with "kernel: " or "user: " in front. */
void rule_in(enum mode mode, const char *sentence);
/* A different value in each register. */
struct frame state_in(enum mode mode, const void *code);
/* Runs code: the vector or callback it enters the kernel by. */
int enter(enum mode mode, const void *code);

/* ---- more vCPUs (vcpus.c) ---- */

#define VCPUS_MOST	64
/* What entered the kernel on each, and how often events interrupted it. */
struct vcpu {
	uint64_t catch_stack;		/* start.S; 0: traps() is not running */
	volatile struct vcpu_info *info;
	struct frame last_trap;
	struct entered last_pushed;
	uint64_t last_cr2;
	volatile unsigned int interrupted;
	volatile evtchn_port_t interrupted_by;
};
extern struct vcpu lib_vcpus[VCPUS_MOST];
/* The vCPU that takes a port's events, all others leave them; ANYBODY: who is
 * interrupted takes what is pending. */
#define ANYBODY	0
extern uint8_t port_home[4096];		/* ANYBODY, or a vCPU's number */
/* The first one's, by short names. */
#define trapped		(lib_vcpus[0].last_trap)
#define pushed		(lib_vcpus[0].last_pushed)
#define trapped_cr2	(lib_vcpus[0].last_cr2)
#define upcalls		(lib_vcpus[0].interrupted)
#define last_port	(lib_vcpus[0].interrupted_by)

/* The number of the vCPU that asks. */
unsigned int whoami(void);
/* How many this domain has, up or not. */
unsigned int vcpu_count(void);
/* Where its vcpu_info is; NULL above 31 until it is registered. */
volatile struct vcpu_info *info_of(unsigned int id);
long info_open(unsigned int id);
/* A state to start fn in, which does not return; the next call changes it. */
struct vcpu_guest_context *vcpu_state(unsigned int id, void (*fn)(void));
/* Starts it there, events masked. -ENOENT: this domain has no such vCPU. */
long vcpu_start(unsigned int id, void (*fn)(void));
#define second_start(fn)	vcpu_start(1, fn)

/* ---- the machine (main.c) ---- */

/* Its CPUs, as the command line tells (`cpus=2`), which is no hypervisor's. */
unsigned int cpus(void);
/* By how many ns their clocks may differ (`slack=0`): boots.py says why. */
uint64_t slack(void);

/* ---- events (traps.c) ---- */

#define events_mask()	(shared->vcpu_info[0].evtchn_upcall_mask = 1)
void events_unmask(void);
bool port_pending(evtchn_port_t port);
void port_mask(evtchn_port_t port, bool masked);
void port_clear(evtchn_port_t port);

/* ---- text (console.c) ---- */

void console_open(void);
/* After all ports were closed: joins the reader's again. */
void console_rejoin(void);
void console_drain(void);
void print(const char *s);
void print_signed(long n);
void print_hex(unsigned long n);

void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

#endif
