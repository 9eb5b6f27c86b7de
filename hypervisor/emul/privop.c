/* SPDX-License-Identifier: MIT */
/* privop.c - doing a privileged instruction for a guest.
 *
 * Guards: the instruction bytes are fetched once, decoded by a closed list,
 * and act on the vCPU's own registers only. What needs ring 0 is done for
 * the guest kernel, never for guest user code.
 * Not here: MSRs (msr.c), ports (ioport.c), CPUID (cpuid.c).
 */
#include "emul/emul.h"

#include "base/errno.h"
#include "cpu/bits.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/safe.h"
#include "emul/decode.h"
#include "guest/access.h"
#include "mm/mm.h"
#include "time/time.h"

#define OSXSAVE		(1u << 27)	/* CPUID 1 ECX */
#define RIGHTS_CODE64	(1u << 21 | 3u << 11)	/* long, not data, not a system's */

static void set_pair(struct vcpu *v, uint64_t value)
{
	v->frame.rax = (uint32_t)value;
	v->frame.rdx = value >> 32;
}

static uint64_t pair(const struct vcpu *v)
{
	return (v->frame.rdx << 32) | (uint32_t)v->frame.rax;
}

static bool read_cr(struct vcpu *v, const struct insn *i)
{
	uint64_t *out = frame_gpr(&v->frame, i->gpr);

	switch (i->reg) {
	case 0: *out = emul_guest_cr0(v); return true;
	case 2: *out = v->emul.cr2; return true;
	case 3: *out = v->mm.kernel_root.n << PAGE_SHIFT; return true;
	case 4: *out = v->emul.cr4; return true;
	}
	return false;
}

static enum emul_result write_cr(struct vcpu *v, const struct insn *i)
{
	uint64_t value = *frame_gpr(&v->frame, i->gpr);
	int rc;

	switch (i->reg) {
	case 0:
		/* Only TS may change. */
		if ((value ^ emul_guest_cr0(v)) & ~CR0_TS)
			return EMUL_FAULT;
		emul_set_cr0_ts(v, value & CR0_TS);
		return EMUL_DONE;
	case 2:
		v->emul.cr2 = value;
		return EMUL_DONE;
	case 3:
		rc = mm_set_kernel_root(v, mfn_make(value >> PAGE_SHIFT));
		return !rc ? EMUL_DONE : rc == -ERESTART ? EMUL_AGAIN : EMUL_FAULT;
	case 4:
		emul_set_cr4(v, value);
		return EMUL_DONE;
	}
	return EMUL_FAULT;
}

static bool guest_xsetbv(struct vcpu *v)
{
	uint64_t value = pair(v);

	/* x87 always, nothing the machine lacks, nothing without what it extends */
	if ((uint32_t)v->frame.rcx || !(value & XCR0_X87) || (value & ~cpu_features.xcr0) ||
	    ((value & XCR0_AVX) && !(value & XCR0_SSE)) ||
	    ((value & XCR0_AVX512) &&
	     ((value & XCR0_AVX512) != XCR0_AVX512 || !(value & XCR0_AVX))) ||
	    safe_xsetbv(0, value))
		return false;
	v->emul.xcr0 = value;
	return true;
}

static enum emul_result done_if(bool ok)
{
	return ok ? EMUL_DONE : EMUL_FAULT;
}

static enum emul_result kernel_only(struct vcpu *v, const struct insn *i)
{
	uint64_t value;

	switch (i->op) {
	case INSN_CLTS:
		emul_set_cr0_ts(v, false);
		return EMUL_DONE;
	case INSN_WBINVD:
	case INSN_INVD:
		/* Caches matter only to who sees devices. */
		if (v->domain->mm.io)
			wbinvd();
		return EMUL_DONE;
	case INSN_MOV_FROM_CR:
		return done_if(read_cr(v, i));
	case INSN_MOV_TO_CR:
		return write_cr(v, i);
	case INSN_MOV_FROM_DR:
		return done_if(!emul_get_debugreg(v, i->reg, frame_gpr(&v->frame, i->gpr)));
	case INSN_MOV_TO_DR:
		return done_if(!emul_set_debugreg(v, i->reg, *frame_gpr(&v->frame, i->gpr)));
	case INSN_RDMSR:
		if (!emul_rdmsr(v, (uint32_t)v->frame.rcx, &value))
			return EMUL_FAULT;
		set_pair(v, value);
		return EMUL_DONE;
	case INSN_WRMSR:
		return done_if(emul_wrmsr(v, (uint32_t)v->frame.rcx, pair(v)));
	case INSN_XSETBV:
		if (!(v->emul.cr4 & CR4_OSXSAVE))
			return EMUL_UNDEFINED;
		return done_if(guest_xsetbv(v));
	default:
		return EMUL_FAULT;
	}
}

static void do_cpuid(struct vcpu *v)
{
	struct cpu_frame *f = &v->frame;
	struct cpuid_regs r = emul_cpuid_leaf(v->domain, (uint32_t)f->rax, (uint32_t)f->rcx);

	/* A kernel is told what the machine does, as upstream tells it. */
	if ((uint32_t)f->rax == 1)
		r.c = (r.c & ~OSXSAVE) |
		      (cpu_features.xsave && (v->kernel_mode || (v->emul.cr4 & CR4_OSXSAVE)) ?
		       OSXSAVE : 0);
	f->rax = r.a;
	f->rbx = r.b;
	f->rcx = r.c;
	f->rdx = r.d;
}

static enum emul_result perform(struct vcpu *v, const struct insn *i)
{
	switch (i->op) {
	case INSN_IN:
	case INSN_OUT:
	case INSN_INS:
	case INSN_OUTS:
		return emul_port(v, i);
	case INSN_CLI:
	case INSN_STI:
		/* A guest masks events in vcpu_info; these do nothing when its
		 * IOPL would let it. */
		return done_if(emul_iopl_ok(v));
	case INSN_RDTSC:
	case INSN_RDTSCP:
		if ((v->emul.cr4 & CR4_TSD) && !v->kernel_mode)
			return EMUL_FAULT;
		set_pair(v, guest_tsc_read(v->domain));
		if (i->op == INSN_RDTSCP)
			v->frame.rcx = v->emul.tsc_aux;
		return EMUL_DONE;
	case INSN_CPUID:
		do_cpuid(v);
		return EMUL_DONE;
	default:
		return v->kernel_mode ? kernel_only(v, i) : EMUL_FAULT;
	}
}

static void retire(struct vcpu *v, uint64_t length)
{
	v->frame.rip += length;
	v->frame.rflags &= ~FLAGS_RF;
}

/* A segment of the guest's own: Linux starts its other vCPUs in one. Of 32-bit
 * segments only those that begin at 0. */
static __attribute__((noinline)) bool in_own_code(const struct vcpu *v, bool *wide)
{
	uint16_t cs = (uint16_t)v->frame.cs;

	*wide = (safe_lar(cs) & RIGHTS_CODE64) == RIGHTS_CODE64;
	return *wide || mm_segment_is_flat(v, cs);
}

enum emul_result emul_privileged(struct vcpu *v)
{
	uint8_t bytes[INSN_MAX_BYTES];
	enum emul_result result;
	struct insn i;
	bool wide = true;
	size_t n;

	if (unlikely((v->frame.cs & 0xffff) != FLAT_RING3_CS64) && !in_own_code(v, &wide))
		return EMUL_FAULT;
	n = guest_fetch(bytes, v->frame.rip, sizeof(bytes));
	i = insn_decode(bytes, n);
	/* String instructions are decoded as 64-bit code has them. */
	if (i.op == INSN_NONE || unlikely(!wide && (i.op == INSN_INS || i.op == INSN_OUTS)))
		return EMUL_FAULT;
	result = perform(v, &i);
	if (result == EMUL_DONE)
		retire(v, i.length);
	return result;
}

/* ud2; "xen"; cpuid: the ABI's way to ask us instead of the CPU. */
#define FORCED_CPUID		0xa20f6e65780b0fUL
#define FORCED_CPUID_BYTES	7

bool emul_invalid_opcode(struct vcpu *v)
{
	uint64_t bytes = 0;

	/* A byte too many, unless that is where the mapped memory ends. */
	if (guest_read_u64(&bytes, v->frame.rip) &&
	    guest_fetch(&bytes, v->frame.rip, FORCED_CPUID_BYTES) != FORCED_CPUID_BYTES)
		return false;
	if ((bytes & ~(0xffUL << 56)) != FORCED_CPUID)
		return false;
	do_cpuid(v);
	retire(v, FORCED_CPUID_BYTES);
	return true;
}
