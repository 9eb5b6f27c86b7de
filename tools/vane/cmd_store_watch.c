/* SPDX-License-Identifier: MIT */
/* cmd_store_watch.c - vane store watch: a line for each change. */
#include <errno.h>
#include <stdlib.h>

#include "cmd_store.h"

int cmd_store_watch(struct vane *v)
{
	const char *text = option_value(v, "number");
	unsigned int strings;
	char *end = "";
	long left = text ? strtol(text, &end, 10) : -1;
	int status = need_store(v);

	if (status)
		return status;
	if (text && (*end || left < 1)) {
		fprintf(stderr,
			"vane: \"%s\" is no number of changes: 1 or more\n",
			text);
		return EXIT_USAGE;
	}
	for (int i = 0; i < v->argument_count; i++)
		if (!xs_watch(v->store, v->arguments[i], v->arguments[i]))
			return store_refused(v->arguments[i], "watched");
	while (left) {
		char **event = xs_read_watch(v->store, &strings);

		if (!event)
			return store_refused(v->arguments[0], "watched on");
		puts(event[XS_WATCH_PATH]);
		free(event);
		/* Whoever reads a pipe wants it now. */
		if (fflush(stdout))
			return EXIT_REFUSED;
		if (left > 0)
			left--;
	}
	return EXIT_DONE;
}
