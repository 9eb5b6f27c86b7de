/* SPDX-License-Identifier: MIT */
/* registry.c - one file per domain. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "registry/registry.h"

void uuid_format(const xen_domain_handle_t handle, char text[UUID_TEXT])
{
	size_t at = 0;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		at += (size_t)snprintf(text + at, 3, "%02x", handle[i]);
	}
}

static int uuid_parse(const char *text, xen_domain_handle_t handle)
{
	for (int i = 0; i < 16; i++) {
		unsigned int byte;

		if (*text == '-')
			text++;
		if (!isxdigit((unsigned char)text[0]) ||
		    sscanf(text, "%2x", &byte) != 1)
			return -EPROTO;
		handle[i] = (uint8_t)byte;
		text += 2;
	}
	return 0;
}

static int print_record(FILE *f, const struct domain_record *r)
{
	char uuid[UUID_TEXT];

	uuid_format(r->handle, uuid);
	fprintf(f, "name=%s\nuuid=%s\nconfig=%s\n", r->name, uuid, r->config);
	fprintf(f, "console=%llu %u\nstore=%llu %u\n",
		(unsigned long long)r->console_mfn, r->console_port,
		(unsigned long long)r->store_mfn, r->store_port);
	return ferror(f) ? -EIO : 0;
}

int registry_write(const struct domain_record *r, struct reason *why)
{
	char folder[PATH_ROOM], path[PATH_ROOM], part[PATH_ROOM];
	FILE *f;
	int rc;

	run_path(folder, "domains");
	run_path(path, "domains/%u", r->id);
	run_path(part, "domains/.%u.part", r->id);
	rc = make_folders(folder);
	if (rc)
		return refuse_errno(why, rc, "cannot make the folder %s",
				    folder);
	f = fopen(part, "we");
	if (!f)
		return refuse_errno(why, -errno, "cannot write %s", part);
	rc = print_record(f, r);
	if (fclose(f) && !rc)
		rc = -errno;
	if (!rc && rename(part, path))
		rc = -errno;
	if (rc) {
		unlink(part);
		return refuse_errno(why, rc, "cannot write %s", path);
	}
	return 0;
}

static int take_line(struct domain_record *r, char *line)
{
	char *value = strchr(line, '=');
	unsigned long long mfn;

	if (!value)
		return -EPROTO;
	*value++ = '\0';
	value[strcspn(value, "\n")] = '\0';
	if (!strcmp(line, "name")) {
		snprintf(r->name, sizeof(r->name), "%s", value);
	} else if (!strcmp(line, "config")) {
		snprintf(r->config, sizeof(r->config), "%s", value);
	} else if (!strcmp(line, "uuid")) {
		return uuid_parse(value, r->handle);
	} else if (!strcmp(line, "console")) {
		if (sscanf(value, "%llu %u", &mfn, &r->console_port) != 2)
			return -EPROTO;
		r->console_mfn = mfn;
	} else if (!strcmp(line, "store")) {
		if (sscanf(value, "%llu %u", &mfn, &r->store_port) != 2)
			return -EPROTO;
		r->store_mfn = mfn;
	}
	return 0;
}

int registry_read(domid_t id, struct domain_record *r)
{
	char path[PATH_ROOM], line[PATH_ROOM + 32];
	FILE *f;
	int rc = 0;

	memset(r, 0, sizeof(*r));
	r->id = id;
	run_path(path, "domains/%u", id);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (!rc && fgets(line, sizeof(line), f))
		rc = take_line(r, line);
	fclose(f);
	return rc ? rc : r->name[0] ? 0 : -EPROTO;
}

void registry_remove(domid_t id)
{
	char path[PATH_ROOM];

	run_path(path, "domains/%u", id);
	unlink(path);
}

bool registry_name(const struct xen_domctl_getdomaininfo *info,
		   char name[GUEST_NAME_MAX + 1])
{
	struct domain_record r;

	if (info->domain == 0) {
		strcpy(name, "Domain-0");
		return true;
	}
	if (!registry_read(info->domain, &r) &&
	    !memcmp(r.handle, info->handle, sizeof(r.handle))) {
		memcpy(name, r.name, sizeof(r.name));
		return true;
	}
	strcpy(name, "(unnamed)");
	return false;
}

int registry_find_other(struct ctl *c, const char *wanted, domid_t except,
			struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl_getdomaininfo list[CTL_LIST_MAX];
	char name[GUEST_NAME_MAX + 1];
	domid_t first = 0;

	for (;;) {
		int count = ctl_domain_list(c, first, list, CTL_LIST_MAX);

		if (count <= 0)
			return count ? count : -ESRCH;
		for (int i = 0; i < count; i++) {
			if (list[i].domain != except &&
			    registry_name(&list[i], name) && !strcmp(name, wanted)) {
				*info = list[i];
				return info->domain;
			}
		}
		first = list[count - 1].domain + 1;
	}
}

int registry_find(struct ctl *c, const char *text,
		  struct xen_domctl_getdomaininfo *info)
{
	unsigned long id;
	char *end;
	int rc;

	if (!isdigit((unsigned char)text[0]))
		return registry_find_other(c, text, DOMID_INVALID, info);
	id = strtoul(text, &end, 10);
	if (*end)
		return registry_find_other(c, text, DOMID_INVALID, info);
	if (id >= DOMID_FIRST_RESERVED)
		return -ESRCH;
	rc = ctl_domain_info(c, (domid_t)id, info);
	return rc ? rc : (int)id;
}
