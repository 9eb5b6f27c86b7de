/* SPDX-License-Identifier: MIT */
/* cmd_counts.c - what a debug build of the hypervisor counts of itself. */
#include <errno.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "vane.h"

#include <xen/paravane.h>

typedef void print_row(const struct paravane_sysctl *row);

/* Rows from 0 on until there are no more; or all begin anew. */
static int counts(struct vane *v, uint32_t what, print_row *print)
{
	struct paravane_sysctl request = { .op = what };
	bool reset = option_given(v, "reset");
	struct reason why = { 0 };
	uint32_t index = 0;
	int rc = need_ctl(v);

	if (rc)
		return rc;
	for (;; index++) {
		request.u.stretch.index = index;
		request.u.stretch.reset = reset;
		rc = ctl_paravane(v->ctl, &request);
		if (rc || reset)
			break;
		print(&request);
	}
	if (!rc || (rc == -ENOENT && index))
		return EXIT_DONE;
	if (rc == -ENOENT || rc == -ENOSYS)
		refuse(&why, rc, "only a debug build of Paravane counts this");
	else
		refuse_errno(&why, rc, "the hypervisor refused its counts");
	return complain(&why);
}

static void print_stretch(const struct paravane_sysctl *row)
{
	const struct paravane_stretch *s = &row->u.stretch;

	printf("STRETCH %u %u %u: %llu of %llu\n", s->kind, s->number, s->command,
	       (unsigned long long)s->longest_ticks,
	       (unsigned long long)s->count);
}

static void print_lock(const struct paravane_sysctl *row)
{
	const struct paravane_locks *l = &row->u.locks;

	printf("LOCK %u %s: %llu taken, %llu found held, %llu ticks, %llu at once\n",
	       l->rank, l->name, (unsigned long long)l->taken,
	       (unsigned long long)l->found_held,
	       (unsigned long long)l->held_ticks,
	       (unsigned long long)l->longest_ticks);
}

int cmd_stretches(struct vane *v)
{
	return counts(v, PARAVANE_OP_stretch, print_stretch);
}

int cmd_locks(struct vane *v)
{
	return counts(v, PARAVANE_OP_locks, print_lock);
}
