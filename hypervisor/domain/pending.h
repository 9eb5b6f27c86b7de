/* SPDX-License-Identifier: MIT */
/* pending.h - telling a vCPU that it has something to look at.
 */
#ifndef PARAVANE_DOMAIN_PENDING_H
#define PARAVANE_DOMAIN_PENDING_H

#include "domain/domain.h"

static inline void vcpu_pend(struct vcpu *v, uint32_t bits)
{
	__atomic_fetch_or(&v->pending, bits, __ATOMIC_RELEASE);
}

#endif
