/* SPDX-License-Identifier: MIT */
/* locks.c - processes that all want one spin lock of the kernel's, until killed.
 *
 *     locks PROCESSES
 *
 * It is the lock of the list of a file's record locks: each asks again and again
 * whether the whole file could be locked, and the kernel goes through the list
 * with the spin lock held. So a process that is taken off a CPU most often holds it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECORDS	2000

static int file;

/* Read locks do not conflict, so F_GETLK goes through the whole list. */
static void record(int command, long start, long length)
{
	struct flock lock = {
		.l_type = F_RDLCK, .l_whence = SEEK_SET,
		.l_start = start, .l_len = length,
	};

	if (fcntl(file, command, &lock)) {
		perror("locks");
		_exit(1);
	}
}

int main(int argc, char **argv)
{
	file = memfd_create("locks", 0);
	/* apart, or they would become one */
	for (long i = 0; i < RECORDS; i++)
		record(F_SETLK, 2 * i, 1);
	for (int i = argc > 1 ? atoi(argv[1]) : 1; i > 1 && fork(); i--)
		continue;
	for (;;)
		record(F_GETLK, 0, 0);
}
