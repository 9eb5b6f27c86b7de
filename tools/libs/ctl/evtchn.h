/* SPDX-License-Identifier: MIT */
/* evtchn.h - events in a file descriptor (/dev/xen/evtchn).
 *
 * A port that fired is masked until evtchn_unmask. Ports bound through the
 * descriptor are unbound when it is closed. Functions return a port or 0, or
 * a negative errno: -EEXIST another program holds this VIRQ, -EINVAL no such
 * port, -ESRCH no such domain.
 */
#ifndef TOOLS_CTL_EVTCHN_H
#define TOOLS_CTL_EVTCHN_H

#include <stdint.h>

/* A non-blocking descriptor for poll(). */
int evtchn_open(void);
int evtchn_bind_virq(int fd, uint32_t virq);
int evtchn_bind_interdomain(int fd, uint32_t domain, uint32_t port);
int evtchn_unbind(int fd, uint32_t port);
int evtchn_notify(int fd, uint32_t port);

/* The next port that fired; -EAGAIN when there is none. */
int evtchn_next(int fd);
int evtchn_unmask(int fd, uint32_t port);

#endif
