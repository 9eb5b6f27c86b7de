/* SPDX-License-Identifier: MIT */
/* stuck.c - has a debug build of the hypervisor stay inside, for the watchdog
 * to see: stuck SECONDS; or end in a bug of its own: stuck bug.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"

int main(int argc, char **argv)
{
	struct paravane_sysctl request = { .op = PARAVANE_OP_stuck };
	struct reason why = { 0 };
	struct ctl *ctl;

	if (argc != 2 || ctl_open(&ctl, &why)) {
		fprintf(stderr, "stuck SECONDS|bug: %s\n", why.text);
		return 2;
	}
	request.u.stuck.bug = !strcmp(argv[1], "bug");
	request.u.stuck.seconds = (uint32_t)strtoul(argv[1], NULL, 10);
	if (ctl_paravane(ctl, &request)) {
		perror("stuck");
		return 1;
	}
	puts("stuck: free again");
	return 0;
}
