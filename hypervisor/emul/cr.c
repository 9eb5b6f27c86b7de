/* SPDX-License-Identifier: MIT */
/* cr.c - control registers as a guest sees them.
 *
 * Guards: nothing a guest writes reaches the machine's CR0 or CR4 but
 * CR0.TS and those bits of CR4 that concern nobody else, while it runs.
 */
#include "base/errno.h"
#include "base/string.h"
#include "cpu/bits.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "emul/emul.h"

/* What a guest chooses for itself and the machine then does. */
#define CR4_REAL	(CR4_TSD | CR4_DE | CR4_FSGSBASE)
#define CR4_GUEST	(CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT)

uint64_t emul_guest_cr0(const struct vcpu *v)
{
	return CR0_SETTING | (v->emul.cr0_ts ? CR0_TS : 0);
}

void emul_set_cr4(struct vcpu *v, uint64_t cr4)
{
	uint64_t choice = CR4_TSD | CR4_DE | (cpu_features.fsgsbase ? CR4_FSGSBASE : 0) |
			  (cpu_features.xsave ? CR4_OSXSAVE : 0);

	v->emul.cr4 = CR4_GUEST | (cr4 & choice);
	v->emul.cr4_real = (cpu_features.cr4 & ~CR4_REAL) | (v->emul.cr4 & CR4_REAL) |
			   (v->domain->time.tsc.emulated ? CR4_TSD : 0);
	if (v == current())
		emul_load_cr4(v);
}

void emul_load_cr4(const struct vcpu *v)
{
	if (read_cr4() != v->emul.cr4_real)
		write_cr4(v->emul.cr4_real);
}

void emul_vcpu_init(struct vcpu *v)
{
	v->emul.xcr0 = XCR0_X87 | XCR0_SSE;
	v->emul.dr6 = 0xffff0ff0;
	v->emul.dr7 = 0x400;
	emul_set_cr4(v, 0);
	emul_set_fpu(v, NULL);
}
