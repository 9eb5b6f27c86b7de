/* SPDX-License-Identifier: MIT */
/* protocol.h - what consoled and its clients say to each other.
 *
 * A stream socket, RUN/consoled.sock; one request line per connection, one
 * answer line, "ok" or "error SENTENCE". ID is a domain id in decimal.
 *
 *   attach ID   after "ok" the connection is the console: first what consoled
 *               still remembers (16 KiB), then what comes; what is sent is
 *               typed in. Any number of clients at once see the same
 *   show ID     as attach, but closed after what consoled remembers
 *   remove ID   it is about to be destroyed: take what is left, let go of it
 *   name ID     it has another name now: so has its log
 *
 * The daemon closes the connection when there is nothing more to say. A client
 * that does not read misses output, and is told how much.
 */
#ifndef TOOLS_CONSOLE_PROTOCOL_H
#define TOOLS_CONSOLE_PROTOCOL_H

#define CONSOLED_SOCKET "consoled.sock"
#define CONSOLED_LINE_MAX 256

#endif
