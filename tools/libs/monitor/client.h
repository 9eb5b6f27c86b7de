/* SPDX-License-Identifier: MIT */
/* client.h - telling vane-monitord about a domain that is about to be made.
 *
 * The protocol: a stream socket, RUN/monitor.sock. The creator writes one
 * line, "create UUID PID START", and begins when it reads "ok". From then on
 * the connection stands for the creator: when it ends, a domain of that UUID
 * whose nodes do not say that it is made, is destroyed. An "error SENTENCE"
 * instead of "ok" is a refusal.
 */
#ifndef TOOLS_MONITOR_CLIENT_H
#define TOOLS_MONITOR_CLIENT_H

#include <sys/types.h>

#include <xen/xen.h>

#include "base/reason.h"

#define MONITOR_SOCKET "monitor.sock"
#define MONITOR_LINE_MAX 256

/* In the environment of a vane that makes a domain again: the domain file that
 * it was made from at first. */
#define MONITOR_MADE_FROM "VANE_MADE_FROM"

/* The connection, to be closed when the domain is made or gone again; or a
 * negative errno: -ENOENT or -ECONNREFUSED when no monitord runs. */
int monitor_announce(const xen_domain_handle_t handle, struct reason *why);

/* process.c: a number that together with the id names a process for ever;
 * -ENOENT when there is no such process. */
long long process_start(pid_t pid);

#endif
