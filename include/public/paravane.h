/* SPDX-License-Identifier: MIT */
/* paravane.h - the one command that Xen's interface has no place for.
 *
 * A sysctl of our own: cmd XEN_SYSCTL_paravane, interface_version as in
 * sysctl.h, and in xen_sysctl.u.pad a struct paravane_sysctl with a version of
 * its own.  Control domain only; upstream Xen answers ENOSYS.  Nothing that a
 * guest needs is here.  EACCES: version; ENOSYS: op; EINVAL: arguments.
 */
#ifndef __XEN_PUBLIC_PARAVANE_H__
#define __XEN_PUBLIC_PARAVANE_H__

#include "sysctl.h"

#define XEN_SYSCTL_paravane	0x7076
#define PARAVANE_SYSCTL_VERSION	1

/* paravane_sysctl.op */
#define PARAVANE_OP_info	0	/* what this hypervisor is */
#define PARAVANE_OP_audit	1	/* recount all references */
#define PARAVANE_OP_locks	2	/* how locks were used; debug builds */
#define PARAVANE_OP_stretch	3	/* the longest stretches; debug builds */
#define PARAVANE_OP_vcpu_times	4	/* what a vCPU did with its time */
#define PARAVANE_OP_refusal	5	/* a call that was refused, and why */
#define PARAVANE_OP_stuck	8	/* stay inside for long; debug builds */
#define PARAVANE_OP_trace_start	9	/* keep a record of a domain's calls */
#define PARAVANE_OP_trace_read	10	/* take records out */
#define PARAVANE_OP_trace_stop	11	/* and no more of them */

/* paravane_info.flags */
#define PARAVANE_INFO_SPECULATION (1u << 0) /* CPU wants defences we lack */
#define PARAVANE_INFO_DEBUG	  (1u << 1) /* a debug build */

/* paravane_audit.bad_kind: what was counted and what was on record differ. */
#define PARAVANE_AUDIT_REFS	1	/* references to the frame */
#define PARAVANE_AUDIT_TYPE	2	/* what the frame is used as */
#define PARAVANE_AUDIT_TYPE_REFS 3	/* uses of that type */
#define PARAVANE_AUDIT_OWNER	4	/* who owns it */
#define PARAVANE_AUDIT_ENTRY	5	/* a table entry that must not be */
#define PARAVANE_AUDIT_FREE	6	/* free list against free frames */
#define PARAVANE_AUDIT_LIST	7	/* a domain's list of frames */
#define PARAVANE_AUDIT_M2P	8	/* a frame of no guest has a guest's number */
#define PARAVANE_AUDIT_GRANT	9	/* uses of grants against who uses them */
#define PARAVANE_AUDIT_VCPU	10	/* what the CPU is told against references */

/* paravane_audit.spoil: what to break for the duration, in debug builds. */
#define PARAVANE_SPOIL_REFS		1	/* a reference too many */
#define PARAVANE_SPOIL_TYPE_REFS	2	/* a use too many */
#define PARAVANE_SPOIL_TYPE		3	/* an L1 table says L2 */
#define PARAVANE_SPOIL_OWNER		4	/* a frame says it is another's */
#define PARAVANE_SPOIL_LIST		5	/* a frame list is cut */
#define PARAVANE_SPOIL_PIN		6	/* a pin is forgotten */
#define PARAVANE_SPOIL_HALF		7	/* a table in use says half validated */
#define PARAVANE_SPOIL_WRITABLE_TABLE	8	/* a writable mapping of a table */
#define PARAVANE_SPOIL_TABLE_ENTRY	9	/* a large page */
#define PARAVANE_SPOIL_HYP_SLOT		10	/* a slot of ours in an L4 */
#define PARAVANE_SPOIL_DESCRIPTOR	11	/* a descriptor of ring 0 */
#define PARAVANE_SPOIL_MAP_FREE		12	/* a mapping of a free frame */
#define PARAVANE_SPOIL_MAP_OTHERS	13	/* a mapping of another's, not granted */
#define PARAVANE_SPOIL_MAP_DEVICE	14	/* a mapping of what is not RAM */
#define PARAVANE_SPOIL_FREE_LIST	15	/* the free list is cut */
#define PARAVANE_SPOIL_FREE_USED	16	/* a free frame is in use */
#define PARAVANE_SPOIL_FREE_M2P		17	/* a free frame has a guest's number */
#define PARAVANE_SPOIL_LENT		18	/* a shared page says it is the guest's */
#define PARAVANE_SPOIL_GRANT_USE	19	/* a grant in use by nobody */
#define PARAVANE_SPOIL_GRANT_PINS	20	/* a use of a grant too many */
#define PARAVANE_SPOIL_ROOT		21	/* a vCPU forgets its root */
#define PARAVANE_SPOIL_CR3		22	/* the CPU would load another one */
#define PARAVANE_SPOIL_GDT_WINDOW	23	/* the CPU sees a page that is no GDT */
#define PARAVANE_SPOIL_INFO		24	/* vcpu_info is elsewhere */
#define PARAVANE_SPOIL_LAST		24

/* paravane_stretch.kind */
#define PARAVANE_STRETCH_CALL	0	/* a hypercall */
#define PARAVANE_STRETCH_TRAP	1	/* exception, interrupt, user's SYSCALL */
#define PARAVANE_STRETCH_IDLE	2	/* an interrupt while nobody ran */

#ifndef __ASSEMBLY__

/* info.  All OUT.  Frames of 4 KiB. */
struct paravane_info {
	uint32_t flags;			/* PARAVANE_INFO_* */
	uint32_t nr_domains;
	uint64_aligned_t own_frames;	/* the hypervisor keeps for itself */
	uint64_aligned_t uptime_ns;
	uint64_aligned_t refusals;	/* calls refused to domains so far */
};

/* audit.  next is 0 to begin.  The call does a bounded piece of work per
 * entry and restarts itself until all is done, so that the caller sees only
 * the end.  OUT: what was found, and the first difference in detail.
 * With `spoil` a debug build first breaks that, and mends it afterwards
 * (ENOENT: there is no such thing to break); other builds answer EINVAL. */
struct paravane_audit {
	uint64_aligned_t next;		/* IN 0; progress while restarting */
	uint64_aligned_t walked;	/* OUT: frames looked at */
	uint64_aligned_t errors;	/* OUT: differences; 0 is clean */
	uint64_aligned_t free;		/* OUT: frames free */
	uint64_aligned_t bad_frame;	/* OUT: of the first difference: */
	uint64_aligned_t expected;	/*      counted */
	uint64_aligned_t found;		/*      on record */
	uint32_t bad_kind;		/*      PARAVANE_AUDIT_*, 0: none */
	uint16_t bad_domain;		/*      owner, DOMID_INVALID: none */
	uint16_t spoil;			/* IN: PARAVANE_SPOIL_*, or 0 */
};

/* vcpu_times.  What a vCPU did with all the time since it was made: time_ns
 * sums up to now_ns - made_ns exactly.  ESRCH: no such domain or vCPU. */
struct paravane_vcpu_times {
	domid_t  domain;		/* IN */
	uint16_t pad;
	uint32_t vcpu;			/* IN */
	uint32_t state;			/* OUT from here: RUNSTATE_* */
	uint32_t pad2;
	uint64_aligned_t made_ns;	/* system time when it was made */
	uint64_aligned_t now_ns;	/* system time that this is of */
	uint64_aligned_t time_ns[4];	/* in each RUNSTATE_* */
};

/* refusal.  Each vCPU's last few calls that ended in an error are kept, numbered
 * from 0 (but not VCPUOP_is_up's, whose "there is none" is an answer).  error 0:
 * there is none of that number or later.  ESRCH: no such domain or vCPU; EAGAIN:
 * written over while it was read.  `rule` numbers the rows of
 * abi/refusals.def; 0: the error says it all. */
struct paravane_refusal {
	domid_t  domain;		/* IN */
	uint16_t error;			/* OUT: positive, or 0 */
	uint32_t vcpu;			/* IN */
	uint64_aligned_t number;	/* IN: this or the first kept later; OUT: its own */
	uint64_aligned_t when_ns;	/* OUT from here: system time */
	uint64_aligned_t now_ns;	/* system time that this is of */
	uint64_aligned_t rip;		/* after the call */
	uint64_aligned_t arg[6];	/* its registers */
	uint64_aligned_t item[2];	/* first words of its structure, or of the item
					 * of a list at which it stopped */
	uint32_t call;
	uint32_t rule;
};

/* One call, written down when it came back.  The structure is what the call's
 * pointer pointed to by then, so it has the call's answers in it as well. */
struct paravane_trace_record {
	uint64_aligned_t when_ns;	/* system time when it was made */
	uint64_aligned_t result;	/* -ERESTART: the vCPU will make it again;
					 * PARAVANE_TRACE_NONE: it gave none */
	uint64_aligned_t arg[4];	/* its first registers, as they were */
	uint64_aligned_t item[4];	/* first words of its structure or list */
	uint32_t number;		/* calls that were asked for, before it */
	uint32_t call;
	uint32_t ticks;			/* of the TSC that it took */
	uint16_t vcpu;
	uint8_t  flags;			/* PARAVANE_TRACE_* */
	uint8_t  pad;
};
typedef struct paravane_trace_record paravane_trace_record_t;

#define PARAVANE_TRACE_NONE	(~0UL - 85)

#define PARAVANE_TRACE_INNER	(1u << 0) /* in the multicall that comes back next */
#define PARAVANE_TRACE_ITEM	(1u << 1) /* there is an item, and it could be read */

/* trace_start, _read, _stop.  The hypervisor keeps records until somebody takes
 * them; when there are PARAVANE_TRACE_ROOM, later calls leave a hole in the
 * numbers.  With PARAVANE_TRACE_WAIT the domain waits instead, unless it is the
 * control domain, which is to read them.  VIRQ_TBUF says that half of that room
 * is used.  A trace that is not read for PARAVANE_TRACE_LEASE seconds ends by
 * itself, as it does with its domain.  EBUSY: the domain is traced already;
 * ESRCH: there is no such domain, or not that trace of it any more; ENOMEM. */
#define PARAVANE_TRACE_ROOM	1344
#define PARAVANE_TRACE_LEASE	30

#define PARAVANE_TRACE_WAIT	(1u << 0) /* paravane_trace.flags */

struct paravane_trace {
	domid_t  domain;		/* IN */
	uint16_t flags;			/* start IN */
	uint32_t trace;			/* which of them: start OUT, else IN */
	uint64_aligned_t calls;		/* start IN: a bit for each number to be kept;
					 * bit 63 for 63 and all above */
	uint64_aligned_t buffer;	/* read IN: room for records, */
	uint32_t count;			/*	and for how many; OUT: how many came */
	uint32_t number;		/* read OUT: of the next record to be made */
	uint64_aligned_t now_ns;	/* OUT: system time */
};

/* stuck.  A debug build stays inside on the CPU that calls, for the watchdog
 * to see, or breaks a rule of its own, for others to see it end. */
struct paravane_stuck {
	uint32_t seconds;		/* IN */
	uint32_t bug;			/* IN: end the machine instead */
};

/* locks, stretch.  One row a call: IN index from 0 on; ENOENT is the end, and
 * the answer of a build that does not count.  With `reset` there is no row:
 * all begin anew.  Ticks are the CPU's time stamps. */
struct paravane_locks {
	uint32_t index;			/* IN */
	uint32_t reset;			/* IN */
	uint32_t rank;
	uint32_t pad;
	uint64_aligned_t taken;
	uint64_aligned_t found_held;	/* the taker had to wait */
	uint64_aligned_t held_ticks;	/* together, */
	uint64_aligned_t longest_ticks;	/* and at once */
	char name[24];
};

/* From an entry to the return to a guest, or to rest. */
struct paravane_stretch {
	uint32_t index;			/* IN */
	uint32_t reset;			/* IN */
	uint32_t kind;			/* PARAVANE_STRETCH_* */
	uint32_t number;		/* hypercall, vector; 0x100 for SYSCALL */
	uint32_t command;		/* of a hypercall that has commands */
	uint32_t pad;
	uint64_aligned_t longest_ticks;
	uint64_aligned_t count;
};

struct paravane_sysctl {
	uint32_t version;		/* PARAVANE_SYSCTL_VERSION */
	uint32_t op;			/* PARAVANE_OP_* */
	union {
		struct paravane_info  info;
		struct paravane_audit audit;
		struct paravane_vcpu_times times;
		struct paravane_refusal refusal;
		struct paravane_trace trace;
		struct paravane_stuck stuck;
		struct paravane_locks locks;
		struct paravane_stretch stretch;
		uint8_t               pad[120];
	} u;
};
typedef struct paravane_sysctl paravane_sysctl_t;

#endif /* !__ASSEMBLY__ */
#endif
