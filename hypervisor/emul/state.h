/* SPDX-License-Identifier: MIT */
/* state.h - the registers a guest believes it has.
 */
#ifndef PARAVANE_EMUL_STATE_H
#define PARAVANE_EMUL_STATE_H

#include "base/types.h"

struct emul_vcpu {
	/* this CPU only, or vCPU not running */
	bool cr0_ts;			/* fpu_taskswitch: next FPU use is #NM */
	uint64_t cr4;			/* as the guest sees it */
	uint64_t cr4_real;		/* the machine's, while it runs */
	uint64_t cr2;			/* when no vcpu_info holds it */
	uint64_t fault_va;		/* of INS and OUTS, when EMUL_NO_MEMORY */
	bool fault_write;
	uint64_t dr[4], dr6, dr7;
	uint64_t port_hits;		/* of DR6, by the instruction being done */
	uint8_t iopl;			/* 0..3, physdev set_iopl */
	uint64_t iobmp;			/* guest-virtual I/O bitmap; 0 = none */
	uint32_t iobmp_ports;
	void *xstate;			/* save area, one frame of our own */
	uint64_t xcr0;			/* what the guest enabled */
	uint32_t tsc_aux;		/* RDTSCP's second result */
};

#endif
