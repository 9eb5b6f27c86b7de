/* SPDX-License-Identifier: MIT */
/* smp.h - what the files of this folder share.
 */
#ifndef SMP_H
#define SMP_H

#include <xen/domctl.h>

#include "../bench.h"

/* A domain of one vCPU that has not begun, with so much memory; its frames go
 * into the list. */
extern struct xen_domctl op;
long domctl(uint32_t cmd, domid_t id);
void make_domain(domid_t id, unsigned int pages, unsigned long *list);
void destroy_domain(domid_t id);	/* and waits until it is gone */

/* partner.c */
void partner_begin(void), partner_turns(unsigned int n), partner_end(void);

#endif
