/* SPDX-License-Identifier: MIT */
/* main.c - the stress: works all CPUs of a Linux guest, and checks the work.
 *
 *     stress SECONDS [SEED]
 *
 * Starts one process of each kind and watches that all of them go on: one whose
 * rounds stand still is told of with what it waits for, and that is how a lost
 * wake-up or interrupt shows. Ends with 0 and "stress: all right", or with 1.
 * Not here: taking CPUs off and on line, which the caller does meanwhile.
 */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

/* So long may a kind stand still. It is guest time, and the host may be busy. */
#define PATIENCE	300

static const struct kind {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "remap", remap }, { "protect", protect }, { "discard", discard },
	{ "copy_on_write", copy_on_write }, { "faults", faults },
	{ "forks", forks }, { "registers", registers }, { "clocks", clocks },
	{ "barriers", barriers }, { "futexes", futexes }, { "pipes", pipes },
	{ "signals", signals }, { "sleeps", sleeps },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct {
	bool over;
	unsigned long rounds[KINDS];
} *shared;
static unsigned me, cpus;
static __thread unsigned seed;

bool going(void)
{
	return !__atomic_load_n(&shared->over, __ATOMIC_ACQUIRE);
}

bool again(void)
{
	__atomic_fetch_add(&shared->rounds[me], 1, __ATOMIC_RELAXED);
	return going();
}

void wrong(const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* in one piece, however many do so at once */
	dprintf(1, "stress: %s: WRONG: %s (errno %d)\n", kinds[me].name, text, errno);
	_exit(1);
}

unsigned random_below(unsigned n)
{
	if (!seed)
		seed = (unsigned)gettid() * 2654435761u | 1;
	return (unsigned)rand_r(&seed) % n;
}

void move(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(random_below(cpus), &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

pthread_t start(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	must(!pthread_create(&thread, NULL, run, arg));
	return thread;
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void tell_of(pid_t pid)
{
	char line[120];

	snprintf(line, sizeof(line), "cd /proc/%d/task && grep -H . */wchan */syscall; "
		 "grep -E 'State|allowed_list' */status; cat */stack", (int)pid);
	(void)!system(line);
}

/* True while one of them runs; *bad: one did not end well. */
static bool reap(pid_t *pid, bool *bad)
{
	bool any = false;

	for (unsigned i = 0; i < KINDS; i++) {
		int status;

		if (pid[i] && waitpid(pid[i], &status, WNOHANG) == pid[i]) {
			pid[i] = 0;
			if (status) {
				printf("stress: %s: ended with %#x\n", kinds[i].name, status);
				*bad = true;
			}
		}
		any |= pid[i] != 0;
	}
	return any;
}

/* Until all ended, one did not end well, or one stands still: true but for the
 * first. */
static bool watch(pid_t *pid, long end)
{
	unsigned long last[KINDS] = { 0 };
	long since[KINDS], moment = now();
	bool bad = false;

	for (unsigned i = 0; i < KINDS; i++)
		since[i] = moment;
	while (reap(pid, &bad) && !bad) {
		usleep(100000);
		moment = now();
		if (moment >= end)
			__atomic_store_n(&shared->over, true, __ATOMIC_RELEASE);
		for (unsigned i = 0; i < KINDS; i++) {
			unsigned long r = __atomic_load_n(&shared->rounds[i], __ATOMIC_RELAXED);

			if (r != last[i] || !pid[i])
				since[i] = moment;
			last[i] = r;
			if (moment - since[i] < PATIENCE)
				continue;
			printf("stress: %s: WRONG: stands still after %lu rounds\n",
			       kinds[i].name, r);
			fflush(stdout);
			tell_of(pid[i]);
			return true;
		}
	}
	return bad;
}

int main(int argc, char **argv)
{
	pid_t pid[KINDS];
	bool bad;

	if (argc == 3 && !strcmp(argv[1], "sum"))
		return sum_of(argv[2]);
	if (argc < 2)
		return 2;
	cpus = (unsigned)sysconf(_SC_NPROCESSORS_CONF);
	shared = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (me = 0; me < KINDS; me++) {
		pid[me] = fork();
		if (!pid[me]) {
			seed = argc > 2 ? ((unsigned)atoi(argv[2]) + me) * 2654435761u | 1 : 0;
			kinds[me].run();
			_exit(0);
		}
	}
	bad = watch(pid, now() + atol(argv[1]));
	for (unsigned i = 0; i < KINDS; i++) {
		if (pid[i])
			kill(pid[i], SIGKILL);
		printf("stress: %s: %lu rounds\n", kinds[i].name, shared->rounds[i]);
		bad |= !shared->rounds[i];
	}
	printf("stress: %s\n", bad ? "FAILED" : "all right");
	return bad;
}
