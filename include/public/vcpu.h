/* SPDX-License-Identifier: MIT */
/* vcpu.h - start, stop and watch the vCPUs of the calling domain.
 *
 * vcpu_op(cmd, vcpuid, arg).  ENOENT: no such vCPU.  Times are nanoseconds of
 * system time; areas registered are virtual addresses of the caller.
 */
#ifndef __XEN_PUBLIC_VCPU_H__
#define __XEN_PUBLIC_VCPU_H__

#include "xen.h"

#define VCPUOP_initialise			0
#define VCPUOP_up				1
#define VCPUOP_down				2
#define VCPUOP_is_up				3
#define VCPUOP_get_runstate_info		4
#define VCPUOP_register_runstate_memory_area	5
#define VCPUOP_set_periodic_timer		6
#define VCPUOP_stop_periodic_timer		7
#define VCPUOP_set_singleshot_timer		8
#define VCPUOP_stop_singleshot_timer		9
#define VCPUOP_register_vcpu_info		10
#define VCPUOP_send_nmi				11
#define VCPUOP_get_physid			12
#define VCPUOP_register_vcpu_time_memory_area	13

/* vcpu_runstate_info.state, and the index of its times. */
#define RUNSTATE_running	0	/* on a CPU */
#define RUNSTATE_runnable	1	/* would be, if one were free */
#define RUNSTATE_blocked	2	/* waits for an event */
#define RUNSTATE_offline	3	/* down, paused */

#ifndef __ASSEMBLY__

/* initialise takes a struct vcpu_guest_context (EINVAL, EEXIST once up).
 * up: EINVAL before initialise.  down, is_up, the stop_ calls and send_nmi
 * take no argument; is_up answers 0 or 1.  The last vCPU that goes down powers
 * the domain off. */

/* get_runstate_info: where a vCPU's time went.  In a registered area with
 * VMASST_TYPE_runstate_update_flag on, the top bit of state_entry_time is set
 * while it is being written.  48 bytes.  EFAULT */
struct vcpu_runstate_info {
	int      state;			/* RUNSTATE_* */
	uint64_t state_entry_time;
	uint64_t time[4];		/* ns in each state */
};
typedef struct vcpu_runstate_info vcpu_runstate_info_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_runstate_info_t);
#define XEN_RUNSTATE_UPDATE	(xen_mk_ullong(1) << 63)

/* register_runstate_memory_area: keep a copy current there.  EFAULT */
struct vcpu_register_runstate_memory_area {
	union {
		XEN_GUEST_HANDLE(vcpu_runstate_info_t) h;
		struct vcpu_runstate_info *v;
		uint64_t p;
	} addr;
};
typedef struct vcpu_register_runstate_memory_area
	vcpu_register_runstate_memory_area_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_runstate_memory_area_t);

/* set_periodic_timer: VIRQ_TIMER every so often.  EFAULT; EINVAL under 1 ms */
struct vcpu_set_periodic_timer {
	uint64_t period_ns;
};
typedef struct vcpu_set_periodic_timer vcpu_set_periodic_timer_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_set_periodic_timer_t);

/* set_singleshot_timer: VIRQ_TIMER once.  A vCPU sets only its own.
 * EFAULT EINVAL; ETIME with the flag when the time is past */
struct vcpu_set_singleshot_timer {
	uint64_t timeout_abs_ns;
	uint32_t flags;
};
typedef struct vcpu_set_singleshot_timer vcpu_set_singleshot_timer_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_set_singleshot_timer_t);
#define _VCPU_SSHOTTMR_future	(0)
#define VCPU_SSHOTTMR_future	(1U << _VCPU_SSHOTTMR_future)

/* register_vcpu_info: move this vCPU's vcpu_info out of shared_info, for good.
 * It must lie inside one frame.  EFAULT ENXIO EINVAL ENOMEM */
struct vcpu_register_vcpu_info {
	uint64_t mfn;
	uint32_t offset;		/* bytes, multiple of 8 */
	uint32_t rsvd;
};
typedef struct vcpu_register_vcpu_info vcpu_register_vcpu_info_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_vcpu_info_t);

/* get_physid: APIC id (low half) and ACPI id of the CPU that the control
 * domain's vCPU is pinned to.  EINVAL EFAULT */
struct vcpu_get_physid {
	uint64_t phys_id;
};
typedef struct vcpu_get_physid vcpu_get_physid_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_get_physid_t);
#define xen_vcpu_physid_to_x86_apicid(physid)	((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid)	((uint32_t)((physid) >> 32))

/* register_vcpu_time_memory_area: keep a copy of the time block there, that
 * guest user mode may read.  EFAULT */
DEFINE_XEN_GUEST_HANDLE(vcpu_time_info_t);
struct vcpu_register_time_memory_area {
	union {
		XEN_GUEST_HANDLE(vcpu_time_info_t) h;
		struct vcpu_time_info *v;
		uint64_t p;
	} addr;
};
typedef struct vcpu_register_time_memory_area vcpu_register_time_memory_area_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_time_memory_area_t);

#endif /* !__ASSEMBLY__ */
#endif
