/* SPDX-License-Identifier: MIT */
/* assist.h - the assists a 64-bit guest may have.
 *
 * Those made for 32-bit guests are accepted, since guests ask for them
 * whatever they are, and change nothing.
 */
#ifndef PARAVANE_CONTROL_ASSIST_H
#define PARAVANE_CONTROL_ASSIST_H

#include <public/xen.h>

#define VM_ASSIST_VALID \
	(1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify | \
	 1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 | \
	 1UL << VMASST_TYPE_architectural_iopl | \
	 1UL << VMASST_TYPE_runstate_update_flag | 1UL << VMASST_TYPE_m2p_strict)

#endif
