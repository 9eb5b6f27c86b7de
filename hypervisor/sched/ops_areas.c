/* SPDX-License-Identifier: MIT */
/* ops_areas.c - the copies of run state and clock that guests registered.
 *
 * Guards: the addresses are the guest's, so writing there is a guest copy
 * like any other: through the vCPU's own kernel page tables, and a fault is
 * the guest's loss.
 * The run state's copy is written when the vCPU enters and leaves a CPU, the
 * clock's when there is a fresh stamp as it enters.
 */
#include "sched/sched.h"

#include "base/errno.h"
#include "guest/access.h"
#include "mm/map.h"
#include "time/time.h"

#define STATE_ENTRY_TIME	offsetof(struct vcpu_runstate_info, state_entry_time)

static void write_runstate(struct vcpu *v, uint64_t va)
{
	struct vcpu_runstate_info info;
	bool flagged = v->domain->vm_assist & (1UL << VMASST_TYPE_runstate_update_flag);

	sched_runstate(v, &info);
	if (flagged) {
		/* The reader sees the flag before, and until after, the rest. */
		info.state_entry_time |= XEN_RUNSTATE_UPDATE;
		if (guest_write_u64(va + STATE_ENTRY_TIME, info.state_entry_time))
			return;
	}
	if (copy_to_guest(va, &info, sizeof(info)) || !flagged)
		return;
	(void)guest_write_u64(va + STATE_ENTRY_TIME,
			      info.state_entry_time & ~XEN_RUNSTATE_UPDATE);
}

static void write_time(struct vcpu *v, uint64_t va)
{
	struct time_vcpu *t = &v->time;
	struct vcpu_time_info info;

	time_describe(v->domain, &info);
	if (info.tsc_timestamp == t->time_area_stamp)
		return;
	t->time_area_stamp = info.tsc_timestamp;
	/* Odd while it is being written, even afterwards. */
	info.version = t->time_area_version + 1;
	t->time_area_version += 2;
	if (copy_to_guest(va, &info, sizeof(info)) ||
	    guest_write_u32(va, t->time_area_version))
		t->time_area_stamp = 0;
}

/* v is current and its page tables are loaded. The addresses may change
 * meanwhile: each is read once. */
static void write_areas(struct vcpu *v)
{
	uint64_t state = READ_ONCE(v->sched.runstate_area);
	uint64_t clock = READ_ONCE(v->time.time_area);
	bool entered;

	if (likely(!state && !clock))
		return;
	entered = mm_enter_kernel_tables(v);
	if (state)
		write_runstate(v, state);
	if (clock)
		write_time(v, clock);
	if (entered)
		mm_leave_kernel_tables(v);
}

void sched_write_areas(struct vcpu *v)
{
	v->time.time_area_stamp = 0;
	write_areas(v);
}

void sched_leaving(struct vcpu *prev)
{
	time_switch_out(prev);
	/* A dying domain's tables may be gone already. */
	if (prev->domain->life == DOMAIN_ALIVE)
		write_areas(prev);
}

void sched_entering(struct vcpu *next)
{
	time_publish(next);
	time_switch_in(next);
	write_areas(next);
}

int sched_register_runstate(struct vcpu *v, uint64_t va)
{
	struct vcpu_runstate_info info;

	if (!guest_range_ok(va, sizeof(info)))
		return -EFAULT;
	WRITE_ONCE(v->sched.runstate_area, va);
	sched_runstate(v, &info);
	/* Another vCPU's is written through the caller's tables, as the ABI
	 * has it: kernels map it alike. That it is not mapped is no error. */
	if (va)
		(void)copy_to_guest(va, &info, sizeof(info));
	return 0;
}

int sched_register_time(struct vcpu *v, uint64_t va)
{
	if (!guest_range_ok(va, sizeof(struct vcpu_time_info)))
		return -EFAULT;
	WRITE_ONCE(v->time.time_area, va);
	if (v == current()) {
		sched_write_areas(v);
	} else {
		vcpu_pend(v, VCPU_AREAS);
		sched_kick_running(v);
	}
	return 0;
}
