/* SPDX-License-Identifier: MIT */
/* fake_ctl.h - a hypervisor of a few megabytes, for the domain builder.
 *
 * It defines what ctl.h declares. Frames are ordinary memory; machine frame
 * numbers are scattered on purpose, so that nothing that confuses them with
 * pseudo-physical ones can pass. `fail` makes the n-th call of a test fail.
 */
#ifndef TESTS_TOOLS_FAKE_CTL_H
#define TESTS_TOOLS_FAKE_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/ctl.h"

#define FAKE_FRAMES 8192U

struct fake_machine {
	uint8_t *memory;
	/* owner of each frame; 0 is free */
	domid_t owner[FAKE_FRAMES];
	uint64_t free_frames;
	/* what physinfo claims is free; normally free_frames */
	uint64_t claimed_free;
	uint32_t features;
	/* the one domain */
	bool exists;
	uint32_t vcpus;
	uint32_t event_channels;
	uint64_t max_kib;
	uint64_t map_bytes;
	uint64_t hypercall_mfn;
	uint64_t pinned_mfn;
	int ports;
	int mappings;
	struct vcpu_guest_context context;
	/* each vCPU's affinity, as it was set last */
	struct cpu_set hard[64];
	struct cpu_set soft[64];
	struct xen_domctl_sched_credit2 share;
	uint32_t tsc_mode;
	/* XEN_DOMINF_* of the one domain, and its UUID */
	uint32_t flags;
	xen_domain_handle_t handle;
	/* others map its memory: destroyed, it stays, dying */
	bool lingers;
	/* it was paused as often as can be counted */
	bool pauses_full;
	/* its kernel cannot map grants */
	bool no_grants;
	/* the writing end of what stands for /dev/xen/evtchn */
	int event_writer;
	int notifies;
	/* counts calls; the one numbered `fail` returns `error` */
	int calls;
	int fail;
	int error;
};

/* Shared memory: a test may run the code under test in a forked process. */
extern struct fake_machine *fake_state;
#define fake (*fake_state)

/* A machine with `frames` free frames, and nothing else. */
void fake_reset(uint64_t frames);

/* The memory of a machine frame. */
uint8_t *fake_frame(uint64_t mfn);

/* The machine frame that holds the domain's n-th frame. */
uint64_t fake_mfn(uint64_t index);

/* Fires a port, as seen through fake_evtchn.c. */
void fake_event(uint32_t port);
#define FAKE_VIRQ_PORT	    1
#define FAKE_LOCAL_PORT(remote) (100 + (remote))

#define FAKE_DOMID	 7
#define FAKE_CPUS	 4
#define FAKE_SHARED_INFO (FAKE_FRAMES - 1)
/* the one page of the domain's grant table */
#define FAKE_GRANTS	 (FAKE_FRAMES - 2)

#endif
