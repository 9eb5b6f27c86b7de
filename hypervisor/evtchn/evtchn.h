/* SPDX-License-Identifier: MIT */
/* evtchn.h - the door of the event channel room: who may wake whom.
 */
#ifndef PARAVANE_EVTCHN_EVTCHN_H
#define PARAVANE_EVTCHN_EVTCHN_H

#include <public/event_channel.h>

#include "domain/domain.h"

/* --- domains and vCPUs ------------------------------------------------------ */
/* Ports up to number `max_port`; d->shared exists already. */
MUST_CHECK int evtchn_domain_init(struct domain *d, uint32_t max_port);
void evtchn_vcpu_init(struct vcpu *v);
/* v has a vcpu_info of its own: from number 32 on only once it registered one. */
bool evtchn_vcpu_has_info(const struct vcpu *v);
/* Closes every port and gives all memory back: 0, or -ERESTART when the
 * budget is used up. d is dying and none of its vCPUs runs. */
MUST_CHECK int evtchn_domain_destroy(struct domain *d);

/* --- raising events ----------------------------------------------------------- */
/* VIRQ_* to one vCPU, or to a domain; nothing happens if it is not bound. */
void evtchn_virq_vcpu(struct vcpu *v, unsigned virq);
void evtchn_virq_global(struct domain *d, unsigned virq);
/* 1 if the port is pending, 0 if not, -EINVAL if it is not in use. */
MUST_CHECK int evtchn_port_poll(struct domain *d, evtchn_port_t n);

/* Device interrupts d may name, as many as upstream's; it owns none of them yet. */
uint32_t evtchn_nr_pirqs(const struct domain *d);

/* --- start of day ---------------------------------------------------------------- */
/* A port of d that `remote` may bind: its number, or -errno. */
MUST_CHECK long evtchn_alloc_unbound(struct domain *d, domid_t remote);
/* VCPUOP_register_vcpu_info: v's vcpu_info moves into a frame of its domain.
 * 0, -ENXIO (offset) or -EINVAL. */
MUST_CHECK int evtchn_register_vcpu_info(struct vcpu *v, mfn_t mfn, uint32_t offset);

#endif
