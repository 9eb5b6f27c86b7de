/* SPDX-License-Identifier: MIT */
/* attack.h - what the attacks share: pages, tables, and calls as one line.
 *
 * An attack is a rule of the conformance library: it says what must hold
 * however it is tried. It passes when every try was refused or did no harm to
 * anyone but this domain; that the hypervisor, its books and the neighbour are
 * well is for the test to see from outside.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "events.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define FRAME_BITS	0x000ffffffffff000ul
#define PTE_LARGE	(1ul << 7)

typedef uint64_t table[512];
extern table page, spare, tables[4];	/* tables[0] for an L1, and so on */

#define maddr(va)	((uint64_t)virt_to_mfn(va) << 12)
#define read_only(va)	map_frame(va, virt_to_mfn(va), PTE_PRESENT)
#define read_write(va)	map_frame(va, virt_to_mfn(va), PTE_PRESENT | PTE_WRITE)

/* The machine address of the entry of `level` that leads to va, and where this
 * domain sees it. */
uint64_t entry_at(const volatile void *va, int level);
volatile uint64_t *seen_at(uint64_t machine);
long update(uint64_t ptr, uint64_t value);
long extended(unsigned int cmd, uint64_t arg1, uint64_t arg2);
long memory(unsigned int cmd, unsigned long *list, unsigned long n, unsigned int order);
void *grant_table(void);
/* All pages empty and writable; then tables[3] down to tables[0] linked at
 * slot 0, ready to be pinned, with this leaf. */
void tree_clear(void);
void tree_make(uint64_t leaf);
bool store_traps(volatile void *at);
bool load_traps(const volatile void *at);
/* The same numbers at each run. */
uint64_t random_number(void);
/* A second vCPU runs step() again and again, until this one has done with it.
 * It does nothing where there is only one. */
void beside(void (*step)(void));
void beside_stop(void);
void yield(void);
/* Ends a rule that tried what has no answer worth knowing: calls are answered. */
#define want_answered()	want(call(xen_version, XENVER_version, 0) >> 16, 4)

void attack_page_types(void);
void attack_fast_path(void);
void attack_superpages(void);
void attack_descriptors(void);
void attack_returns(void);
void attack_debug(void);
void attack_emulation(void);
void attack_leaks(void);
void attack_events(void);
void attack_reset(void);
void attack_fifo(void);
void attack_fifo_reset(void);
void attack_grants(void);
void attack_grants2(void);
void attack_reservations(void);
void attack_continuations(void);
void attack_vcpus(void);
void attack_console(void);
void attack_interrupts(void);
void attack_control(void);

#endif
