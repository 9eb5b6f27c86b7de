/* SPDX-License-Identifier: MIT */
/* protocol.h - what consoled and its clients say to each other.
 *
 * A stream socket, RUN/consoled.sock; one request line per connection, one
 * answer line, "ok" or "error SENTENCE". ID is a domain id in decimal.
 *
 *   add ID      the domain was made and is in the registry: keep its console
 *   remove ID   it is about to be destroyed: take what is left, let go of it
 *   attach ID   after "ok" the connection is the console: first what consoled
 *               still remembers, then what comes; what is sent is typed in
 *   show ID     as attach, but closed after what consoled remembers
 *   wait ID     after "ok" one more line comes when the domain has shut down
 *               ("shutdown REASON", SHUTDOWN_* in decimal) or is no more
 *               ("gone")
 *
 * The daemon closes the connection when there is nothing more to say.
 */
#ifndef TOOLS_CONSOLE_PROTOCOL_H
#define TOOLS_CONSOLE_PROTOCOL_H

#define CONSOLED_SOCKET "consoled.sock"
#define CONSOLED_LINE_MAX 256

#endif
