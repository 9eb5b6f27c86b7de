/* SPDX-License-Identifier: MIT */
/* ctl.h - the control domain's way to ask the hypervisor. The library's door.
 *
 * One handle per process: it holds /dev/xen/privcmd and one scratch buffer
 * that hypercall arguments travel in. It is for one thread, and it is not
 * inherited by fork: a child closes its copy and opens its own.
 *
 * Units: frames and pages are 4 KiB; `mfn` is a machine frame (what the MMU
 * sees), `pfn` what the guest counts. Every int that a call returns is 0, or
 * a count where it says so, or a negative errno straight from the
 * hypervisor: -ESRCH no such domain, -EPERM this domain may not,
 * -EACCES another interface version, -ENOMEM no memory.
 */
#ifndef TOOLS_CTL_CTL_H
#define TOOLS_CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/paravane.h>
#include <xen/sysctl.h>
#include <xen/version.h>

#include "base/cpu_set.h"
#include "base/reason.h"

#define FRAME_SHIFT 12
#define FRAME_SIZE  (1UL << FRAME_SHIFT)

struct ctl;

/* handle.c: -ENOENT and -EACCES when this is no control domain; `why` says
 * so in words. ctl_close accepts NULL. */
int ctl_open(struct ctl **out, struct reason *why);
void ctl_close(struct ctl *c);

/* One raw hypercall. Pointers among the arguments must lie in hypercall
 * buffers. Returns what the hypervisor returned, cut to 32 bits. */
int ctl_hypercall(struct ctl *c, uint64_t number, const uint64_t args[5]);

/* The same through a multicall of one entry, for results wider than 32 bits
 * (an ioctl's result is an int). */
int64_t ctl_hypercall_wide(struct ctl *c, uint64_t number,
			   const uint64_t args[5]);

/* The handle's scratch buffer: room for one argument structure followed by
 * its payload. A call owns it from the first byte written to the return. */
#define CTL_ARGUMENT_BYTES 512
#define CTL_PAYLOAD_BYTES  (3 * FRAME_SIZE)
void *ctl_argument(struct ctl *c);
void *ctl_payload(struct ctl *c);

/* Fills in the interface version, copies the structure into the scratch
 * buffer and back. A payload the structure points at must lie in a hypercall
 * buffer, ctl_payload() for instance. Repeats while the hypervisor asks. */
int ctl_domctl(struct ctl *c, struct xen_domctl *op);
int ctl_sysctl(struct ctl *c, struct xen_sysctl *op);

/* `arg` of `size` bytes is copied in and out. */
int64_t ctl_memory_op(struct ctl *c, unsigned int command, void *arg,
		      size_t size);
int ctl_event_channel_op(struct ctl *c, unsigned int command, void *arg,
			 size_t size);

/* buffer.c: memory that the hypervisor may read and write at any time:
 * resident, writable, never copied on write, not inherited by fork. NULL
 * with errno set when there is none. */
void *ctl_buffer_alloc(struct ctl *c, size_t bytes);
void ctl_buffer_free(struct ctl *c, void *buffer, size_t bytes);

/* domain.c: the life of a domain. */
struct ctl_domain_limits {
	uint32_t vcpus;
	uint32_t event_channels;	/* highest port allowed */
	xen_domain_handle_t handle;	/* the domain's UUID */
};

/* Makes an empty, paused PV domain with its vCPUs and returns its id (> 0). */
int ctl_domain_create(struct ctl *c, const struct ctl_domain_limits *limits);

/* Returns when the domain is dead. Frames that others still map keep it in
 * the list, dying, until they are unmapped. */
int ctl_domain_destroy(struct ctl *c, domid_t id);
int ctl_domain_pause(struct ctl *c, domid_t id);
int ctl_domain_unpause(struct ctl *c, domid_t id);
int ctl_domain_max_mem(struct ctl *c, domid_t id, uint64_t kib);

/* -ESRCH unless a domain with exactly this id exists. */
int ctl_domain_info(struct ctl *c, domid_t id,
		    struct xen_domctl_getdomaininfo *info);

/* Up to `room` domains with ids from `first` on, in order; returns how many.
 * `room` is at most CTL_LIST_MAX. */
#define CTL_LIST_MAX (CTL_PAYLOAD_BYTES / sizeof(struct xen_domctl_getdomaininfo))
int ctl_domain_list(struct ctl *c, domid_t first,
		    struct xen_domctl_getdomaininfo *list, unsigned int room);

/* Fills frame `mfn` of the domain with hypercall entry points. */
int ctl_domain_hypercall_page(struct ctl *c, domid_t id, uint64_t mfn);
int ctl_domain_set_context(struct ctl *c, domid_t id, uint32_t vcpu,
			   const struct vcpu_guest_context *context);
/* The registers of a vCPU; -ENODATA when it never had any. Pause it first, or
 * they are of some moment. */
int ctl_domain_context(struct ctl *c, domid_t id, uint32_t vcpu,
		       struct vcpu_guest_context *context);

/* XEN_DOMCTL_SENDTRIGGER_*. */
int ctl_domain_trigger(struct ctl *c, domid_t id, uint32_t trigger,
		       uint32_t vcpu);

/* An unbound event channel of domain `id` that this domain may bind to;
 * returns the port in `id`. */
int ctl_domain_alloc_port(struct ctl *c, domid_t id);

/* memory.c. */

/* Gives the domain `count` frames for the pseudo-physical frames first,
 * first + 1, ... and stores their machine frames in mfns[]. Returns how many
 * it got: fewer than `count` means that memory ran out. */
int64_t ctl_memory_populate(struct ctl *c, domid_t id, uint64_t first,
			    uint64_t count, uint64_t *mfns);

/* The memory map the guest sees: RAM from 0 to `bytes`. */
int ctl_memory_set_map(struct ctl *c, domid_t id, uint64_t bytes);

/* Validates frame `mfn` of the domain as a level-4 table and pins it. */
int ctl_memory_pin_l4(struct ctl *c, domid_t id, uint64_t mfn);

/* foreign.c: maps `count` frames of another domain, readable and writable.
 * NULL with errno set; when single frames failed, errors[i] says why for
 * each (errors may be NULL). */
void *ctl_foreign_map(struct ctl *c, domid_t id, const uint64_t *mfns,
		      size_t count, int *errors);
/* The same for frames that may not be writable, as page tables. */
void *ctl_foreign_map_read_only(struct ctl *c, domid_t id, const uint64_t *mfns,
				size_t count, int *errors);
void ctl_foreign_unmap(struct ctl *c, void *address, size_t count);

/* Maps the first page of another domain's grant table; to be unmapped as one
 * of its frames. NULL with errno set. */
struct grant_entry_v1 *ctl_grant_table_map(struct ctl *c, domid_t id);

/* sched.c. */

/* -ESRCH when the domain has no such vCPU. */
int ctl_vcpu_info(struct ctl *c, domid_t id, uint32_t vcpu,
		  struct xen_domctl_getvcpuinfo *info);

/* Where it may run, and where it is better to. */
int ctl_vcpu_affinity(struct ctl *c, domid_t id, uint32_t vcpu,
		      struct cpu_set *hard, struct cpu_set *soft);

/* NULL leaves one as it is. `force` ends what the domain itself asked for
 * with SCHEDOP_pin_override. */
int ctl_vcpu_pin(struct ctl *c, domid_t id, uint32_t vcpu,
		 const struct cpu_set *hard, const struct cpu_set *soft,
		 bool force);

/* Weight, and cap in percent of one CPU, 0 for none. -EOPNOTSUPP when the
 * scheduler in force has no such thing. A weight of 0 is left as it is. */
int ctl_domain_share(struct ctl *c, domid_t id,
		     struct xen_domctl_sched_credit2 *share);
int ctl_domain_set_share(struct ctl *c, domid_t id,
			 const struct xen_domctl_sched_credit2 *share);

/* settscinfo's modes: 0 default, 1 always emulated, 2 native. */
int ctl_domain_set_tsc_mode(struct ctl *c, domid_t id, uint32_t mode);

/* XEN_SCHEDULER_*. */
int ctl_scheduler(struct ctl *c);

/* us that a vCPU keeps its CPU at least. -EOPNOTSUPP as above. */
int ctl_scheduler_ratelimit(struct ctl *c);

/* -ENOSYS under upstream Xen. */
int ctl_vcpu_times(struct ctl *c, domid_t id, uint32_t vcpu,
		   struct paravane_vcpu_times *times);

/* host.c. */
int ctl_physinfo(struct ctl *c, struct xen_sysctl_physinfo *info);

/* Copies a piece of the hypervisor's log: the first with *index 0, then what
 * follows it. Returns its length, 0 at the end. `clear` empties the log. */
int ctl_read_log(struct ctl *c, char *text, size_t room, uint32_t *index,
		 bool clear);

/* (major << 16) | minor. */
int ctl_version(struct ctl *c);

/* One of XENVER_*, whose structure has `size` bytes at `out`. */
int ctl_version_field(struct ctl *c, unsigned int command, void *out,
		      size_t size);

/* Our own sysctl; -ENOSYS under upstream Xen. */
int ctl_paravane(struct ctl *c, struct paravane_sysctl *request);

#endif
