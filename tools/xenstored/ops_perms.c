/* SPDX-License-Identifier: MIT */
/* ops_perms.c - requests about who may read and write a node. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "request.h"
#include "store.h"

int op_get_perms(struct request *r)
{
	struct seen seen;
	const char *name;
	int rc = request_one(r, &name);

	if (!rc)
		rc = access_node(r, name, PERM_READ, &seen);
	for (uint32_t i = 0; !rc && i < seen.perms->count; i++) {
		char text[PERM_TEXT_MAX];
		size_t bytes = perm_format(text, &seen.perms->entry[i]);

		rc = answer_bytes(r, text, bytes);
	}
	return rc;
}

/* The list as text becomes a list; every domain in it becomes known. */
static int parse(struct request *r, const char *text, size_t count,
		 struct perms **out)
{
	struct perm *list = calloc(count, sizeof(*list));
	int rc = list ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < count; i++) {
		rc = perm_parse(&list[i], text);
		text += strlen(text) + 1;
	}
	for (size_t i = 0; !rc && i < count; i++)
		if (!domain_know(r->s, list[i].id) &&
		    (i == 0 || errno == ENOMEM))
			rc = -errno;
	if (!rc) {
		*out = perms_new(list, (uint32_t)count, r->s->tree.generation);
		rc = *out ? 0 : -ENOMEM;
	}
	free(list);
	return rc;
}

static int set_special(struct request *r, const char *name,
		       struct perms *perms)
{
	const uint32_t all = PERM_WRITE | PERM_OWNER;
	int which = 0;

	while (which < SPECIALS && strcmp(special_names[which], name))
		which++;
	if (which == SPECIALS ||
	    (store_rights(r->s, r->conn, r->s->special[which]) & all) != all)
		return -EINVAL;
	perms_put(r->s->special[which]);
	r->s->special[which] = perms_get(perms);
	record_special(r->s, (enum special)which);
	return 0;
}

static int set_perms(struct request *r, const char *name, struct perms *perms)
{
	struct seen seen;
	int rc;

	if (name[0] == '@')
		return set_special(r, name, perms);
	rc = access_node(r, name, PERM_WRITE | PERM_OWNER, &seen);
	if (rc)
		return rc;
	if (!conn_privileged(r->conn) &&
	    perms->entry[0].id != seen.perms->entry[0].id)
		return -EPERM;
	return change_perms(r, &seen, perms);
}

int op_set_perms(struct request *r)
{
	struct conn *c = r->conn;
	struct perms *perms = NULL;
	const char *name, *text;
	size_t count = request_count(r);
	int rc = request_strings(r, &name, 1, &text);

	if (rc || count < 2)
		return -EINVAL;
	count--;
	if (!quota_allows(&r->s->quotas, QUOTA_PERMISSIONS, c->id,
			  &c->domain->usage, count))
		return -ENOSPC;
	rc = parse(r, text, count, &perms);
	if (!rc)
		rc = set_perms(r, name, perms);
	perms_put(perms);
	return rc;
}
