/* SPDX-License-Identifier: MIT */
/* nmi.h - the older way to register an NMI handler, and reasons of NMIs.
 *
 * nmi_op(cmd, arg).  The reasons are bits of arch_shared_info.nmi_reason, in
 * the first domain.  EFAULT EINVAL ENOSYS
 */
#ifndef __XEN_PUBLIC_NMI_H__
#define __XEN_PUBLIC_NMI_H__

#include "xen.h"

#define XENNMI_register_callback	0
#define XENNMI_unregister_callback	1

#define _XEN_NMIREASON_io_error		0
#define XEN_NMIREASON_io_error		(1UL << _XEN_NMIREASON_io_error)
#define _XEN_NMIREASON_pci_serr		1
#define XEN_NMIREASON_pci_serr		(1UL << _XEN_NMIREASON_pci_serr)
#define _XEN_NMIREASON_unknown		2
#define XEN_NMIREASON_unknown		(1UL << _XEN_NMIREASON_unknown)

#ifndef __ASSEMBLY__

struct xennmi_callback {
	unsigned long handler_address;
	unsigned long pad;
};
typedef struct xennmi_callback xennmi_callback_t;
DEFINE_XEN_GUEST_HANDLE(xennmi_callback_t);

#endif
#endif
