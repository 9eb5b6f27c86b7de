/* SPDX-License-Identifier: MIT */
/* fuzz_store.c - the decoder of stores to page tables, against the processor.
 *
 * The input is registers, memory and bytes. What the decoder accepts is also
 * executed: one step under the trap flag with the same registers, one of
 * them moved so that the operand lies in a page of ours. The processor must
 * agree on the length, every register, the flags and the memory; so anything
 * accepted that is not the store it is taken for is found.
 */
/* link: hypervisor/mm/ptwr_decode.c */
#define _GNU_SOURCE
#include "mm/ptwr_decode.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "check.h"

#define FLAG_TF		(1UL << 8)
#define FLAGS_ARITH	0x8d5UL
#define AREA		(3 * PAGE_SIZE)

/* General registers by their numbers in instructions. */
static const int reg_of[16] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static uint8_t *code;			/* one page, nothing behind it */
static uint8_t *area;			/* the operand lies in its middle page */
static struct cpu_frame todo, done;
static mcontext_t home;
static enum { IDLE, ASKED, STEPPING } state;

/* INT3 brings us here with the harness' registers; they are put away and the
 * test's take their place. The trap after one instruction undoes it. */
static void on_trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *g = uc->uc_mcontext.gregs;

	if (state == ASKED) {
		home = uc->uc_mcontext;
		for (unsigned i = 0; i < 16; i++)
			g[reg_of[i]] = (greg_t)*frame_gpr(&todo, i);
		g[REG_RIP] = (greg_t)todo.rip;
		g[REG_EFL] = (greg_t)((uint64_t)g[REG_EFL] & ~FLAGS_ARITH) |
			     (greg_t)(todo.rflags & FLAGS_ARITH) | (greg_t)FLAG_TF;
		state = STEPPING;
		return;
	}
	CHECK(state == STEPPING);
	for (unsigned i = 0; i < 16; i++)
		*frame_gpr(&done, i) = (uint64_t)g[reg_of[i]];
	done.rip = (uint64_t)g[REG_RIP];
	done.rflags = (uint64_t)g[REG_EFL];
	memcpy(g, home.gregs, sizeof(home.gregs));
	state = IDLE;
}

static void begin(void)
{
	struct sigaction sa = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	static char stack[1 << 16];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };

	CHECK(!sigaltstack(&alt, NULL));
	CHECK(!sigaction(SIGTRAP, &sa, NULL));
	code = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	area = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(code != MAP_FAILED && area != MAP_FAILED);
	CHECK(!mprotect(code + PAGE_SIZE, PAGE_SIZE, PROT_NONE));
}

/* Move the base or index register so that the operand lies at `where`. */
static bool aim(const struct store_insn *i, struct cpu_frame *r, uint64_t where)
{
	uint64_t off = where - ptwr_address(i, r);

	if (i->base < 16)
		*frame_gpr(r, i->base) += off;
	else if (i->index != STORE_NO_REG && !(off & ((1UL << i->scale) - 1)))
		*frame_gpr(r, i->index) += off >> i->scale;
	return ptwr_address(i, r) == where;
}

/* Flags that the manual leaves undefined are not compared. */
static uint64_t flags_compared(const struct store_insn *i)
{
	switch (i->op) {
	case STORE_OR: case STORE_AND: case STORE_XOR:
		return FLAGS_ARITH & ~0x10UL;
	case STORE_BTS: case STORE_BTR: case STORE_BTC:
		return 0x41;
	default:
		return FLAGS_ARITH;
	}
}

static void execute(const uint8_t *bytes, const struct store_insn *i,
		    struct cpu_frame r, uint64_t old)
{
	uint8_t *where = area + PAGE_SIZE + 64;
	uint64_t mem = 0, seen = 0;

	r.rip = (uint64_t)code + PAGE_SIZE - i->length;
	if (!aim(i, &r, (uint64_t)where))
		return;
	memset(area, 0x5a, AREA);
	memcpy(where, &old, i->size);
	memcpy(code + PAGE_SIZE - i->length, bytes, i->length);
	todo = r;
	state = ASKED;
	__asm__ volatile("int3" ::: "memory");
	CHECK(state == IDLE);

	memcpy(&mem, &old, i->size);
	ptwr_execute(i, &r, &mem);
	memcpy(&seen, where, i->size);
	CHECK(mem == seen);
	memset(where, 0x5a, i->size);
	for (unsigned k = 0; k < AREA; k++)
		CHECK(area[k] == 0x5a);
	CHECK(done.rip == r.rip);
	for (unsigned k = 0; k < 16; k++)
		CHECK(*frame_gpr(&done, k) == *frame_gpr(&r, k));
	CHECK(!((done.rflags ^ r.rflags) & flags_compared(i)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct { uint64_t r[16], flags, old; } in;
	struct store_insn i, again;
	struct cpu_frame r = { .rip = 0 };
	uint8_t *copy;

	if (!code)
		begin();
	memset(&in, 0, sizeof(in));
	if (size >= STORE_MAX_BYTES) {
		memcpy(&in, data + STORE_MAX_BYTES, MIN(sizeof(in), size - STORE_MAX_BYTES));
		size = STORE_MAX_BYTES;
	}
	copy = malloc(size ? size : 1);			/* its end is watched */
	memcpy(copy, data, size);
	if (!ptwr_decode(copy, size, &i)) {
		CHECK(i.length && i.length <= size);
		CHECK(i.size == 1 || i.size == 2 || i.size == 4 || i.size == 8);
		CHECK(i.reg < 16 && (i.base <= STORE_RIP || i.base == STORE_NO_REG));
		CHECK((i.index < 16 || i.index == STORE_NO_REG) && i.scale < 4);
		CHECK(!ptwr_decode(copy, i.length, &again));
		for (unsigned n = 0; n < i.length; n++)
			CHECK(ptwr_decode(copy, n, &again));
		for (unsigned k = 0; k < 16; k++)
			*frame_gpr(&r, k) = in.r[k];
		r.rflags = (in.flags & FLAGS_ARITH) | 2;
		execute(copy, &i, r, in.old);
	}
	free(copy);
	return 0;
}
