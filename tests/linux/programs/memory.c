/* SPDX-License-Identifier: MIT */
/* memory.c - a program that uses memory: `memory hold MIB` or `memory eat`.
 *
 * hold: every word of it has its own value, which is checked and changed round
 * after round. Rule: nobody else ever changes one. SIGTERM ends it after the
 * round at hand: "memory: N rounds, M MiB", status 0; "damaged" and status 1
 * at once if a word is not what it was.
 * eat: takes memory for ever.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile sig_atomic_t ending;

static void end(int signal)
{
	ending = 1;
}

static uint64_t *take(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("memory: mmap");
		exit(1);
	}
	return p;
}

static uint64_t value(size_t at, uint64_t round)
{
	return (at + round) * 0x9e3779b97f4a7c15;
}

static int hold(size_t mib)
{
	size_t words = (mib << 20) / sizeof(uint64_t);
	uint64_t *memory = take(mib << 20), round = 0;

	for (size_t i = 0; i < words; i++)
		memory[i] = value(i, 0);
	puts("memory: held");
	fflush(stdout);
	while (!ending) {
		for (size_t i = 0; i < words; i++) {
			if (memory[i] != value(i, round)) {
				printf("memory: damaged at word %zu in round %llu\n",
				       i, (unsigned long long)round);
				return 1;
			}
			memory[i] = value(i, round + 1);
		}
		round++;
		/* others want the CPU, too */
		usleep(20000);
	}
	printf("memory: %llu rounds, %zu MiB\n", (unsigned long long)round,
	       mib);
	return 0;
}

static int eat(void)
{
	for (size_t mib = 1;; mib++)
		memset(take(1 << 20), (int)mib, 1 << 20);
}

int main(int argc, char **argv)
{
	signal(SIGTERM, end);
	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold(strtoul(argv[2], NULL, 10));
	if (argc == 2 && !strcmp(argv[1], "eat"))
		return eat();
	fputs("memory hold MIB | memory eat\n", stderr);
	return 2;
}
