/* SPDX-License-Identifier: MIT */
/* smp-memory.h - what the files of this suite share. */
#ifndef CONFORMANCE_SMP_MEMORY_H
#define CONFORMANCE_SMP_MEMORY_H

#include "crew.h"
#include "events.h"
#include "time.h"

#define CREW	4
#define OTHERS	0xeul			/* vCPUs 1 to 3 as a mask */
#define RW	(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define RO	(PTE_PRESENT | PTE_USER)

/* Pages in a table of their own, so that no other mapping shares their entries'
 * line; the first is what the others go for. */
extern uint8_t pages[8][4096];
/* The frame of its place in our list, whatever is mapped. */
unsigned long frame_of(const void *page);
long map_as(void *page, unsigned long mfn, unsigned long flags,
	    unsigned long flush);
long ext(unsigned int cmd, uint64_t arg1, uint64_t arg2);
/* The machine address of the L1 entry for an address. */
uint64_t l1_entry_at(const volatile void *va);
long set_entry(uint64_t at, uint64_t value);

void translations(void);	/* translations.c */
void roots(void);		/* roots.c */
void races(void);		/* races.c */

#endif
