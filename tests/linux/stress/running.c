/* SPDX-License-Identifier: MIT */
/* running.c - processes that come and go, registers, clocks, memory barriers. */
#include "stress.h"

#include <linux/membarrier.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* --- fork, exec, exit ----------------------------------------------------------- */

static unsigned sum_up_to(unsigned n)
{
	unsigned s = 0;

	for (unsigned i = 1; i <= n; i++)
		s = s * 31 + i;
	return s % 251;
}

int sum_of(const char *text)
{
	return (int)sum_up_to((unsigned)atoi(text));
}

void forks(void)
{
	while (again()) {
		unsigned n = random_below(3000);
		char text[12];
		char *const words[] = { "stress", "sum", text, NULL };
		pid_t pid[3];
		int status;

		snprintf(text, sizeof(text), "%u", n);
		for (unsigned i = 0; i < 3; i++) {
			if (i == 2) {
				must(!posix_spawn(&pid[i], "/proc/self/exe", NULL, NULL, words,
						  NULL));
				continue;
			}
			pid[i] = fork();
			must(pid[i] >= 0);
			if (!pid[i]) {
				move();
				if (i)
					execv("/proc/self/exe", words);
				_exit((int)sum_up_to(n));
			}
		}
		for (unsigned i = 0; i < 3; i++) {
			must(waitpid(pid[i], &status, 0) == pid[i]);
			if (status != (int)sum_up_to(n) << 8)
				wrong("child %u of sum %u ended with %#x", i, n, status);
		}
		move();
	}
}

/* One of them counts the rounds. */
static void in_two_threads(void *(*run)(void *counts))
{
	pthread_t other = start(run, NULL);

	run(&other);
	must(!pthread_join(other, NULL));
}

/* --- what is in the registers stays there ------------------------------------------ */

#define VECTORS	4

/* All of it in one statement, so that the compiler uses none of them between. */
static void hold(const uint64_t *in, uint64_t *out, unsigned long loops)
{
	__asm__ volatile(
		"movdqu (%1), %%xmm0; movdqu 16(%1), %%xmm5; movdqu 32(%1), %%xmm10;"
		"movdqu 48(%1), %%xmm15; mov (%1), %%r12; mov 8(%1), %%r13; mov 16(%1), %%r14;"
		"1: dec %0; jnz 1b;"
		"movdqu %%xmm0, (%2); movdqu %%xmm5, 16(%2); movdqu %%xmm10, 32(%2);"
		"movdqu %%xmm15, 48(%2); xor %%r12, (%2); xor %%r13, 8(%2); xor %%r14, 16(%2)"
		: "+r"(loops) : "r"(in), "r"(out)
		: "memory", "cc", "xmm0", "xmm5", "xmm10", "xmm15", "r12", "r13", "r14");
}

static void *hold_some(void *counts)
{
	uint64_t in[2 * VECTORS], out[2 * VECTORS];

	do {
		for (unsigned i = 0; i < 2 * VECTORS; i++)
			in[i] = (uint64_t)random_below(~0u) * 0x100000001ul + i;
		hold(in, out, 1 + random_below(20000));
		for (unsigned i = 0; i < 2 * VECTORS; i++)
			if (out[i] != (i < 3 ? 0 : in[i]))
				wrong("register %u holds %#lx, not %#lx", i, out[i], in[i]);
		if (random_below(8) == 0)
			move();
		else
			sched_yield();
	} while (counts ? again() : going());
	return NULL;
}

void registers(void)
{
	in_two_threads(hold_some);
}

/* --- time never goes back, on whatever CPU it is read --------------------------------- */

static int64_t latest;

static int64_t read_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000l + t.tv_nsec;
}

static void *read_clocks(void *counts)
{
	do {
		for (unsigned i = 0; i < 100; i++) {
			int64_t before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST);
			int64_t t = read_clock();

			if (t < before)
				wrong("the clock went back by %ld ns", (long)(before - t));
			while (t > before &&
			       !__atomic_compare_exchange_n(&latest, &before, t, false,
							    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
				;
		}
		move();
	} while (counts ? again() : going());
	return NULL;
}

void clocks(void)
{
	in_two_threads(read_clocks);
}

/* --- membarrier: every CPU that runs us was interrupted --------------------------------- */

static volatile int flag[2], seen[2];
static unsigned turn;
static bool last_turn;

static void await(unsigned n)
{
	while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != n)
		sched_yield();
}

/* No fence of its own: the compiler's order, and what the other's call does. */
static void *quick_side(void *unused)
{
	bool more = true;

	for (unsigned n = 1; more; n += 2) {
		await(n);
		/* of this turn: the next one may be the last */
		more = !last_turn;
		flag[1] = 1;
		__asm__ volatile("" : : : "memory");
		seen[1] = flag[0];
		__atomic_store_n(&turn, n + 1, __ATOMIC_SEQ_CST);
		if (n % 64 == 1)
			move();
	}
	return unused;
}

void barriers(void)
{
	pthread_t other;
	bool more = true;

	must(!syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	other = start(quick_side, NULL);
	for (unsigned n = 1; more; n += 2) {
		flag[0] = flag[1] = 0;
		more = again();
		last_turn = !more;
		__atomic_store_n(&turn, n, __ATOMIC_SEQ_CST);
		flag[0] = 1;
		must(!syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
		seen[0] = flag[1];
		await(n + 1);
		if (!seen[0] && !seen[1])
			wrong("neither side saw the other");
		if (n % 64 == 1)
			move();
	}
	must(!pthread_join(other, NULL));
}
