/* SPDX-License-Identifier: MIT */
/* text.h - permissions and values as text, the way xenstore-* commands do.
 *
 * In the static library only, for the tools here; the names are Xen's.
 */
#ifndef STORE_TEXT_H
#define STORE_TEXT_H

#include <xenstore_lib.h>

#ifdef STORE_SHARED
#define STORE_PRIVATE __attribute__((visibility("hidden")))
#else
#define STORE_PRIVATE
#endif

struct expanding_buffer {
	char *buf;
	int avail;
};

/* Makes room for at least that many bytes. NULL if there is no memory. */
STORE_PRIVATE char *expanding_buffer_ensure(struct expanding_buffer *buffer,
					    int wanted);

/* A value with backslashes, and bytes that are not printable, as escapes
 * (\\ \n \r \t, \ooo below 8, else \xhh).
 * Owned by the buffer; NULL if there is no memory. */
STORE_PRIVATE char *sanitise_value(struct expanding_buffer *buffer,
				   const char *value, unsigned int length);

/* The way back. out has room for as much as in holds with its final zero, and
 * may be the same; *length (may be NULL) says how much it became. */
STORE_PRIVATE void unsanitise_value(char *out, unsigned int *length,
				    const char *in);

/* How many final zeros there are in length bytes. */
STORE_PRIVATE unsigned int xs_count_strings(const char *strings,
					    unsigned int length);

/* "n0", "r5", ... False and EINVAL for bits that have no letter, or if it does
 * not fit. */
STORE_PRIVATE bool xs_perm_to_string(const struct xs_permissions *permission,
				     char *buffer, size_t room);

/* The kernel's device, where there is no socket. */
STORE_PRIVATE const char *xs_domain_dev(void);

#endif
