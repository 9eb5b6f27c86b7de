/* SPDX-License-Identifier: MIT */
/* clocks.c - what a program in a Linux guest sees of time, as `key=value` lines.
 *
 *   clocks race SECONDS   a thread on each CPU: does any clock go back from one
 *                         CPU to another? back_mono= back_real= back_tsc= reads=
 *                         cpus=
 *   clocks watch          until SIGTERM, the longest time between two looks, 5 ms
 *                         of sleep apart: gap_ms= back= ms=
 *   clocks sleep US       sleeps of 20 ms until one is less than US late, and 50
 *                         at least: early= least_late_us= sleeps=
 *   clocks counter        RDTSC against the clock: khz= same= ns= (of a read),
 *                         and in 32-bit code: khz32=
 *   clocks port NUMBER    a port read from user mode, and what the quickest takes:
 *                         value= ns=, and in 32-bit code: value32=
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ul
#define USER_CS32 0x23

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static uint64_t tsc(void)
{
	uint32_t low, high;

	/* not before what comes before it */
	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* The latest that any thread has seen. */
static _Atomic uint64_t latest[3];
static atomic_ulong back[3], reads;
/* So often each thread goes round, however little it is run. */
#define RACE_ROUNDS 20
static atomic_long racers_behind;
static pthread_barrier_t race_begin;
static uint64_t race_seconds;
/* Sleeps to be had, and to be tried: ten seconds of them. */
#define SLEEPS 50
#define SLEEPS_MAX 500

static void look(unsigned int which, uint64_t (*read)(void))
{
	uint64_t before = atomic_load(&latest[which]);
	uint64_t now = read();

	if (now < before)
		atomic_fetch_add(&back[which], 1);
	while (before < now &&
	       !atomic_compare_exchange_weak(&latest[which], &before, now))
		continue;
}

static uint64_t mono(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t real(void)
{
	return clock_ns(CLOCK_REALTIME);
}

static void *racer(void *number)
{
	unsigned int rounds = 0;
	cpu_set_t set;
	uint64_t end;

	CPU_ZERO(&set);
	CPU_SET((size_t)number, &set);
	sched_setaffinity(0, sizeof(set), &set);
	pthread_barrier_wait(&race_begin);
	end = mono() + race_seconds * SECOND;
	while (mono() < end || atomic_load(&racers_behind)) {
		for (unsigned int i = 0; i < 200; i++) {
			look(0, mono);
			look(1, real);
			look(2, tsc);
		}
		atomic_fetch_add(&reads, 200);
		if (++rounds == RACE_ROUNDS)
			atomic_fetch_sub(&racers_behind, 1);
		/* where the CPUs run one after the other they should meet */
		sched_yield();
	}
	return NULL;
}

static void race(unsigned int seconds)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t t[64];

	race_seconds = seconds;
	atomic_store(&racers_behind, n);
	pthread_barrier_init(&race_begin, NULL, (unsigned int)n);
	for (long i = 0; i < n; i++)
		pthread_create(&t[i], NULL, racer, (void *)i);
	for (long i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	printf("back_mono=%lu back_real=%lu back_tsc=%lu reads=%lu cpus=%ld\n",
	       atomic_load(&back[0]), atomic_load(&back[1]),
	       atomic_load(&back[2]), atomic_load(&reads), n);
}

static volatile sig_atomic_t watched_enough;

static void on_sigterm(int number)
{
	(void)number;
	watched_enough = 1;
}

static void watch(void)
{
	uint64_t begin = mono(), last = begin, gap = 0, now;
	unsigned long went_back = 0;

	signal(SIGTERM, on_sigterm);
	puts("watching");
	fflush(stdout);
	do {
		usleep(5000);
		now = mono();
		went_back += now < last;
		if (now - last > gap)
			gap = now - last;
		last = now;
	} while (!watched_enough);
	printf("gap_ms=%lu back=%lu ms=%lu\n", gap / 1000000, went_back,
	       (now - begin) / 1000000);
}

static void sleeps(unsigned int wanted_us)
{
	const struct timespec t = { 0, 20000000 };
	int64_t least = INT64_MAX, late;
	int early = 0, n = 0;

	while (n < SLEEPS || (least >= wanted_us * 1000l && n < SLEEPS_MAX)) {
		uint64_t before = mono();

		nanosleep(&t, NULL);
		late = (int64_t)(mono() - before) - 20000000;
		early += late < 0;
		if (late < least)
			least = late;
		n++;
	}
	printf("early=%d least_late_us=%ld sleeps=%d\n", early, least / 1000, n);
}

/* Below 4 GiB: 32-bit code, a far pointer to it, and a stack. */
static struct page32 {
	uint8_t code[256];
	struct { uint32_t offset; uint16_t selector; } far;
	uint8_t rest[8192 - 264];
} *page32;
_Static_assert(sizeof(struct page32) == 8192, "two pages");

/* The code is a few bytes, and ends with a far return. */
static void set_code32(const uint8_t *code, size_t bytes)
{
	if (!page32)
		page32 = mmap(NULL, sizeof(*page32), PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	memcpy(page32->code, code, bytes);
	page32->far.offset = (uint32_t)(uintptr_t)page32;
	page32->far.selector = USER_CS32;
}

/* Runs it: EDX:EAX. */
static uint64_t run_code32(uint32_t edx)
{
	uint32_t eax = 0;

	asm volatile("mov %%rsp, %%rbx\n\tmov %2, %%rsp\n\tlcall *(%3)\n\t"
		     "mov %%rbx, %%rsp"
		     : "+a"(eax), "+d"(edx)
		     : "r"(page32 + 1), "r"(&page32->far)
		     : "rbx", "rcx", "memory", "cc");
	return (uint64_t)edx << 32 | eax;
}

static uint64_t tsc32(void)
{
	static const uint8_t rdtsc_lret[] = { 0x0f, 0x31, 0xcb };

	set_code32(rdtsc_lret, sizeof(rdtsc_lret));
	return run_code32(0);
}

/* The counter and the time at which it was read, of the quickest of some tries. */
static uint64_t counter_at(uint64_t (*counter)(void), uint64_t *ns)
{
	uint64_t shortest = UINT64_MAX, ticks = 0;

	for (int i = 0; i < 50; i++) {
		uint64_t before = clock_ns(CLOCK_MONOTONIC_RAW), t = counter();
		uint64_t took = clock_ns(CLOCK_MONOTONIC_RAW) - before;

		if (took >= shortest)
			continue;
		shortest = took;
		ticks = t;
		*ns = before + took / 2;
	}
	return ticks;
}

/* The counter's rate over a fifth of a second. */
static uint64_t khz(uint64_t (*counter)(void))
{
	uint64_t before, after, ticks = counter_at(counter, &before);

	usleep(200000);
	ticks = counter_at(counter, &after) - ticks;
	return ticks * 1000000 / (after - before);
}

static void counter(void)
{
	uint64_t last = tsc(), before = mono();
	unsigned int same = 0;

	for (int i = 0; i < 2000; i++) {
		uint64_t now = tsc();

		same += now <= last;
		last = now;
	}
	printf("same=%u ns=%lu ", same, (mono() - before) / 2000);
	printf("khz=%lu ", khz(tsc));
	fflush(stdout);
	printf("khz32=%lu\n", khz(tsc32));
}

static int port(uint16_t number)
{
	static const uint8_t in_lret[] = { 0xec, 0xcb };
	uint64_t least = UINT64_MAX, least_clock = UINT64_MAX;
	unsigned int value = 0;

	if (iopl(3)) {
		perror("iopl");
		return 1;
	}
	for (int i = 0; i < 1000; i++) {
		uint64_t before = mono(), clock = mono() - before, took;

		before = mono();
		value = inb(number);
		took = mono() - before;
		if (took < least)
			least = took;
		if (clock < least_clock)
			least_clock = clock;
	}
	printf("value=%u ns=%lu ", value, least - least_clock);
	fflush(stdout);
	set_code32(in_lret, sizeof(in_lret));
	printf("value32=%u\n", (uint8_t)run_code32(number));
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	unsigned int number = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 0) : 0;

	if (!strcmp(what, "race"))
		race(number);
	else if (!strcmp(what, "watch"))
		watch();
	else if (!strcmp(what, "sleep"))
		sleeps(number);
	else if (!strcmp(what, "counter"))
		counter();
	else if (!strcmp(what, "port"))
		return port((uint16_t)number);
	else
		return 2;
	return 0;
}
