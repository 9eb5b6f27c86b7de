/* SPDX-License-Identifier: MIT */
/* arch-x86/xen-mca.h - machine checks: the number and the VIRQ, nothing more.
 *
 * mca(&block): EPERM to all but the control domain, to which it is ENOSYS.
 */
#ifndef __XEN_PUBLIC_ARCH_X86_MCA_H__
#define __XEN_PUBLIC_ARCH_X86_MCA_H__

#include "../xen.h"

#define __HYPERVISOR_mca		__HYPERVISOR_arch_0
#define XEN_MCA_INTERFACE_VERSION	0x01ecc003
#define VIRQ_MCA			VIRQ_ARCH_0

#endif
