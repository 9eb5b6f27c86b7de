/* SPDX-License-Identifier: MIT */
/* process.c - telling a process from a later one that has its id. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/client.h"

/* /proc/PID/stat: "PID (NAME) STATE ...", the start time is field 22. A name
 * may have blanks and brackets in it. */
long long process_start(pid_t pid)
{
	char path[32], line[1024] = "";
	char *at;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return -ENOENT;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	at = strrchr(line, ')');
	/* dead, though its parent has not looked yet */
	if (!at || (at[1] == ' ' && at[2] == 'Z'))
		return -ENOENT;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoll(at, NULL, 10) : -ENOENT;
}
