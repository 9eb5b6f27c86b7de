/* SPDX-License-Identifier: MIT */
/* keytime.c - how long a keystroke takes from the machine to its echo, in the
 * guest's own time. Runs in the control domain, which is otherwise idle.
 *
 * Rule: the hypervisor wakes the control domain's vCPU as the key arrives. The
 * time from there on that this vCPU was runnable or running, until the echo
 * is written, is what the keystroke took; the time before was spent blocked.
 * What else woke the vCPU in between counts too: the figure errs upwards.
 * It reads keys as a shell does, one by one, and echoes each itself; Enter
 * ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
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

static void measure(void)
{
	unsigned long keys = 0, worst = 0;
	char key;

	for (;;) {
		uint64_t before = awake(), took;

		if (read(0, &key, 1) != 1 || key == '\n')
			break;
		if (write(1, &key, 1) != 1)
			break;
		took = awake() - before;
		keys++;
		if (worst < took)
			worst = took;
	}
	printf("\nkeytime: %lu keys, worst %lu us\n", keys, worst / 1000);
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
