/* SPDX-License-Identifier: MIT */
/* cmd_store_change.c - vane store write, mkdir, rm and chmod.
 *
 * Guards: a command changes everything it was asked to, or nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_store.h"

static int write_all(struct vane *v, xs_transaction_t t)
{
	for (int i = 0; i < v->argument_count; i += 2) {
		const char *path = v->arguments[i];
		const char *text = v->arguments[i + 1];
		unsigned int length = strlen(text);
		char *value = malloc(length + 1);
		bool done;

		if (!value)
			return store_refused(path, "written");
		if (option_given(v, "raw"))
			memcpy(value, text, length);
		else
			unsanitise_value(value, &length, text);
		done = xs_write(v->store, t, path, value, length);
		free(value);
		if (!done)
			return store_refused(path, "written");
	}
	return EXIT_DONE;
}

int cmd_store_write(struct vane *v)
{
	int status = need_store(v);

	if (status)
		return status;
	if (v->argument_count % 2) {
		fprintf(stderr, "vane: store write: %s has no value\n\n",
			v->arguments[v->argument_count - 1]);
		print_command_help(stderr, v->command);
		return EXIT_USAGE;
	}
	return store_atomically(v, write_all);
}

static int make_all(struct vane *v, xs_transaction_t t)
{
	for (int i = 0; i < v->argument_count; i++)
		if (!xs_mkdir(v->store, t, v->arguments[i]))
			return store_refused(v->arguments[i], "made");
	return EXIT_DONE;
}

int cmd_store_mkdir(struct vane *v)
{
	int status = need_store(v);

	return status ? status : store_atomically(v, make_all);
}

/* Removes the nodes above that have neither value nor children. */
static int remove_empty_parents(struct vane *v, xs_transaction_t t,
				const char *path)
{
	char *parent = strdup(path), *slash;
	int status = parent ? EXIT_DONE : store_refused(path, "removed");
	bool empty = true;

	while (!status && empty &&
	       (slash = strrchr(parent, '/')) && slash != parent) {
		unsigned int length = 0, count = 0;
		char *value, **names;

		*slash = '\0';
		value = xs_read(v->store, t, parent, &length);
		names = xs_directory(v->store, t, parent, &count);
		empty = value && names && !length && !count;
		if (empty && !xs_rm(v->store, t, parent))
			status = store_refused(parent, "removed");
		free(value);
		free(names);
	}
	free(parent);
	return status;
}

static int remove_all(struct vane *v, xs_transaction_t t)
{
	for (int i = 0; i < v->argument_count; i++) {
		const char *path = v->arguments[i];

		if (!xs_rm(v->store, t, path))
			return store_refused(path, "removed");
		if (option_given(v, "tidy") &&
		    remove_empty_parents(v, t, path))
			return EXIT_REFUSED;
	}
	return EXIT_DONE;
}

int cmd_store_rm(struct vane *v)
{
	int status = need_store(v);

	return status ? status : store_atomically(v, remove_all);
}

/* ENOENT is for a node that is not there, and for an owner that is not. */
static int permissions_refused(struct vane *v, xs_transaction_t t,
			       const char *path,
			       const struct xs_permissions *list)
{
	struct reason why = { 0 };
	int error = errno;
	char *value = error == ENOENT ? xs_read(v->store, t, path, NULL) : NULL;
	bool there = value;

	free(value);
	errno = error;
	if (!there)
		return store_refused(path, "given permissions");
	refuse(&why, -ENOENT,
	       "%s cannot be given permissions: there is no domain %u to own it; the first permission names the owner",
	       path, list[0].id);
	return complain(&why);
}

static int set_below(struct vane *v, xs_transaction_t t, const char *path,
		     struct xs_permissions *list, unsigned int count)
{
	unsigned int number = 0;
	char **names;
	int status = EXIT_DONE;

	if (!xs_set_permissions(v->store, t, path, list, count))
		return permissions_refused(v, t, path, list);
	if (!option_given(v, "recursive"))
		return EXIT_DONE;
	names = xs_directory(v->store, t, path, &number);
	if (!names)
		return store_refused(path, "listed");
	for (unsigned int i = 0; i < number && !status; i++) {
		char *child = store_child(path, names[i]);

		status = child ? set_below(v, t, child, list, count) :
				 store_refused(path, "listed");
		free(child);
	}
	free(names);
	return status;
}

static int set_above(struct vane *v, xs_transaction_t t, const char *path,
		     struct xs_permissions *list, unsigned int count)
{
	char *parent = strdup(path), *slash;
	int status = parent ? EXIT_DONE :
			      store_refused(path, "given permissions");

	while (!status && (slash = strrchr(parent, '/')) && slash != parent) {
		*slash = '\0';
		if (!xs_set_permissions(v->store, t, parent, list, count))
			status = permissions_refused(v, t, parent, list);
	}
	free(parent);
	return status;
}

static int set_permissions(struct vane *v, xs_transaction_t t)
{
	struct xs_permissions list[64];
	unsigned int count = v->argument_count - 1;
	int status;

	for (unsigned int i = 0; i < count; i++) {
		const char *text = v->arguments[1 + i];

		if (xs_strings_to_perms(&list[i], 1, text))
			continue;
		fprintf(stderr,
			"vane: \"%s\" is no permission: a letter (n none, r read, w write, b both) and a domain's id, as in n0 or r5; the first names the owner\n",
			text);
		return EXIT_REFUSED;
	}
	status = set_below(v, t, v->arguments[0], list, count);
	if (!status && option_given(v, "upwards"))
		status = set_above(v, t, v->arguments[0], list, count);
	return status;
}

int cmd_store_chmod(struct vane *v)
{
	int status = need_store(v);

	return status ? status : store_atomically(v, set_permissions);
}
