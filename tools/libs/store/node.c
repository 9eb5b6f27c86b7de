/* SPDX-License-Identifier: MIT */
/* node.c - reading and changing nodes, and transactions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/handle.h"

char **store_strings(const char *text, unsigned int length, unsigned int count)
{
	char **strings = malloc(count * sizeof(*strings) + length + 1);
	char *copy;

	if (!strings)
		return NULL;
	copy = (char *)&strings[count];
	memcpy(copy, text, length);
	copy[length] = '\0';
	for (unsigned int i = 0; i < count; i++) {
		strings[i] = copy;
		copy += strlen(copy) + 1;
	}
	return strings;
}

/* The names of one answer after another, where one message cannot hold them
 * all. Each answer begins with a number that changes with the node, and the
 * last ends with an empty name. */
struct parts {
	char generation[MAX_STRLEN(uint64_t)];
	char *names;
	unsigned int length;
};

enum part { PART_FAILED, PART_MORE, PART_LAST };

static enum part add_part(struct parts *parts, const char *answer,
			  unsigned int length)
{
	unsigned int skip = strlen(answer) + 1;
	bool last;
	char *grown;

	if (skip > sizeof(parts->generation) || skip > length) {
		errno = EIO;
		return PART_FAILED;
	}
	if (parts->length == 0)
		strcpy(parts->generation, answer);
	else if (strcmp(parts->generation, answer) != 0) {
		/* Others changed it meanwhile: from the start. */
		parts->length = 0;
		return PART_MORE;
	}
	answer += skip;
	length -= skip;
	last = length > 0 && answer[length - 1] == '\0' &&
	       (length == 1 || answer[length - 2] == '\0');
	if (last)
		length--;
	else if (length == 0) {
		errno = EIO;
		return PART_FAILED;
	}
	grown = realloc(parts->names, parts->length + length + 1);
	if (!grown)
		return PART_FAILED;
	parts->names = grown;
	memcpy(&grown[parts->length], answer, length);
	parts->length += length;
	return last ? PART_LAST : PART_MORE;
}

static char *directory_in_parts(struct xs_handle *h, xs_transaction_t t,
				const char *path, unsigned int *length)
{
	struct parts parts = { .length = 0 };
	enum part outcome;

	do {
		char offset[MAX_STRLEN(unsigned int)], *answer;
		struct iovec pieces[] = {
			piece(path, strlen(path) + 1),
			piece(offset, 0),
		};
		unsigned int answer_length;

		pieces[1].iov_len = sprintf(offset, "%u", parts.length) + 1;
		answer = store_ask(h, t, XS_DIRECTORY_PART, pieces, 2,
				   &answer_length);
		if (!answer) {
			/* An old daemon: its first word stands. */
			if (errno == ENOSYS)
				errno = E2BIG;
			outcome = PART_FAILED;
			break;
		}
		outcome = add_part(&parts, answer, answer_length);
		free(answer);
	} while (outcome == PART_MORE);
	if (outcome == PART_FAILED) {
		free(parts.names);
		return NULL;
	}
	*length = parts.length;
	return parts.names;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path,
		    unsigned int *num)
{
	unsigned int length;
	char *names, **strings;

	names = store_ask_string(h, t, XS_DIRECTORY, path, &length);
	if (!names && errno == E2BIG)
		names = directory_in_parts(h, t, path, &length);
	if (!names)
		return NULL;
	*num = xs_count_strings(names, length);
	strings = store_strings(names, length, *num);
	free(names);
	return strings;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
	      unsigned int *len)
{
	return store_ask_string(h, t, XS_READ, path, len);
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path,
	      const void *data, unsigned int len)
{
	struct iovec pieces[] = {
		piece(path, strlen(path) + 1),
		piece(data, len),
	};

	return store_done(store_ask(h, t, XS_WRITE, pieces, 2, NULL));
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	return store_done(store_ask_string(h, t, XS_MKDIR, path, NULL));
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	return store_done(store_ask_string(h, t, XS_RM, path, NULL));
}

struct xs_permissions *xs_get_permissions(struct xs_handle *h,
					  xs_transaction_t t, const char *path,
					  unsigned int *num)
{
	struct xs_permissions *permissions;
	unsigned int length;
	char *strings;

	strings = store_ask_string(h, t, XS_GET_PERMS, path, &length);
	if (!strings)
		return NULL;
	*num = xs_count_strings(strings, length);
	/* One to spare: no entries are no failure. */
	permissions = malloc((*num + 1) * sizeof(*permissions));
	if (permissions && !xs_strings_to_perms(permissions, *num, strings)) {
		free(permissions);
		permissions = NULL;
	}
	free(strings);
	return permissions;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t,
			const char *path, struct xs_permissions *perms,
			unsigned int num_perms)
{
	char strings[XENSTORE_PAYLOAD_MAX + 1];
	unsigned int length = 0;

	for (unsigned int i = 0; i < num_perms; i++) {
		char one[2 + MAX_STRLEN(unsigned int)];
		unsigned int size;

		if (!xs_perm_to_string(&perms[i], one, sizeof(one)))
			return false;
		size = strlen(one) + 1;
		if (length + size > XENSTORE_PAYLOAD_MAX) {
			errno = E2BIG;
			return false;
		}
		memcpy(&strings[length], one, size);
		length += size;
	}
	struct iovec pieces[] = {
		piece(path, strlen(path) + 1),
		piece(strings, length),
	};

	return store_done(store_ask(h, t, XS_SET_PERMS, pieces, 2, NULL));
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	char *answer = store_ask_string(h, XBT_NULL, XS_TRANSACTION_START, "",
					NULL);
	xs_transaction_t id;

	if (!answer)
		return XBT_NULL;
	id = strtoul(answer, NULL, 0);
	free(answer);
	return id;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
	return store_done(store_ask_string(h, t, XS_TRANSACTION_END,
					   abort ? "F" : "T", NULL));
}
