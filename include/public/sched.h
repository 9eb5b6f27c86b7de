/* SPDX-License-Identifier: MIT */
/* sched.h - give the CPU back, for a while or for ever.
 *
 * sched_op(cmd, arg).  yield and block take no argument; block also unmasks
 * events, and returns at once if one is pending.
 */
#ifndef __XEN_PUBLIC_SCHED_H__
#define __XEN_PUBLIC_SCHED_H__

#include "event_channel.h"

#define SCHEDOP_yield		0
#define SCHEDOP_block		1
#define SCHEDOP_shutdown	2
#define SCHEDOP_poll		3
#define SCHEDOP_remote_shutdown	4
#define SCHEDOP_shutdown_code	5
#define SCHEDOP_watchdog	6
#define SCHEDOP_pin_override	7

/* Why a domain stops.  Any 8-bit value is carried to the control domain. */
#define SHUTDOWN_poweroff	0
#define SHUTDOWN_reboot		1
#define SHUTDOWN_suspend	2
#define SHUTDOWN_crash		3
#define SHUTDOWN_watchdog	4
#define SHUTDOWN_soft_reset	5
#define SHUTDOWN_MAX		5

#ifndef __ASSEMBLY__

/* shutdown: all vCPUs stop.  shutdown_code: only note the reason.  EFAULT */
struct sched_shutdown {
	unsigned int reason;
};
typedef struct sched_shutdown sched_shutdown_t;
DEFINE_XEN_GUEST_HANDLE(sched_shutdown_t);

/* poll: sleep until one of the ports is pending, masked or not, or system
 * time reaches timeout (0: never).  EINVAL: over 128 ports, or no such port */
struct sched_poll {
	XEN_GUEST_HANDLE(evtchn_port_t) ports;
	unsigned int nr_ports;
	uint64_t timeout;		/* ns, absolute system time */
};
typedef struct sched_poll sched_poll_t;
DEFINE_XEN_GUEST_HANDLE(sched_poll_t);

/* remote_shutdown: the control domain says why another one is to stop.
 * EFAULT ESRCH EPERM */
struct sched_remote_shutdown {
	domid_t domain_id;
	unsigned int reason;
};
typedef struct sched_remote_shutdown sched_remote_shutdown_t;
DEFINE_XEN_GUEST_HANDLE(sched_remote_shutdown_t);

/* watchdog: id 0 makes a timer and returns its id; a live id re-arms it, or
 * with timeout 0 removes it.  EINVAL EEXIST ENOSPC */
struct sched_watchdog {
	uint32_t id;
	uint32_t timeout;		/* seconds */
};
typedef struct sched_watchdog sched_watchdog_t;
DEFINE_XEN_GUEST_HANDLE(sched_watchdog_t);

/* pin_override: tie the calling vCPU to a CPU; negative undoes.  EPERM EINVAL */
struct sched_pin_override {
	int32_t pcpu;
};
typedef struct sched_pin_override sched_pin_override_t;
DEFINE_XEN_GUEST_HANDLE(sched_pin_override_t);

#endif /* !__ASSEMBLY__ */
#endif
