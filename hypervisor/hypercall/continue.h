/* SPDX-License-Identifier: MIT */
/* continue.h - calls that take more than one entry.
 */
#ifndef PARAVANE_HYPERCALL_CONTINUE_H
#define PARAVANE_HYPERCALL_CONTINUE_H

struct vcpu;

/* The guest will execute its SYSCALL again, with the argument registers as
 * the front left them. */
void continue_later(struct vcpu *v);

#endif
