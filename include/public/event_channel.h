/* SPDX-License-Identifier: MIT */
/* event_channel.h - one-bit messages between domains, vCPUs and devices.
 *
 * event_channel_op(cmd, arg).  A port is a number in its domain's table; two
 * interdomain ports are joined end to end.  Delivery is by the bitmaps of
 * shared_info.  Port 0 is never allocated.  Comments: IN are the caller's,
 * OUT are filled in.
 */
#ifndef __XEN_PUBLIC_EVENT_CHANNEL_H__
#define __XEN_PUBLIC_EVENT_CHANNEL_H__

#include "xen.h"

#define EVTCHNOP_bind_interdomain	0
#define EVTCHNOP_bind_virq		1
#define EVTCHNOP_bind_pirq		2
#define EVTCHNOP_close			3
#define EVTCHNOP_send			4
#define EVTCHNOP_status			5
#define EVTCHNOP_alloc_unbound		6
#define EVTCHNOP_bind_ipi		7
#define EVTCHNOP_bind_vcpu		8
#define EVTCHNOP_unmask			9
#define EVTCHNOP_reset			10
#define EVTCHNOP_init_control		11
#define EVTCHNOP_expand_array		12
#define EVTCHNOP_set_priority		13
#define EVTCHNOP_reset_cont		14	/* reset, when it is restarted */

#ifndef __ASSEMBLY__

typedef uint32_t evtchn_port_t;
DEFINE_XEN_GUEST_HANDLE(evtchn_port_t);

/* Make a port of dom that remote_dom may bind to.  dom other than the caller
 * needs power over it.  ESRCH EPERM ENOSPC ENOMEM */
struct evtchn_alloc_unbound {
	domid_t dom, remote_dom;	/* IN */
	evtchn_port_t port;		/* OUT */
};
typedef struct evtchn_alloc_unbound evtchn_alloc_unbound_t;

/* Join a fresh local port to an unbound one.  The local end starts pending.
 * ESRCH EINVAL EPERM ENOSPC */
struct evtchn_bind_interdomain {
	domid_t remote_dom;		/* IN */
	evtchn_port_t remote_port;	/* IN */
	evtchn_port_t local_port;	/* OUT */
};
typedef struct evtchn_bind_interdomain evtchn_bind_interdomain_t;

/* Receive a VIRQ_*.  EINVAL ENOENT EEXIST ENOSPC */
struct evtchn_bind_virq {
	uint32_t virq;			/* IN */
	uint32_t vcpu;			/* IN: 0 for per-domain ones */
	evtchn_port_t port;		/* OUT */
};
typedef struct evtchn_bind_virq evtchn_bind_virq_t;

/* Receive a device interrupt.  EINVAL EPERM EEXIST ENOMEM */
struct evtchn_bind_pirq {
	uint32_t pirq;			/* IN */
	uint32_t flags;			/* IN: BIND_PIRQ__* */
	evtchn_port_t port;		/* OUT */
};
typedef struct evtchn_bind_pirq evtchn_bind_pirq_t;
#define BIND_PIRQ__WILL_SHARE	1

/* A port from a vCPU of this domain to one of its own.  ENOENT ENOSPC */
struct evtchn_bind_ipi {
	uint32_t vcpu;			/* IN: who receives */
	evtchn_port_t port;		/* OUT */
};
typedef struct evtchn_bind_ipi evtchn_bind_ipi_t;

/* Give a port up; the other end becomes unbound.  EINVAL */
struct evtchn_close {
	evtchn_port_t port;		/* IN */
};
typedef struct evtchn_close evtchn_close_t;

/* Raise the other end.  EINVAL */
struct evtchn_send {
	evtchn_port_t port;		/* IN */
};
typedef struct evtchn_send evtchn_send_t;

/* What a port is.  ESRCH EINVAL EACCES */
struct evtchn_status {
	domid_t dom;			/* IN */
	evtchn_port_t port;		/* IN */
	uint32_t status;		/* OUT: EVTCHNSTAT_* */
	uint32_t vcpu;			/* OUT: who is interrupted */
	union {				/* OUT */
		struct {
			domid_t dom;
		} unbound;
		struct {
			domid_t dom;
			evtchn_port_t port;
		} interdomain;
		uint32_t pirq;
		uint32_t virq;
	} u;
};
typedef struct evtchn_status evtchn_status_t;
#define EVTCHNSTAT_closed	0
#define EVTCHNSTAT_unbound	1
#define EVTCHNSTAT_interdomain	2
#define EVTCHNSTAT_pirq		3
#define EVTCHNSTAT_virq		4
#define EVTCHNSTAT_ipi		5

/* Choose who is interrupted.  ENOENT (vCPU) EINVAL (bound for good) */
struct evtchn_bind_vcpu {
	evtchn_port_t port;		/* IN */
	uint32_t vcpu;			/* IN */
};
typedef struct evtchn_bind_vcpu evtchn_bind_vcpu_t;

/* Clear the mask bit; deliver if it is pending.  EINVAL */
struct evtchn_unmask {
	evtchn_port_t port;		/* IN */
};
typedef struct evtchn_unmask evtchn_unmask_t;

/* Close all ports.  ESRCH EPERM EINVAL EBUSY EAGAIN */
struct evtchn_reset {
	domid_t dom;			/* IN */
};
typedef struct evtchn_reset evtchn_reset_t;

/* FIFO delivery: hand over one vCPU's control block. */
struct evtchn_init_control {
	uint64_t control_gfn;		/* IN */
	uint32_t offset;		/* IN: bytes in the frame */
	uint32_t vcpu;			/* IN */
	uint8_t  link_bits;		/* OUT */
	uint8_t  _pad[7];
};
typedef struct evtchn_init_control evtchn_init_control_t;

/* FIFO delivery: one more frame of event words. */
struct evtchn_expand_array {
	uint64_t array_gfn;		/* IN */
};
typedef struct evtchn_expand_array evtchn_expand_array_t;

/* FIFO delivery: which queue a port uses. */
struct evtchn_set_priority {
	evtchn_port_t port;		/* IN */
	uint32_t priority;		/* IN: 0 is most urgent */
};
typedef struct evtchn_set_priority evtchn_set_priority_t;

/* The superseded call 16 has command and argument in one block. */
struct evtchn_op {
	uint32_t cmd;
	union {
		evtchn_alloc_unbound_t    alloc_unbound;
		evtchn_bind_interdomain_t bind_interdomain;
		evtchn_bind_virq_t        bind_virq;
		evtchn_bind_pirq_t        bind_pirq;
		evtchn_bind_ipi_t         bind_ipi;
		evtchn_close_t            close;
		evtchn_send_t             send;
		evtchn_status_t           status;
		evtchn_bind_vcpu_t        bind_vcpu;
		evtchn_unmask_t           unmask;
	} u;
};
typedef struct evtchn_op evtchn_op_t;
DEFINE_XEN_GUEST_HANDLE(evtchn_op_t);

/* Ports of the two-level bitmaps: one bit each. */
#define EVTCHN_2L_NR_CHANNELS \
	(sizeof(xen_ulong_t) * sizeof(xen_ulong_t) * 64)

/* FIFO delivery: a 32-bit word per port, and queues by priority. */
typedef uint32_t event_word_t;
#define EVTCHN_FIFO_PENDING		31
#define EVTCHN_FIFO_MASKED		30
#define EVTCHN_FIFO_LINKED		29
#define EVTCHN_FIFO_BUSY		28
#define EVTCHN_FIFO_LINK_BITS		17
#define EVTCHN_FIFO_LINK_MASK		((1 << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS		(1 << EVTCHN_FIFO_LINK_BITS)

#define EVTCHN_FIFO_PRIORITY_MAX	0
#define EVTCHN_FIFO_PRIORITY_DEFAULT	7
#define EVTCHN_FIFO_PRIORITY_MIN	15
#define EVTCHN_FIFO_MAX_QUEUES		(EVTCHN_FIFO_PRIORITY_MIN + 1)

struct evtchn_fifo_control_block {
	uint32_t ready;				/* bit per queue */
	uint32_t _rsvd;
	uint32_t head[EVTCHN_FIFO_MAX_QUEUES];
};
typedef struct evtchn_fifo_control_block evtchn_fifo_control_block_t;

#endif /* !__ASSEMBLY__ */
#endif
