/* SPDX-License-Identifier: MIT */
/* memory.c - mappings that one thread changes while others look through them.
 *
 * Rule: when the call that changed a mapping has returned, no CPU sees the old
 * one. A shootdown that is lost, late or taken for done shows as an old value.
 */
#include "stress.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define HELPERS		2
#define WORDS		(PAGE_BYTES / sizeof(unsigned long))
/* A helper moves once in so many looks. */
#define LOOKS		2000

static volatile unsigned long *window;
static unsigned long generation;

static volatile unsigned long *anonymous(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	must(p != MAP_FAILED);
	return p;
}

static void start_helpers(void *(*run)(void *), pthread_t *thread)
{
	for (unsigned long i = 0; i < HELPERS; i++)
		thread[i] = start(run, (void *)i);
}

static void join(pthread_t *thread)
{
	for (unsigned i = 0; i < HELPERS; i++)
		must(!pthread_join(thread[i], NULL));
}

/* --- another page of a file at the same address ------------------------------- */

#define PAGES	64

static void *look(void *unused)
{
	for (unsigned i = 1; going(); i++) {
		unsigned long before = __atomic_load_n(&generation, __ATOMIC_SEQ_CST), after, v;

		v = window[random_below(WORDS)];
		after = __atomic_load_n(&generation, __ATOMIC_SEQ_CST);
		/* the next one may be there and not be told yet */
		if (after + 1 - before < PAGES && (v - before) % PAGES > after + 1 - before)
			wrong("page %lu between %lu and %lu", v, before, after);
		if (i % LOOKS == 0)
			move();
	}
	return unused;
}

void remap(void)
{
	int fd = memfd_create("pages", 0);
	pthread_t thread[HELPERS];
	unsigned long page[WORDS];

	must(fd >= 0);
	for (unsigned long i = 0; i < PAGES; i++) {
		for (unsigned j = 0; j < WORDS; j++)
			page[j] = i;
		must(write(fd, page, sizeof(page)) == sizeof(page));
	}
	window = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	must(window != MAP_FAILED);
	start_helpers(look, thread);
	while (again()) {
		unsigned long next = generation + 1;

		must(mmap((void *)window, PAGE_BYTES, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
			  (long)(next % PAGES) * PAGE_BYTES) == window);
		__atomic_store_n(&generation, next, __ATOMIC_SEQ_CST);
		if (next % 64 == 0)
			move();
	}
	join(thread);
}

/* --- a page becomes read-only ---------------------------------------------------- */

static bool read_only;

static void refused(int signal)
{
	(void)signal;
	while (__atomic_load_n(&read_only, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void *count_up(void *word)
{
	for (unsigned i = 1; going(); i++) {
		window[(unsigned long)word]++;
		if (i % LOOKS == 0)
			move();
	}
	return word;
}

void protect(void)
{
	struct sigaction action = { .sa_handler = refused };
	pthread_t thread[HELPERS];

	window = anonymous(PAGE_BYTES);
	must(!sigaction(SIGSEGV, &action, NULL));
	start_helpers(count_up, thread);
	while (again()) {
		unsigned long before[HELPERS];

		__atomic_store_n(&read_only, true, __ATOMIC_RELEASE);
		must(!mprotect((void *)window, PAGE_BYTES, PROT_READ));
		memcpy(before, (void *)window, sizeof(before));
		usleep(random_below(300));
		if (memcmp(before, (void *)window, sizeof(before)))
			wrong("a word changed in a read-only page");
		must(!mprotect((void *)window, PAGE_BYTES, PROT_READ | PROT_WRITE));
		__atomic_store_n(&read_only, false, __ATOMIC_RELEASE);
		usleep(random_below(300));
		move();
	}
	join(thread);
}

/* --- pages are given back ----------------------------------------------------------- */

static pthread_barrier_t barrier;
static bool last_round;

static void meet(void)
{
	(void)pthread_barrier_wait(&barrier);
}

static void see(unsigned long value)
{
	for (unsigned i = 0; i < 16; i++)
		if (window[i * WORDS + i] != value)
			wrong("page %u holds %#lx, not %#lx", i, window[i * WORDS + i], value);
}

static void *see_both(void *unused)
{
	for (unsigned long n = 1; !last_round; n++) {
		meet();
		see(n);
		meet();
		meet();
		see(0);
		move();
		meet();
	}
	return unused;
}

void discard(void)
{
	pthread_t thread[HELPERS];
	bool more = true;

	window = anonymous(16 * PAGE_BYTES);
	must(!pthread_barrier_init(&barrier, NULL, HELPERS + 1));
	start_helpers(see_both, thread);
	for (unsigned long n = 1; more; n++) {
		for (unsigned i = 0; i < 16; i++)
			window[i * WORDS + i] = n;
		meet();
		meet();
		must(!madvise((void *)window, 16 * PAGE_BYTES, MADV_DONTNEED));
		meet();
		more = again();
		last_round = !more;
		meet();
	}
	join(thread);
}

/* --- a fork's copy stands still -------------------------------------------------------- */

static unsigned long sum(void)
{
	unsigned long s = 0;

	for (unsigned i = 0; i < 16 * WORDS; i += 8)
		s = s * 31 + window[i];
	return s;
}

static void *scribble(void *word)
{
	for (unsigned i = 1; going(); i++) {
		window[random_below(16) * WORDS + (unsigned long)word * 8]++;
		if (i % LOOKS == 0)
			move();
	}
	return word;
}

void copy_on_write(void)
{
	pthread_t thread[HELPERS];

	window = anonymous(16 * PAGE_BYTES);
	start_helpers(scribble, thread);
	while (again()) {
		pid_t pid = fork();
		int status;

		must(pid >= 0);
		if (!pid) {
			unsigned long before = sum();

			usleep(random_below(500));
			window[WORDS - 1] = 1;
			_exit(before != sum());
		}
		must(waitpid(pid, &status, 0) == pid);
		if (status)
			wrong("a child's memory changed: %#x", status);
		move();
	}
	join(thread);
}

/* --- pages come empty, and keep what they are given ---------------------------------------- */

void faults(void)
{
	while (again()) {
		unsigned pages = 16 + random_below(1024), step = 2 * random_below(512) + 1;
		volatile unsigned long *area = anonymous((size_t)pages * PAGE_BYTES);
		unsigned hole = random_below(pages);

		/* each page once if `pages` and `step` have no common divisor */
		for (unsigned i = 0, p = 0; i < pages; i++, p = (p + step) % pages) {
			volatile unsigned long *at = &area[p * WORDS + p % WORDS];

			if (*at != 0 && *at != (p ^ 0x5a5a5a5aul))
				wrong("page %u came with %#lx", p, *at);
			*at = p ^ 0x5a5a5a5aul;
		}
		move();
		must(!munmap((void *)&area[hole * WORDS], PAGE_BYTES));
		for (unsigned i = 0, p = 0; i < pages; i++, p = (p + step) % pages)
			if (p != hole && area[p * WORDS + p % WORDS] != (p ^ 0x5a5a5a5aul))
				wrong("page %u lost its word", p);
		must(!munmap((void *)area, (size_t)pages * PAGE_BYTES));
	}
}
