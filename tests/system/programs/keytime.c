/* SPDX-License-Identifier: MIT */
/* keytime.c - how long a keystroke takes from the machine to its echo, in the
 * guest's own time. Runs in the control domain, which is otherwise idle.
 *
 * Rule: the hypervisor wakes the control domain's vCPU as the key arrives. The
 * time from there on that this vCPU was runnable or running, until the echo
 * is written, is what the keystroke took; the time before was spent blocked.
 * What else woke the vCPU in between counts too: the figure errs upwards.
 * That the machine told of the key at once shows in the quickest of all rounds
 * from one echo to the next, which have the typist in them too.
 * It reads keys as a shell does, one by one, and echoes each itself; Enter
 * ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <xen/vcpu.h>

#include "ctl/ctl.h"

static struct ctl *ctl;
static struct vcpu_runstate_info *info;

/* ns that this vCPU was runnable or running so far. */
static uint64_t awake(void)
{
	uint64_t args[5] = { VCPUOP_get_runstate_info, 0, (uintptr_t)info };

	if (ctl_hypercall(ctl, __HYPERVISOR_vcpu_op, args)) {
		perror("keytime: VCPUOP_get_runstate_info");
		exit(1);
	}
	return info->time[RUNSTATE_running] + info->time[RUNSTATE_runnable];
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void measure(void)
{
	unsigned long keys = 0, worst = 0, quickest = ~0ul;
	char key;

	for (;;) {
		uint64_t start = now(), before = awake(), took, round;

		if (read(0, &key, 1) != 1 || key == '\n')
			break;
		if (write(1, &key, 1) != 1)
			break;
		took = awake() - before;
		round = now() - start;
		keys++;
		if (worst < took)
			worst = took;
		if (quickest > round)
			quickest = round;
	}
	printf("\nkeytime: %lu keys, worst %lu us, quickest round %lu us\n",
	       keys, worst / 1000, quickest / 1000);
}

int main(void)
{
	struct reason why = { 0 };
	struct termios old, raw;

	if (ctl_open(&ctl, &why)) {
		fprintf(stderr, "keytime: %s\n", why.text);
		return 1;
	}
	info = ctl_buffer_alloc(ctl, sizeof(*info));
	if (!info || tcgetattr(0, &old)) {
		perror("keytime");
		return 1;
	}
	raw = old;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(0, TCSANOW, &raw);
	printf("keytime: ready\n");
	measure();
	tcsetattr(0, TCSANOW, &old);
	return 0;
}
