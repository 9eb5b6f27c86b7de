/* SPDX-License-Identifier: MIT */
/* fuzz.h - what the parts of the in-guest fuzzer share.
 *
 * One life is one domain with a seed: everything it does follows from the
 * numbers that chance() gives. A step may end anywhere, by a fault or an
 * event: every handler throws the stack away and begins the next step.
 */
#ifndef TESTS_FUZZ_GUEST_FUZZ_H
#define TESTS_FUZZ_GUEST_FUZZ_H

#include "../../system/guests/guest.h"

#define CPUS		4	/* vCPUs that fuzz; one more is only played with */
#define PLAY_VCPU	CPUS
#define POOL		48	/* pages to make tables and other things of */
#define SPARES		16
#define MAPPINGS	16
#define SLEEP_SECONDS	6	/* asleep for so long, a life is over */

struct cpu {
	uint64_t random;
	unsigned int id;
	unsigned int steps;
	int flying;		/* row of a call that returns by a trap; -1 */
	unsigned int slot;	/* of the list that is being composed */
	struct multicall_entry call;
	uint64_t frame[9];	/* for the iret call */
};

struct row {
	unsigned int call;
	bool sub;
	unsigned int command;
	const char *argument;
	unsigned int size;
};

extern struct cpu cpus[CPUS];
extern const struct row rows[];
extern const unsigned int row_count;
extern unsigned int tried[], good[];
extern uint64_t own_id, peer_id, limit;
extern uint32_t last_own_port;	/* these the fuzzer needs itself */
extern bool wild;		/* near the end of a life: anything goes */
extern bool fifo;		/* this life has FIFO event channels */

extern uint64_t pool[POOL][512];
extern uint64_t pool_mfn[POOL];
extern uint64_t spare_mfn[SPARES];	/* frames that no table maps */
extern uint8_t arena[CPUS][3][4096];	/* the third page is not there */
extern uint8_t stacks[CPUS][16384];
extern uint8_t code[CPUS][4096];
/* What it handed over for events: control blocks, the words of the first ports. */
extern uint8_t fifo_blocks[4096];
extern uint32_t fifo_words[1024];
extern uint64_t grant_page[512], read_only[512];

/* Mappings of grants that succeeded. */
extern struct mapping { uint64_t address, mfn; uint32_t handle; } mappings[MAPPINGS];

/* entry.S */
extern void (*const trap_entries[CPUS])(void);
void play_start(void);
int store(unsigned int kind, void *where, uint64_t value);
extern const unsigned int store_kinds;

/* fuzz.c */
static inline uint64_t chance(struct cpu *c)
{
	return next_random(&c->random);
}
#define one_in(c, n)	(chance(c) % (n) == 0)
#define pick(c, array)	((array)[chance(c) % (sizeof(array) / sizeof((array)[0]))])
uint64_t word(struct cpu *c);
uint64_t some_mfn(struct cpu *c);
void arm_timer(uint64_t ns);
void (*handler(struct cpu *c))(void);

/* rows.c: a call of some row into *m; its index. */
int compose(struct cpu *c, struct multicall_entry *m);
void learn(struct cpu *c, const struct multicall_entry *m);
bool succeeded(const struct multicall_entry *m);
void repair(struct cpu *c);

/* blocks.c: fill the argument of row r, for the n-th time in an array. */
void fill_block(struct cpu *c, const struct row *r, void *block);

/* tables.c */
uint64_t entry(struct cpu *c);
void play_tables(struct cpu *c);
void restore_pool(struct cpu *c);
uint64_t pool_frame(struct cpu *c);
void *pool_page(struct cpu *c);

/* code.c */
void play_code(struct cpu *c);

#endif
