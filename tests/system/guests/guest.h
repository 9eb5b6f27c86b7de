/* SPDX-License-Identifier: MIT */
/* guest.h - the small kernel that every test guest stands on. */
#ifndef TESTS_SYSTEM_GUEST_H
#define TESTS_SYSTEM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <public/xen.h>

#define VIRT_BASE 0xffffffff80000000ul

extern struct start_info *start_info;
extern struct shared_info *shared_info;
extern uint8_t hypercall_page[];
extern uint64_t fault_count, fault_resume;

/* When the guest began. */
extern uint64_t first_tsc;

/* What a test guest is: called once, on the one vCPU, events masked. */
void guest_main(const char *arguments);

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool has_word(const char *line, const char *word);
/* N of "name=N" in a line; 0 if it is not there. */
uint64_t number_of(const char *line, const char *name);
/* The next of a series that follows from *state. */
uint64_t next_random(uint64_t *state);
uint64_t system_time(void);
domid_t own_number(void);	/* what others call this domain */

/* Installs one handler for every exception; touch() and friends need it. */
void catch_faults(void);
void fault_entry(void);
void fault_entry_noerr(void);
int touch(volatile void *address);
int touch_write(volatile void *address);

/* The level-1 entry that maps `va`, by its machine address; 0 if there is no
 * such table. */
uint64_t pte_machine(const void *va);
uint64_t machine_of(const void *va);
void *va_of_mfn(uint64_t mfn);

__attribute__((noreturn)) void shut_down(unsigned int reason);

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Any hypercall by its number, with up to five arguments. */
static inline long hypercall(unsigned int nr, uint64_t a, uint64_t b,
			     uint64_t c, uint64_t d, uint64_t e)
{
	register uint64_t r10 asm("r10") = d;
	register uint64_t r8 asm("r8") = e;
	long result = nr;

	asm volatile("syscall" : "+a"(result), "+D"(a), "+S"(b), "+d"(c),
		     "+r"(r10), "+r"(r8) : : "rcx", "r11", "memory");
	return result;
}

#define call0(name) hypercall(__HYPERVISOR_##name, 0, 0, 0, 0, 0)
#define call2(name, a, b) \
	hypercall(__HYPERVISOR_##name, (uint64_t)(a), (uint64_t)(b), 0, 0, 0)
#define call3(name, a, b, c) \
	hypercall(__HYPERVISOR_##name, (uint64_t)(a), (uint64_t)(b), \
		  (uint64_t)(c), 0, 0)
#define call4(name, a, b, c, d) \
	hypercall(__HYPERVISOR_##name, (uint64_t)(a), (uint64_t)(b), \
		  (uint64_t)(c), (uint64_t)(d), 0)

#endif
