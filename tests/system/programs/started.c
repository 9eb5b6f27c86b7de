/* SPDX-License-Identifier: MIT */
/* started.c - says when a program is started: "started TSC", then runs it.
 *
 * What comes before its first instruction (exec, page faults) is in the figure.
 */
#include <stdio.h>
#include <unistd.h>
#include <x86intrin.h>

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	fprintf(stderr, "started %llu\n", (unsigned long long)__rdtsc());
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 1;
}
