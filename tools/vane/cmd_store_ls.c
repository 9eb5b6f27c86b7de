/* SPDX-License-Identifier: MIT */
/* cmd_store_ls.c - vane store ls: a part of the store as a tree.
 *
 * Looks as xenstore-ls does. Others change the store while it is read: what
 * goes meanwhile is left out.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd_store.h"
#include "json.h"

/* Where permissions begin. */
#define PERMISSIONS_COLUMN 60

struct listing {
	struct vane *v;
	bool full;
	bool permissions;
	/* values are cut to fit in */
	int columns;
	struct expanding_buffer text;
	struct json json;
	bool as_json;
};

static int columns_of(bool full)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) &&
	    !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col > 2)
		return size.ws_col - 2;
	return full ? INT_MAX : 80;
}

/* "n0,r5" */
static void format_permissions(struct listing *l, const char *path, char *text,
			       size_t room)
{
	struct xs_permissions *list;
	unsigned int count;
	size_t at = 0;

	text[0] = '\0';
	list = xs_get_permissions(l->v->store, XBT_NULL, path, &count);
	for (unsigned int i = 0; list && i < count && at + 16 < room; i++) {
		if (i)
			text[at++] = ',';
		if (!xs_perm_to_string(&list[i], &text[at], room - at))
			break;
		at += strlen(&text[at]);
	}
	free(list);
}

static void show_as_json(struct listing *l, const char *path, const char *value)
{
	char permissions[1024];

	json_open(&l->json, NULL, '{');
	json_string(&l->json, "path", path);
	json_string(&l->json, "value", value);
	if (l->permissions) {
		format_permissions(l, path, permissions, sizeof(permissions));
		json_string(&l->json, "permissions", permissions);
	}
	json_close(&l->json, '}');
}

static void show(struct listing *l, const char *path, const char *name,
		 const char *value, int depth)
{
	const int frame = sizeof(" = \"...\"") - 1;
	int name_width = l->full ? 0 : depth + (int)strlen(name);
	int width = name_width;
	char permissions[1024];

	if (l->full)
		fputs(path, stdout);
	else
		printf("%*s%s", depth, "", name);
	if (name_width + (int)strlen(value) + frame > l->columns) {
		int left = l->columns - frame - name_width;

		printf(" = \"%.*s\\...\"", left > 0 ? left : 0, value);
		width = l->columns;
	} else {
		width += printf(" = \"%s\"", value);
	}
	if (l->permissions) {
		if (width < l->columns)
			putchar(' ');
		width++;
		for (; !l->full && width < PERMISSIONS_COLUMN &&
		       width < l->columns; width++)
			putchar(width & 1 ? '.' : ' ');
		format_permissions(l, path, permissions, sizeof(permissions));
		printf("  (%s)", permissions);
	}
	putchar('\n');
}

static int list_below(struct listing *l, const char *path, int depth)
{
	unsigned int count;
	char **names = xs_directory(l->v->store, XBT_NULL, path, &count);
	int status = EXIT_DONE;

	if (!names && depth && errno == ENOENT)
		return EXIT_DONE;
	if (!names)
		return store_refused(path, "listed");
	for (unsigned int i = 0; i < count && !status; i++) {
		char *child = store_child(path, names[i]);
		unsigned int length;
		char *value;

		if (!child) {
			status = store_refused(path, "listed");
			break;
		}
		value = xs_read(l->v->store, XBT_NULL, child, &length);
		if (value) {
			const char *text = sanitise_value(&l->text, value,
							  length);

			if (l->as_json)
				show_as_json(l, child, text);
			else
				show(l, child, names[i], text, depth);
			status = list_below(l, child, depth + 1);
		} else if (errno != ENOENT) {
			/* A node that is not ours to read has a name still. */
			status = errno == EACCES ? EXIT_DONE :
				 store_refused(child, "read");
		}
		free(value);
		free(child);
	}
	free(names);
	return status;
}

int cmd_store_ls(struct vane *v)
{
	static char *root = "/";
	struct listing l = {
		.v = v,
		.full = option_given(v, "full"),
		.permissions = option_given(v, "perms"),
		.json.out = stdout,
		.as_json = option_given(v, "json"),
	};
	int status = need_store(v);

	if (status)
		return status;
	l.columns = columns_of(l.full);
	if (!v->argument_count) {
		v->arguments = &root;
		v->argument_count = 1;
	}
	if (l.as_json)
		json_open(&l.json, NULL, '[');
	for (int i = 0; i < v->argument_count && !status; i++)
		status = list_below(&l, v->arguments[i], 0);
	if (l.as_json)
		json_close(&l.json, ']');
	free(l.text.buf);
	return status;
}
