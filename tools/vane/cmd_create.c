/* SPDX-License-Identifier: MIT */
/* cmd_create.c - vane create.
 *
 * Not here: the steps of making a domain (libs/life/start.c), and what a dry
 * run prints (dry_run.c).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "build/image.h"
#include "config/guest_config.h"
#include "dry_run.h"
#include "life/life.h"
#include "monitor/client.h"
#include "progress.h"
#include "terminal.h"
#include "vane.h"

/* Everything that a creation needs to know, as it was asked for. */
struct wish {
	struct guest_config guest;
	char path[PATH_ROOM];
	/* the file and what the command line added, as one domain file */
	char *text;
};

static bool quiet;

static void warn_setting(const struct setting *s, const char *text)
{
	if (!quiet)
		fprintf(stderr, "%s:%u:%u: warning: %s=: %s\n", s->file,
			s->line, s->column, s->key, text);
}

/* Whoever makes it again may stand in another folder. */
static int keep_path(struct config *config, const char *key, const char *value,
		     struct reason *why)
{
	char folder[PATH_ROOM], whole[2 * PATH_ROOM];

	if (!value || value[0] == '/')
		return 0;
	if (!getcwd(folder, sizeof(folder)))
		return refuse_errno(why, -errno, "cannot tell this folder");
	if (snprintf(whole, sizeof(whole), "%s/%s", folder, value) >=
	    (int)sizeof(whole))
		return refuse(why, -ENAMETOOLONG,
			      "the path of %s is too long: %s", key, value);
	return config_set(config, key, whole, why);
}

/* All that was said, as one file; nothing is left to the place and the time. */
static int keep_text(struct wish *w, struct config *config, struct reason *why)
{
	int rc = keep_path(config, "kernel", w->guest.kernel, why);

	if (!rc)
		rc = keep_path(config, "ramdisk", w->guest.ramdisk, why);
	if (rc)
		return rc;
	w->text = config_format(config);
	return w->text ? 0 : refuse(why, -ENOMEM, "out of memory");
}

/* The file, then what the command line adds to it. */
static int read_wish(const struct vane *v, struct wish *w, struct reason *why)
{
	struct config config;
	struct image file;
	int rc;

	memset(w, 0, sizeof(*w));
	config_init(&config);
	snprintf(w->path, sizeof(w->path), "%s",
		 getenv(MONITOR_MADE_FROM) ?: v->arguments[0]);
	rc = image_read(&file, v->arguments[0], why);
	if (rc)
		goto out;
	rc = config_parse(&config, (const char *)file.bytes, file.size,
			  v->arguments[0], why);
	for (int i = 1; !rc && i < v->argument_count; i++)
		rc = config_override(&config, v->arguments[i], why);
	if (!rc)
		rc = guest_config_read(&w->guest, &config, warn_setting, why);
	if (!rc)
		rc = keep_text(w, &config, why);
out:
	image_free(&file);
	config_free(&config);
	return rc;
}

static void free_wish(struct wish *w)
{
	guest_config_free(&w->guest);
	free(w->text);
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

/* The id, or a negative errno with the complaint printed. */
static int create(struct vane *v, struct wish *w)
{
	struct life_request request = {
		.guest = &w->guest,
		.config_path = w->path,
		.config_text = w->text,
		.paused = option_given(v, "paused"),
		.unwatched = option_given(v, "no-wait"),
	};
	struct reason why = { 0 };
	int id;

	if (request.unwatched)
		w->guest.on_poweroff = w->guest.on_reboot = w->guest.on_crash =
			ACTION_PRESERVE;
	if (!quiet)
		progress_start("creating", w->guest.name);
	/* A domain is made whole or not at all: Ctrl-C waits so long. */
	block_signals(SIG_BLOCK);
	id = life_start(v->ctl, v->store, &request, &why);
	block_signals(SIG_UNBLOCK);
	progress_end();
	if (id < 0)
		complain(&why);
	return id;
}

/* tour 23: a person typed `vane create`: from a domain file to a running guest. */
int cmd_create(struct vane *v)
{
	struct wish w;
	struct reason why = { 0 };
	int id, rc;

	quiet = option_given(v, "quiet");
	if (read_wish(v, &w, &why)) {
		free_wish(&w);
		return complain(&why);
	}
	if (option_given(v, "dryrun")) {
		rc = dry_run(&w.guest, option_given(v, "json"), &why) ?
			     complain(&why) : EXIT_DONE;
		goto out;
	}
	rc = need_ctl(v);
	if (!rc)
		rc = need_store(v);
	if (rc)
		goto out;
	id = create(v, &w);
	if (id < 0)
		rc = EXIT_NO_DOMAIN;
	else if (option_given(v, "console") &&
		 terminal_attach((domid_t)id, DETACH_KEY, &why))
		rc = complain(&why);
out:
	free_wish(&w);
	return rc;
}
