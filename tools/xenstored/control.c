/* SPDX-License-Identifier: MIT */
/* control.c - the requests of whoever looks after the store: its limits, what
 * domains have of them, whether it is sound. Words and answers are those of
 * Xen's daemon. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "record.h"
#include "request.h"
#include "store.h"

struct words {
	const char *list[4];
	size_t count;
};

static int control_help(struct request *r, const struct words *w);

/* Every node is found by its path, names the node above as its parent, and is
 * counted once. */
static bool in_place(const struct tree *t, const struct node *n)
{
	size_t up = path_up(n->path, n->path_length);

	return tree_find(t, n->path, n->path_length) == n &&
	       n->parent == (up ? tree_find(t, n->path, up) : NULL) &&
	       (n->parent || n == t->root);
}

static int control_check(struct request *r, const struct words *w)
{
	const struct tree *t = &r->s->tree;
	size_t count = 0;

	for (const struct node *n = t->first_made; n; n = n->next_made) {
		count++;
		if (!in_place(t, n)) {
			log_line("check: %s is not where it belongs", n->path);
			return -EIO;
		}
	}
	return count == t->count ? 0 : -EIO;
}

/* Debian's daemon turns its record of all requests on and off by this; ours
 * keeps none, and only answers as Debian's does. */
static int control_log(struct request *r, const struct words *w)
{
	if (w->count != 1 || (strcmp(w->list[0], "on") &&
			      strcmp(w->list[0], "off")))
		return -EINVAL;
	return 0;
}

static int control_print(struct request *r, const struct words *w)
{
	if (w->count != 1)
		return -EINVAL;
	log_line("control: %s", w->list[0]);
	return 0;
}

static int show_limits(struct request *r)
{
	int rc = answer_text(r, "Quota settings:\n");

	for (int i = 0; !rc && i < QUOTAS; i++)
		rc = answer_text(r, "%-17s: %8u %s\n",
				 quota_name((enum quota)i),
				 r->s->quotas.limit[i],
				 quota_what((enum quota)i));
	return rc ? rc : answer_bytes(r, "", 1);
}

static int show_usage(struct request *r, const char *text)
{
	char *end;
	unsigned long id = strtoul(text, &end, 10);
	const struct domain *d = domain_find(r->s, (uint32_t)id);
	int rc;

	if (*end || end == text)
		return -EINVAL;
	if (!d)
		return -ENOENT;
	rc = answer_text(r, "Domain %lu:\n"
			 "nodes           : %8u\n"
			 "watches         : %8u\n"
			 "transactions    : %8u\n"
			 "outstanding     : %8u\n"
			 "memory          : %8llu\n", id, d->usage.nodes,
			 d->usage.watches, d->usage.transactions,
			 d->usage.outstanding,
			 (unsigned long long)d->usage.memory);
	return rc ? rc : answer_bytes(r, "", 1);
}

static int parse_limit(const char *text, uint32_t *out)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || text[0] == '-' || value > INT32_MAX)
		return -EINVAL;
	*out = (uint32_t)value;
	return 0;
}

static int control_quota(struct request *r, const struct words *w)
{
	enum quota quota;
	int rc;

	if (!w->count)
		return show_limits(r);
	if (w->count == 1)
		return show_usage(r, w->list[0]);
	if (w->count != 3 || strcmp(w->list[0], "set"))
		return -EINVAL;
	quota = quota_find(w->list[1]);
	if (quota == QUOTAS)
		return -EINVAL;
	rc = parse_limit(w->list[2], &r->s->quotas.limit[quota]);
	if (!rc)
		record_quotas(r->s);
	return rc;
}

static int control_quota_soft(struct request *r, const struct words *w)
{
	int rc;

	if (!w->count) {
		rc = answer_text(r, "Quota settings:\n"
				 "%-17s: %8u %s\n", "memory",
				 r->s->quotas.soft_memory,
				 "Total Xenstore memory per domain (warning level)");
		return rc ? rc : answer_bytes(r, "", 1);
	}
	if (w->count != 3 || strcmp(w->list[0], "set") ||
	    strcmp(w->list[1], "memory"))
		return -EINVAL;
	rc = parse_limit(w->list[2], &r->s->quotas.soft_memory);
	if (!rc)
		record_quotas(r->s);
	return rc;
}

static const struct {
	const char *name;
	const char *arguments;
	int (*serve)(struct request *r, const struct words *w);
} commands[] = {
	{ "check", "", control_check },
	{ "log", "on|off", control_log },
	{ "print", "<string>", control_print },
	{ "quota", "[set <name> <val>|<domid>]", control_quota },
	{ "quota-soft", "[set <name> <val>]", control_quota_soft },
	{ "help", "", control_help },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int control_help(struct request *r, const struct words *w)
{
	int rc = w->count ? -EINVAL : 0;

	for (size_t i = 0; !rc && i < COMMANDS; i++)
		rc = answer_text(r, "%s\t%s\n", commands[i].name,
				 commands[i].arguments);
	return rc ? rc : answer_bytes(r, "", 1);
}

int op_control(struct request *r)
{
	struct words w = { .count = request_count(r) };
	const char *name, *rest;
	int rc = request_strings(r, &name, 1, &rest);

	if (rc || w.count > 4)
		return -EINVAL;
	w.count--;
	for (size_t i = 0; i < w.count; i++) {
		w.list[i] = rest;
		rest += strlen(rest) + 1;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return commands[i].serve(r, &w);
	return -EINVAL;
}
