/* SPDX-License-Identifier: MIT */
/* context.h - the whole state of a vCPU as the ABI writes it down.
 */
#ifndef PARAVANE_CONTROL_CONTEXT_H
#define PARAVANE_CONTROL_CONTEXT_H

#include "domain/domain.h"

/* Assists a 64-bit guest may have. Those made for 32-bit guests are accepted,
 * since guests ask for them whatever they are, and change nothing. */
#define VM_ASSIST_VALID \
	(1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify | \
	 1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 | \
	 1UL << VMASST_TYPE_architectural_iopl | \
	 1UL << VMASST_TYPE_runstate_update_flag | 1UL << VMASST_TYPE_m2p_strict)

/* The block is too large for a CPU's stack: one buffer, held from begin to
 * end. */
struct vcpu_guest_context *context_buffer_begin(void);
void context_buffer_end(void);

/* v's whole state becomes *c; v does not run. Selectors are made fit for a
 * guest; what else does not fit is -EINVAL (not canonical, bad tables), or
 * -EOPNOTSUPP where v was initialised before and *c would change its page
 * tables or descriptors. -ERESTART: call again with the same *c. */
MUST_CHECK int vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c);
/* The other way round; v has been initialised and does not run. */
void vcpu_get_context(const struct vcpu *v, struct vcpu_guest_context *c);

#endif
