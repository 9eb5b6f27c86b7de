/* SPDX-License-Identifier: MIT */
/* waiting.c - who waits for another is woken, once for each time.
 *
 * No wait here has a limit: a wake-up that is lost stops the kind for good, and
 * main.c sees that.
 */
#include "stress.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* --- two threads, one word --------------------------------------------------------- */

#define OVER	~0u

static unsigned ball;

static unsigned take(unsigned not)
{
	unsigned v;

	while ((v = __atomic_load_n(&ball, __ATOMIC_ACQUIRE)) == not)
		(void)syscall(SYS_futex, &ball, FUTEX_WAIT_PRIVATE, not, NULL, NULL, 0);
	return v;
}

static void give(unsigned v)
{
	__atomic_store_n(&ball, v, __ATOMIC_RELEASE);
	must(syscall(SYS_futex, &ball, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) >= 0);
}

static void *return_it(void *unused)
{
	unsigned v = 0;

	while ((v = take(v)) != OVER) {
		give(++v);
		if (v % 128 == 0)
			move();
	}
	return unused;
}

void futexes(void)
{
	pthread_t other = start(return_it, NULL);
	unsigned v = 0;

	while (again()) {
		give(v + 1);
		v = take(v + 1);
		if (v % 100 == 0)
			move();
	}
	give(OVER);
	must(!pthread_join(other, NULL));
}

/* --- a ring of processes -------------------------------------------------------------- */

#define RING	4

void pipes(void)
{
	int end[RING][2], status;
	unsigned n = 0, got;

	for (unsigned i = 0; i < RING; i++)
		must(!pipe(end[i]));
	for (unsigned i = 1; i < RING; i++)
		if (!fork()) {
			while (read(end[i - 1][0], &got, sizeof(got)) == sizeof(got) && got != OVER) {
				got++;
				must(write(end[i][1], &got, sizeof(got)) == sizeof(got));
				if (random_below(50) == 0)
					move();
			}
			must(write(end[i][1], &got, sizeof(got)) == sizeof(got));
			_exit(0);
		}
	while (again()) {
		must(write(end[0][1], &n, sizeof(n)) == sizeof(n));
		must(read(end[RING - 1][0], &got, sizeof(got)) == sizeof(got));
		if (got != n + RING - 1)
			wrong("%u came back as %u", n, got);
		n = got % 1000000;
	}
	n = OVER;
	must(write(end[0][1], &n, sizeof(n)) == sizeof(n));
	while (wait(&status) > 0)
		must(!status);
}

/* --- queued signals: none lost, none twice -------------------------------------------------- */

#define QUEUED	32

static volatile unsigned long received, sum_received;
static bool all_sent;

static void count(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	sum_received += (unsigned long)info->si_value.sival_int;
	__atomic_store_n(&received, received + 1, __ATOMIC_RELEASE);
}

static void *receive(void *unused)
{
	struct sigaction action = { .sa_sigaction = count, .sa_flags = SA_SIGINFO };
	sigset_t set;

	must(!sigaction(SIGRTMIN, &action, NULL));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	__atomic_store_n(&received, 0, __ATOMIC_RELEASE);
	must(!pthread_sigmask(SIG_UNBLOCK, &set, NULL));
	/* not going(): the sender may have a round before it */
	while (!__atomic_load_n(&all_sent, __ATOMIC_ACQUIRE)) {
		usleep(random_below(200));
		move();
	}
	return unused;
}

void signals(void)
{
	unsigned long sent = 0, sum_sent = 0;
	pthread_t other;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	must(!pthread_sigmask(SIG_BLOCK, &set, NULL));
	received = ~0ul;
	other = start(receive, NULL);
	while (__atomic_load_n(&received, __ATOMIC_ACQUIRE))
		sched_yield();
	while (again()) {
		for (unsigned i = 0; i < QUEUED; i++) {
			union sigval value = { .sival_int = (int)random_below(1000) };

			must(!pthread_sigqueue(other, SIGRTMIN, value));
			sent++;
			sum_sent += (unsigned long)value.sival_int;
		}
		while (__atomic_load_n(&received, __ATOMIC_ACQUIRE) < sent)
			sched_yield();
		if (received != sent || sum_received != sum_sent)
			wrong("%lu signals sent, %lu received", sent, received);
		move();
	}
	__atomic_store_n(&all_sent, true, __ATOMIC_RELEASE);
	must(!pthread_join(other, NULL));
}

/* --- sleep: not too short ---------------------------------------------------------------------- */

void sleeps(void)
{
	while (again()) {
		struct timespec before, after, left = { .tv_nsec = random_below(3000000) };
		long wanted = left.tv_nsec;
		long took;

		clock_gettime(CLOCK_MONOTONIC, &before);
		while (nanosleep(&left, &left))
			must(errno == EINTR);
		clock_gettime(CLOCK_MONOTONIC, &after);
		took = (after.tv_sec - before.tv_sec) * 1000000000l + after.tv_nsec -
		       before.tv_nsec;
		if (took < wanted)
			wrong("slept %ld ns of %ld", took, wanted);
		move();
	}
}
