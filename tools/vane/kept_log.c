/* SPDX-License-Identifier: MIT */
/* kept_log.c - the output of guests that are gone.
 *
 * Guards: a name typed by a person never leads out of the log folder.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kept_log.h"

int kept_log_find(const char *name, char path[PATH_ROOM])
{
	int rc;

	if (!name[0] || strchr(name, '/'))
		return -ENOENT;
	rc = log_path(path, "guest-%s.log", name);
	if (rc)
		return rc;
	return access(path, R_OK) ? -errno : 0;
}

int kept_log_print(const char *path, FILE *out)
{
	char bytes[4096];
	size_t got;
	FILE *f = fopen(path, "re");
	int rc;

	if (!f)
		return -errno;
	while ((got = fread(bytes, 1, sizeof(bytes), f)) > 0)
		fwrite(bytes, 1, got, out);
	rc = ferror(f) ? -EIO : 0;
	fclose(f);
	return rc;
}
