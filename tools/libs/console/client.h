/* SPDX-License-Identifier: MIT */
/* client.h - asking consoled for something. */
#ifndef TOOLS_CONSOLE_CLIENT_H
#define TOOLS_CONSOLE_CLIENT_H

#include <xen/xen.h>

#include "base/reason.h"

/* Sends one request (protocol.h) and reads its "ok". Returns the connection,
 * or a negative errno: -ENOENT or -ECONNREFUSED when no consoled runs. */
int consoled_request(const char *verb, domid_t id, struct reason *why);

/* Reads one line, without its newline; -EPIPE when the daemon hung up. */
int consoled_line(int fd, char *line, int room);

#endif
