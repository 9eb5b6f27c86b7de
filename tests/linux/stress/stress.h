/* SPDX-License-Identifier: MIT */
/* stress.h - what the files of the stress share.
 *
 * Each kind of work is a process of its own (its threads are its business), that
 * goes round until the time is over, checks what it computes, and counts.
 */
#ifndef STRESS_H
#define STRESS_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PAGE_BYTES	4096

/* Until the time is over; counts a round. */
bool again(void);
/* The same for a thread that only helps: it counts nothing. */
bool going(void);
/* Ends the process: what was computed is wrong. */
__attribute__((noreturn, format(printf, 1, 2))) void wrong(const char *format, ...);
/* Ends it too: this system cannot do what the stress needs. */
#define must(condition) do { if (!(condition)) wrong("%s", #condition); } while (0)
unsigned random_below(unsigned n);
/* To a CPU at random; one that is off line leaves things as they are. */
void move(void);
pthread_t start(void *(*run)(void *), void *arg);

/* memory.c: one thread changes a mapping, others look through theirs */
void remap(void);
void protect(void);
void discard(void);
void copy_on_write(void);
void faults(void);
/* running.c */
void forks(void);
void registers(void);
void clocks(void);
void barriers(void);
/* waiting.c */
void futexes(void);
void pipes(void);
void signals(void);
void sleeps(void);

/* Of running.c: what main() does as `stress sum N`. */
int sum_of(const char *text);

#endif
