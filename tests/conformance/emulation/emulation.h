/* SPDX-License-Identifier: MIT */
/* emulation.h - what the files of this suite share.
 */
#ifndef EMULATION_H
#define EMULATION_H

#include "lib.h"

#define TRAP_UD	6
#define TRAP_NM	7
#define TRAP_GP	13

/* One operand of an instruction that may trap, and its result. */
extern uint64_t value;
/* The vector that fn raised, or -1; `value` is `in` before. */
int vector_of(void (*fn)(void *), uint64_t in);
/* A register is read by `get`: its value, or the vector negated. */
long read_by(void (*get)(void *));

struct regs { uint32_t a, b, c, d; };
struct regs hardware(uint32_t leaf, uint32_t sub);
struct regs forced(uint32_t leaf, uint32_t sub);
bool is_amd(void);

void set_cr4(void *unused);

void leaves(void);
void msrs(void);
void registers(void);
void extended_state(void);
void instructions(void);
void ports(void);

#endif
