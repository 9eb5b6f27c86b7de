/* SPDX-License-Identifier: MIT */
/* segments.h - what the files of this suite share.
 */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include "lib.h"

#define LOW	0x400000ul
extern uint8_t low_page[4096];

#define SEL(n)		((n) << 3 | 3)
#define SEL_LDT(n)	((n) << 3 | 7)
/* Base 0, all 4 GiB, present, privilege 3, 64-bit if it is code. */
#define SEGMENT(type)	(0x008ff0000000fffful | (uint64_t)(type) << 40 | \
			 ((type) & 8 ? 1ul << 53 : 1ul << 54))
#define DATA		2
#define CODE		10

/* Entries of the guest's GDT, whose page is read-only: by call. */
long describe(unsigned int entry, uint64_t descriptor);
uint64_t described(unsigned int entry);

/* The vector that loading it raises, or -1. */
enum into { DS, ES, FS, GS, SS, CS, INTOS };
int load(enum mode mode, enum into reg, uint16_t selector);

void kinds(void);
void bases(void);
void asking(void);
void local(void);
void own_code(void);
void failsafe(void);

#endif
