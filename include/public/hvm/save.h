/* SPDX-License-Identifier: MIT */
/* hvm/save.h - the one saved-state record that PV structures borrow from HVM.
 *
 * A vCPU's machine-check banks, used by domctl.h's extended vCPU context.
 */
#ifndef __XEN_PUBLIC_HVM_SAVE_H__
#define __XEN_PUBLIC_HVM_SAVE_H__

#include <stdint.h>

struct hvm_vmce_vcpu {
	uint64_t caps;
	uint64_t mci_ctl2_bank0;
	uint64_t mci_ctl2_bank1;
	uint64_t mcg_ext_ctl;
};

#endif
