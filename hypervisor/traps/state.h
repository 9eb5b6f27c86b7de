/* SPDX-License-Identifier: MIT */
/* state.h - where a vCPU wants its traps, and the segments it runs with.
 */
#ifndef PARAVANE_TRAPS_STATE_H
#define PARAVANE_TRAPS_STATE_H

#include <public/callback.h>

#include "base/types.h"

#define NR_CALLBACKS	(CALLBACKTYPE_syscall32 + 1)

struct trap_gate {
	uint64_t address;		/* 0 = none */
	uint16_t cs;
	uint8_t flags;			/* bits 0-1 DPL, bit 2 mask events */
};

struct traps_vcpu {
	/* this CPU only, or vCPU not running */
	struct trap_gate *gates;	/* a frame of our own: 256 gates */
	uint64_t callback[NR_CALLBACKS];	/* by CALLBACKTYPE_*; 0 = none */
	/* bit per callback: mask events when it runs */
	uint32_t callback_masks;
	uint64_t kernel_sp;		/* stack_switch */
	uint16_t kernel_ss;
	bool nmi_masked;		/* inside the NMI handler (gates[2]), until iret */
	bool nmi_again;			/* another one was sent meanwhile */

	uint16_t ds, es, fs, gs;	/* selectors while not running */
	uint64_t fs_base;		/* remembered while not running */
	uint64_t gs_base_kernel, gs_base_user;
};

#endif
