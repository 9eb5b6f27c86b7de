/* SPDX-License-Identifier: MIT */
/* cmd_create.c - vane create. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "build/image.h"
#include "config/guest_config.h"
#include "life.h"
#include "monitor.h"
#include "terminal.h"
#include "vane.h"

static void warn_setting(const struct setting *s, const char *text)
{
	fprintf(stderr, "%s:%u:%u: warning: %s=: %s\n", s->file, s->line,
		s->column, s->key, text);
}

/* The file, then what the command line adds to it. */
static int read_config(const struct vane *v, struct guest_config *guest,
		       struct reason *why)
{
	struct config config;
	struct image text;
	int rc;

	config_init(&config);
	rc = image_read(&text, v->arguments[0], why);
	if (rc)
		goto out;
	rc = config_parse(&config, (const char *)text.bytes, text.size,
			  v->arguments[0], why);
	for (int i = 1; !rc && i < v->argument_count; i++)
		rc = config_override(&config, v->arguments[i], why);
	if (!rc)
		rc = guest_config_read(guest, &config, warn_setting, why);
out:
	image_free(&text);
	config_free(&config);
	return rc;
}

static void block_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(how, &set, NULL);
}

static int create(struct vane *v, const struct guest_config *guest,
		  const char *path)
{
	struct reason why = { 0 }, warning = { 0 };
	int id = life_start(v->ctl, guest, path, option_given(v, "paused"),
			    &warning, &why);

	if (id < 0) {
		complain(&why);
		return id;
	}
	if (warning.text[0])
		fprintf(stderr,
			"vane: warning: %s; the output of \"%s\" is not kept\n",
			warning.text, guest->name);
	ctl_close(v->ctl);
	v->ctl = NULL;
	fflush(stdout);
	if (monitor_start(guest, path, (domid_t)id, &why))
		complain(&why);
	return id;
}

/* tour 23: a person typed `vane create`: from a domain file to a running guest. */
int cmd_create(struct vane *v)
{
	struct guest_config guest;
	struct reason why = { 0 };
	char path[PATH_ROOM];
	int id;

	if (read_config(v, &guest, &why))
		return complain(&why);
	snprintf(path, sizeof(path), "%s", v->arguments[0]);
	if (need_ctl(v)) {
		guest_config_free(&guest);
		return EXIT_REFUSED;
	}
	/* A domain is made whole or not at all: Ctrl-C waits so long. */
	block_signals(SIG_BLOCK);
	id = create(v, &guest, path);
	block_signals(SIG_UNBLOCK);
	guest_config_free(&guest);
	if (id < 0)
		return EXIT_NO_DOMAIN;
	if (option_given(v, "console") && terminal_attach((domid_t)id, &why))
		return complain(&why);
	return EXIT_DONE;
}
