/* SPDX-License-Identifier: MIT */
/* kept.c - what the tools keep of a domain (/vane/N).
 *
 * Guards: nodes of a dead domain are not taken for those of a living one with
 * its id.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree/tree.h"

static const char *const state_names[] = {
	[TREE_BUILDING] = "building",
	[TREE_MADE] = "made",
	[TREE_ENDED] = "ended",
};

static int read_action(struct xs_handle *store, domid_t id, const char *key,
		       enum shutdown_action *action)
{
	char text[32];
	int rc = tree_read(store, XBT_NULL, text, sizeof(text), "/vane/%u/%s",
			   id, key);

	if (!rc)
		rc = shutdown_action_parse(text, action);
	return rc;
}

int tree_kept(struct xs_handle *store,
	      const struct xen_domctl_getdomaininfo *info,
	      struct tree_kept *kept)
{
	char uuid[UUID_TEXT], text[UUID_TEXT];
	domid_t id = info->domain;
	int rc;

	memset(kept, 0, sizeof(*kept));
	rc = tree_read(store, XBT_NULL, text, sizeof(text), "/vane/%u/uuid",
		       id);
	uuid_format(info->handle, uuid);
	if (rc == -ENOENT || (!rc && strcmp(text, uuid)))
		return 0;
	if (!rc)
		rc = tree_read(store, XBT_NULL, text, sizeof(text),
			       "/vane/%u/state", id);
	for (int i = TREE_BUILDING; i <= TREE_ENDED; i++)
		if (!strcmp(text, state_names[i]))
			kept->state = (enum tree_state)i;
	if (!rc)
		rc = read_action(store, id, "on_poweroff", &kept->on_poweroff);
	if (!rc)
		rc = read_action(store, id, "on_reboot", &kept->on_reboot);
	if (!rc)
		rc = read_action(store, id, "on_crash", &kept->on_crash);
	if (!rc)
		rc = tree_read(store, XBT_NULL, kept->config_path,
			       sizeof(kept->config_path),
			       "/vane/%u/config/path", id);
	return rc;
}

int tree_set_ended(struct xs_handle *store, domid_t id)
{
	return tree_write(store, XBT_NULL, state_names[TREE_ENDED],
			  "/vane/%u/state", id);
}

void tree_kernel(struct xs_handle *store,
		 const struct xen_domctl_getdomaininfo *info,
		 char path[PATH_ROOM])
{
	char uuid[UUID_TEXT];

	uuid_format(info->handle, uuid);
	if (!store || tree_read(store, XBT_NULL, path, PATH_ROOM,
				"/vm/%s/image/kernel", uuid))
		path[0] = '\0';
}

char *tree_config_text(struct xs_handle *store, domid_t id)
{
	char part[XENSTORE_PAYLOAD_MAX + 1];
	char *text = strdup("");
	size_t length = 0;

	for (unsigned int i = 0; text; i++) {
		int rc = tree_read(store, XBT_NULL, part, sizeof(part),
				   "/vane/%u/config/text/%u", id, i);
		char *grown;

		if (rc == -ENOENT && i)
			return text;
		grown = rc ? NULL : realloc(text, length + strlen(part) + 1);
		if (!grown) {
			free(text);
			errno = rc ? -rc : ENOMEM;
			return NULL;
		}
		text = grown;
		strcpy(text + length, part);
		length += strlen(part);
	}
	errno = ENOMEM;
	return NULL;
}

int64_t tree_start_time(struct xs_handle *store,
			const struct xen_domctl_getdomaininfo *info)
{
	char text[32], uuid[UUID_TEXT];
	int rc;

	uuid_format(info->handle, uuid);
	rc = tree_read(store, XBT_NULL, text, sizeof(text),
		       "/vm/%s/start_time", uuid);
	return rc ? rc : (int64_t)strtoll(text, NULL, 10);
}
