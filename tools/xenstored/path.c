/* SPDX-License-Identifier: MIT */
/* path.c - names of nodes.
 *
 * Guards: what the tree is asked for is always a canonical absolute path:
 * letters, digits, - _ @ and single slashes, none at the end but in "/".
 */
#include <stdio.h>
#include <string.h>

#include "path.h"

static bool valid_characters(const char *path)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-/_@";

	return path[strspn(path, allowed)] == '\0';
}

/* The length of "/local/domain/N/" at the start, or 0. */
static size_t own_folder(const char *path)
{
	static const char folder[] = "/local/domain/";
	size_t length = sizeof(folder) - 1;
	size_t digits;

	if (strncmp(path, folder, length))
		return 0;
	digits = strspn(path + length, "0123456789");
	if (!digits || digits > 5 || path[length + digits] != '/')
		return 0;
	return length + digits + 1;
}

bool path_canonical(char out[PATH_ROOM_MAX], const char *name, unsigned int id,
		    unsigned int limit, size_t *relative)
{
	size_t length = strlen(name);
	int before = 0;

	if (length >= XENSTORE_ABS_PATH_MAX || name[0] == '@')
		return false;
	if (name[0] != '/') {
		if (length > XENSTORE_REL_PATH_MAX)
			return false;
		before = snprintf(out, PATH_ROOM_MAX, "/local/domain/%u/", id);
	}
	*relative = (size_t)before;
	memcpy(out + before, name, length + 1);
	length += (size_t)before;
	if (length > 1 && out[length - 1] == '/')
		return false;
	if (length > own_folder(out) + limit ||
	    length >= XENSTORE_ABS_PATH_MAX + sizeof("/local/domain/65535"))
		return false;
	return !strstr(out, "//") && valid_characters(out);
}

size_t path_up(const char *path, size_t length)
{
	if (length == 1)
		return 0;
	while (path[length - 1] != '/')
		length--;
	return length == 1 ? 1 : length - 1;
}

bool path_parent(char out[PATH_ROOM_MAX], const char *path)
{
	size_t length = path_up(path, strlen(path));

	if (!length)
		return false;
	memcpy(out, path, length);
	out[length] = '\0';
	return true;
}

const char *path_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

unsigned int path_depth(const char *path)
{
	unsigned int depth = 0;

	if (path[1] == '\0')
		return 0;
	for (; *path; path++)
		depth += *path == '/';
	return depth;
}
