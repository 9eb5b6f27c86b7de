/* SPDX-License-Identifier: MIT */
/* node.c - the store's handle, single nodes, and UUIDs as text.
 *
 * Not here: what the nodes mean (names.c, domain.c, kept.c).
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree/tree.h"

struct xs_handle *tree_open(struct reason *why)
{
	const char *path = xs_daemon_socket();
	struct xs_handle *store;

	/* The library would fall back on the kernel's device, and wait there
	 * until there is a daemon. Who wants that sets XENSTORED_PATH to it. */
	if (path)
		setenv("XENSTORED_PATH", path, 0);
	store = xs_open(0);
	if (!store)
		refuse_errno(why, errno ? -errno : -ENOENT,
			     "the store daemon does not answer at %s (start it: xenstored)",
			     xs_daemon_socket());
	return store;
}

void uuid_format(const xen_domain_handle_t handle, char text[UUID_TEXT])
{
	size_t at = 0;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		at += (size_t)snprintf(text + at, 3, "%02x", handle[i]);
	}
}

int uuid_parse(const char *text, xen_domain_handle_t handle)
{
	for (int i = 0; i < 16; i++) {
		unsigned int byte;

		if (*text == '-')
			text++;
		if (!isxdigit((unsigned char)text[0]) ||
		    !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2x", &byte) != 1)
			return -EINVAL;
		handle[i] = (uint8_t)byte;
		text += 2;
	}
	return *text ? -EINVAL : 0;
}

static int failure(void)
{
	return errno ? -errno : -EIO;
}

static int join(char path[XENSTORE_ABS_PATH_MAX], const char *format,
		va_list args)
{
	int length = vsnprintf(path, XENSTORE_ABS_PATH_MAX, format, args);

	return length < XENSTORE_ABS_PATH_MAX ? 0 : -ENAMETOOLONG;
}

int tree_read(struct xs_handle *store, xs_transaction_t t, char *text,
	      size_t room, const char *format, ...)
{
	char path[XENSTORE_ABS_PATH_MAX];
	unsigned int length;
	va_list args;
	char *value;
	int rc;

	text[0] = '\0';
	va_start(args, format);
	rc = join(path, format, args);
	va_end(args);
	if (rc)
		return rc;
	value = xs_read(store, t, path, &length);
	if (!value)
		return failure();
	if (length < room)
		memcpy(text, value, length + 1);
	else
		rc = -E2BIG;
	free(value);
	return rc;
}

static int write_node(struct xs_handle *store, xs_transaction_t t,
		      const char *path, const char *text)
{
	return xs_write(store, t, path, text, (unsigned int)strlen(text)) ?
		       0 : failure();
}

int tree_write(struct xs_handle *store, xs_transaction_t t, const char *text,
	       const char *format, ...)
{
	char path[XENSTORE_ABS_PATH_MAX];
	va_list args;
	int rc;

	va_start(args, format);
	rc = join(path, format, args);
	va_end(args);
	return rc ? rc : write_node(store, t, path, text);
}

int tree_remove(struct xs_handle *store, xs_transaction_t t,
		const char *format, ...)
{
	char path[XENSTORE_ABS_PATH_MAX];
	va_list args;
	int rc;

	va_start(args, format);
	rc = join(path, format, args);
	va_end(args);
	if (rc)
		return rc;
	return xs_rm(store, t, path) || errno == ENOENT ? 0 : failure();
}

int tree_give(struct xs_handle *store, xs_transaction_t t, domid_t owner,
	      const char *format, ...)
{
	struct xs_permissions perms = { .id = owner, .perms = XS_PERM_NONE };
	char path[XENSTORE_ABS_PATH_MAX];
	va_list args;
	int rc;

	va_start(args, format);
	rc = join(path, format, args);
	va_end(args);
	if (!rc)
		rc = write_node(store, t, path, "");
	if (!rc && !xs_set_permissions(store, t, path, &perms, 1))
		rc = failure();
	return rc;
}
