/* SPDX-License-Identifier: MIT */
/* again.c - domains that are to be made again, as they were made before.
 *
 * The domain file is written from what the store kept, and `vane create`
 * reads it: a restart is a creation like any other, and as safe.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "monitord.h"

/* One that ends as soon as it starts must not eat the machine. Twice as long
 * before each further try. */
#define PAUSE_S 1
#define TRIES	5

static int write_file(const char *part, const char *file, const char *path,
		      const char *text, const char *name)
{
	FILE *f = fopen(part, "we");
	int rc = 0;

	if (!f)
		return -errno;
	fprintf(f, "# %s, made again as it was made from %s\n%s", name, path,
		text);
	/* it may have been renamed since */
	fprintf(f, "%sname = \"%s\"\n",
		text[0] && text[strlen(text) - 1] != '\n' ? "\n" : "", name);
	if (ferror(f))
		rc = -EIO;
	if (fclose(f) && !rc)
		rc = -errno;
	if (!rc && rename(part, file))
		rc = -errno;
	return rc;
}

int again_promise(struct monitord *m,
		  const struct xen_domctl_getdomaininfo *info,
		  const struct tree_kept *kept, char file[PATH_ROOM])
{
	char name[GUEST_NAME_MAX + 1], part[PATH_ROOM], uuid[UUID_TEXT];
	char *text;
	int rc;

	uuid_format(info->handle, uuid);
	run_path(part, "again/.%s.part", uuid);
	run_path(file, "again/%s.cfg", uuid);
	/* an earlier daemon's, who may have renamed the domain since */
	if (!access(file, F_OK))
		return 0;
	text = tree_config_text(m->store, info->domain);
	if (!text)
		return -errno;
	tree_name(m->store, info, name);
	rc = write_file(part, file, kept->config_path, text, name);
	free(text);
	if (!rc)
		return 0;
	note("cannot write %s: %s; domain %u is kept and not made again", file,
	     strerror(-rc), info->domain);
	unlink(part);
	file[0] = '\0';
	return 0;
}

static void try(struct monitord *m, const char *file, const char *made_from,
		unsigned int failures)
{
	struct child c = { .failures = failures };
	char *arguments[] = { "vane", "create", "-q", c.file, NULL };

	snprintf(c.file, sizeof(c.file), "%s", file);
	snprintf(c.made_from, sizeof(c.made_from), "%s", made_from);
	if (child_start(m, &c, PAUSE_S << failures, arguments))
		note("cannot run vane create %s", file);
}

void again_make(struct monitord *m, const char *file, const char *made_from)
{
	if (!access(file, R_OK) && !child_has(m, 0, file))
		try(m, file, made_from, 0);
}

void again_made(struct monitord *m, const struct child *c, int status)
{
	if (!status) {
		note("made %s again", c->file);
		unlink(c->file);
		return;
	}
	note("making %s again failed with status %d", c->file, status);
	/* without the store nothing can be made; it comes with again_adopt() */
	if (!m->store)
		return;
	if (c->failures + 1 < TRIES) {
		try(m, c->file, c->made_from, c->failures + 1);
		return;
	}
	note("%s is not made: given up after %d times", c->file, TRIES);
	unlink(c->file);
}

/* Promises of an earlier daemon. One whose domain has not ended yet was looked
 * at before, and is under way. */
void again_adopt(struct monitord *m)
{
	char folder[PATH_ROOM], file[PATH_ROOM];
	struct dirent *entry;
	DIR *d;

	run_path(folder, "again");
	d = opendir(folder);
	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		run_path(file, "again/%s", entry->d_name);
		again_make(m, file, "");
	}
	if (d)
		closedir(d);
}
