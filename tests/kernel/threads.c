/* SPDX-License-Identifier: MIT */
/* threads.c - threads, futexes, thread-local storage and extended state. */
#define _GNU_SOURCE
#include <errno.h>
#include <immintrin.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define THREADS 8
#define ROUNDS 2000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static volatile long counter;
static int turn;
static __thread int mine;
static volatile int stop;

static void *add(void *arg)
{
	mine = (int)(long)arg;
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		if (i % 64 == 0)
			sched_yield();
		pthread_mutex_unlock(&lock);
	}
	return (void *)(long)(mine == (int)(long)arg);
}

static void *ping(void *arg)
{
	long me = (long)arg;

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&lock);
		while (turn != me)
			pthread_cond_wait(&cond, &lock);
		turn = !me;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

/* Fills the vector registers with a pattern of its own and spins: any switch
 * that mixes threads up is seen. */
__attribute__((target("avx"))) static void *spin_avx(void *arg)
{
	__m256i mark = _mm256_set1_epi32((int)(long)arg);
	long bad = 0;

	while (!stop) {
		__m256i copy = mark;
		int out[8];

		__asm__ volatile("vmovdqa %1, %%ymm7\n\tmov $20000, %%ecx\n1:\tloop 1b\n\t"
				 "vmovdqa %%ymm7, %0" : "=m" (copy) : "m" (mark)
				 : "ecx", "xmm7");
		memcpy(out, &copy, sizeof(out));
		for (int i = 0; i < 8; i++)
			bad += out[i] != (int)(long)arg;
	}
	return (void *)bad;
}

static void *spin_sse(void *arg)
{
	double want = (double)(long)arg * 1.5, x = want;
	long bad = 0;

	while (!stop) {
		__asm__ volatile("mov $20000, %%ecx\n1:\tloop 1b" : "+x" (x) : : "ecx");
		bad += x != want;
	}
	return (void *)bad;
}

static void extended_state(void)
{
	void *(*spin)(void *) = __builtin_cpu_supports("avx") ? spin_avx : spin_sse;
	struct timespec ts = { 0, 300000000 };
	pthread_t t[3];
	long bad = 0;
	void *ret;

	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, spin, (void *)(i * 0x01010101 + 1));
	nanosleep(&ts, NULL);
	stop = 1;
	for (int i = 0; i < 3; i++) {
		pthread_join(t[i], &ret);
		bad += (long)ret;
	}
	printf("     (%s)\n", spin == spin_avx ? "AVX" : "SSE only");
	check("extended state is a thread's own", bad == 0);
}

static void on_usr1(int sig)
{
	volatile double x = 3.25;

	for (int i = 0; i < 10; i++)
		x = x * 1.5;
}

static void state_across_handler(void)
{
	double x = 1234.5;

	signal(SIGUSR1, on_usr1);
	__asm__ volatile("mov %1, %%eax\n\tmov %2, %%edi\n\tmov %3, %%esi\n\tsyscall"
			 : "+x" (x) : "i" (62), "r" (getpid()), "i" (SIGUSR1)
			 : "rax", "rcx", "r11", "rdi", "rsi", "memory");
	check("a handler keeps the vector registers", x == 1234.5);
}

static void *sleeper(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static volatile int word = 7;

/* Has the kernel write a zero to `word` when this thread ends. */
static void *watched_sleeper(void *arg)
{
	syscall(SYS_set_tid_address, &word);
	return sleeper(arg);
}

/* The next program, this one again, has its own word at the same address. */
static void exec_beside_a_watched_thread(const char *self)
{
	char *argv[] = { "threads", "word", NULL };
	pthread_t t;
	int status;

	if (!fork()) {
		pthread_create(&t, NULL, watched_sleeper, NULL);
		usleep(10000);
		execv(self, argv);
		_exit(2);
	}
	wait(&status);
	check("a thread that exec ends writes nothing into the new program",
	      WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv)
{
	pthread_t t[THREADS];
	struct timespec ts;
	int good = 0, status;
	void *ret;

	if (argc > 1)
		return word != 7;
	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, add, (void *)(i + 1)))
			check("pthread_create", 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], &ret);
		good += ret != NULL;
	}
	check("a mutex protects a counter", counter == (long)THREADS * ROUNDS);
	check("thread-local storage", good == THREADS);
	pthread_create(&t[0], NULL, ping, (void *)0);
	pthread_create(&t[1], NULL, ping, (void *)1);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	check("condition variables", 1);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&lock);
	check("a timed wait ends", pthread_cond_timedwait(&cond, &lock, &ts) == ETIMEDOUT);
	pthread_mutex_unlock(&lock);
	extended_state();
	state_across_handler();
	if (!fork()) {
		pthread_create(&t[0], NULL, sleeper, NULL);
		pthread_create(&t[1], NULL, sleeper, NULL);
		usleep(10000);
		_exit(6);
	}
	wait(&status);
	check("exit ends all threads", WIFEXITED(status) && WEXITSTATUS(status) == 6);
	if (!fork()) {
		char *words[] = { "true", NULL };

		pthread_create(&t[0], NULL, sleeper, NULL);
		usleep(10000);
		execv("/bin/true", words);
		_exit(1);
	}
	wait(&status);
	check("exec ends the others", WIFEXITED(status) && WEXITSTATUS(status) == 0);
	exec_beside_a_watched_thread(argv[0]);
	if (!fork()) {
		pthread_create(&t[0], NULL, sleeper, NULL);
		usleep(10000);
		*(volatile int *)8 = 0;
	}
	wait(&status);
	check("a crash ends all threads", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	return finish();
}
