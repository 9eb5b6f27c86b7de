/* SPDX-License-Identifier: MIT */
/* cmd_store.c - vane store read, list and exists, and what all share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_store.h"
#include "json.h"

int store_refused(const char *path, const char *verb)
{
	struct reason why = { 0 };

	switch (errno) {
	case ENOENT:
		refuse(&why, -ENOENT,
		       "there is no %s in the store; `vane store ls -f` shows what there is",
		       path);
		break;
	case EACCES:
	case EPERM:
		refuse(&why, -EACCES,
		       "%s cannot be %s by this domain: its permissions forbid it; `vane store ls -p` shows them",
		       path, verb);
		break;
	case EINVAL:
		refuse(&why, -EINVAL,
		       "%s cannot be %s: a path has names of letters, digits, \"-\", \"_\" and \"@\" between single slashes, and the root stays",
		       path, verb);
		break;
	case ENOSPC:
	case EDQUOT:
		refuse(&why, -ENOSPC,
		       "%s cannot be %s: a limit is reached; `vane store limits` shows all",
		       path, verb);
		break;
	case E2BIG:
		refuse(&why, -E2BIG,
		       "%s cannot be %s: path and value together have at most %d bytes",
		       path, verb, XENSTORE_PAYLOAD_MAX);
		break;
	case EBADF:
		refuse(&why, -EBADF,
		       "%s was not %s: xenstored has ended the connection; see its log, and try again",
		       path, verb);
		break;
	default:
		refuse_errno(&why, -errno, "%s cannot be %s", path, verb);
	}
	return complain(&why);
}

char *store_child(const char *path, const char *name)
{
	const char *slash = path[0] && path[strlen(path) - 1] == '/' ? "" : "/";
	char *child;

	return asprintf(&child, "%s%s%s", path, slash, name) < 0 ? NULL : child;
}

int store_atomically(struct vane *v,
		     int (*act)(struct vane *v, xs_transaction_t t))
{
	while (1) {
		xs_transaction_t t = xs_transaction_start(v->store);
		int status;

		if (t == XBT_NULL)
			return store_refused("a transaction", "started");
		status = act(v, t);
		if (xs_transaction_end(v->store, t, status != EXIT_DONE))
			return status;
		if (status != EXIT_DONE)
			return status;
		if (errno != EAGAIN)
			return store_refused("the change", "made");
	}
}

int cmd_store_read(struct vane *v)
{
	struct json j = { .out = stdout };
	bool json = option_given(v, "json");
	struct expanding_buffer text = { 0 };
	int status = need_store(v);

	if (status)
		return status;
	if (json)
		json_open(&j, NULL, '{');
	for (int i = 0; i < v->argument_count && !status; i++) {
		const char *path = v->arguments[i];
		unsigned int length;
		char *value = xs_read(v->store, XBT_NULL, path, &length);

		if (!value) {
			status = store_refused(path, "read");
			break;
		}
		if (json) {
			json_string(&j, path,
				    sanitise_value(&text, value, length));
		} else {
			if (option_given(v, "path"))
				printf("%s: ", path);
			if (option_given(v, "raw"))
				fwrite(value, 1, length, stdout);
			else
				puts(sanitise_value(&text, value, length));
		}
		free(value);
	}
	if (json)
		json_close(&j, '}');
	free(text.buf);
	return status;
}

int cmd_store_list(struct vane *v)
{
	int status = need_store(v);

	for (int i = 0; i < v->argument_count && !status; i++) {
		const char *path = v->arguments[i];
		unsigned int count;
		char **names = xs_directory(v->store, XBT_NULL, path, &count);

		if (!names)
			return store_refused(path, "listed");
		for (unsigned int n = 0; n < count; n++) {
			char *child = store_child(path, names[n]);

			if (!child) {
				status = store_refused(path, "listed");
				break;
			}
			puts(option_given(v, "path") ? child : names[n]);
			free(child);
		}
		free(names);
	}
	return status;
}

int cmd_store_exists(struct vane *v)
{
	int status = need_store(v);

	for (int i = 0; i < v->argument_count && !status; i++) {
		char *value = xs_read(v->store, XBT_NULL, v->arguments[i],
				      NULL);

		if (!value && errno != ENOENT)
			return store_refused(v->arguments[i], "read");
		if (!value)
			status = EXIT_REFUSED;
		free(value);
	}
	return status;
}
