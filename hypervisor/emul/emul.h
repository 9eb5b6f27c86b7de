/* SPDX-License-Identifier: MIT */
/* emul.h - the door of the emul room: instructions and registers that a
 * guest lacks.
 *
 * Guards: a guest gets the effect of a closed list of privileged
 * instructions on registers of its own, never on the machine's. What is not
 * on the list stays the fault it was.
 */
#ifndef PARAVANE_EMUL_EMUL_H
#define PARAVANE_EMUL_EMUL_H

#include "domain/domain.h"

/* Defaults of a vCPU that never ran; its xstate frame exists already. */
void emul_vcpu_init(struct vcpu *v);

/* --- traps (v is current) --------------------------------------------------- */
/* What an emulated instruction came to. */
enum emul_result {
	EMUL_FAULT,		/* not allowed: it stays the fault it was */
	EMUL_DONE,		/* go on behind it */
	EMUL_AGAIN,		/* progress is in its registers: execute it again */
	EMUL_UNDEFINED,		/* #UD */
	EMUL_NO_MEMORY,		/* #PF at emul.fault_va */
};
/* #GP without error code: perhaps a privileged instruction. */
enum emul_result emul_privileged(struct vcpu *v);
/* #UD: the forced-emulation prefix before CPUID, done; or false. */
bool emul_invalid_opcode(struct vcpu *v);
/* #DB: the machine's DR6 into the guest's. */
void emul_debug_trap(struct vcpu *v);

/* --- extended state (fpu.c) --------------------------------------------------- */
void emul_save_xstate(struct vcpu *v);	/* the machine's registers -> v's frame */
void emul_load_xstate(struct vcpu *v);
/* From a 512-byte FXSAVE image of a context, checked; NULL = reset state. */
void emul_set_fpu(struct vcpu *v, const void *fxsave);
void emul_get_fpu(const struct vcpu *v, void *fxsave);
void emul_set_cr0_ts(struct vcpu *v, bool on);

/* --- control registers (cr.c) --------------------------------------------------- */
uint64_t emul_guest_cr0(const struct vcpu *v);
/* 0 = what a new vCPU has; bits a guest may not choose are ignored. */
void emul_set_cr4(struct vcpu *v, uint64_t cr4);

/* --- debug registers (debugreg.c) ------------------------------------------------ */
/* 0, -ENODEV (no such register), -EINVAL (reserved bits), -EPERM (an address
 * of ours, general detect, I/O breakpoints without CR4.DE). */
MUST_CHECK int emul_set_debugreg(struct vcpu *v, unsigned reg, uint64_t value);
MUST_CHECK int emul_get_debugreg(const struct vcpu *v, unsigned reg, uint64_t *value);
#define DR7_ENABLE	0xffUL
/* A port is used for the guest: is it watched? */
RARE_CALL void emul_watch_port(struct vcpu *v, uint16_t port, unsigned bytes);
/* After an instruction that was done for a guest that steps, or that watches the
 * port (emul.port_hits): DR6 says why #DB is due. */
void emul_debug_done(struct vcpu *v);
void emul_load_debug(struct vcpu *v);
void emul_unload_debug(void);

/* --- what a guest sees of CPUID, for FEP and the tools' policies (cpuid.c) ------- */
struct cpuid_regs emul_cpuid_leaf(const struct domain *d, uint32_t leaf, uint32_t sub);

/* --- between the files of this room ------------------------------------------------ */
struct insn;
#define XCR0_X87	1UL
#define XCR0_SSE	2UL
#define XCR0_AVX	4UL
#define XCR0_AVX512	0xe0UL		/* all three or none */
#define MSR_TSC_AUX	0xc0000103
/* The machine's CR4 as v chose it. */
void emul_load_cr4(const struct vcpu *v);
enum emul_result emul_port(struct vcpu *v, const struct insn *i);
bool emul_iopl_ok(const struct vcpu *v);
MUST_CHECK bool emul_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value);
MUST_CHECK bool emul_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);

#endif
