/* SPDX-License-Identifier: MIT */
/* cmd_console.c - vane console. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "kept_log.h"
#include "terminal.h"
#include "vane.h"

/* A guest that is gone has left its words behind. */
static int console_of_the_gone(struct vane *v, struct reason *why)
{
	const char *name = v->arguments[0];
	char path[PATH_ROOM];
	int rc;

	if (kept_log_find(name, path))
		return refuse(why, -ESRCH,
			      "there is no domain \"%s\"; `vane list` shows those there are",
			      name);
	if (!option_given(v, "show"))
		return refuse(why, -ESRCH,
			      "there is no domain \"%s\" any more; `vane console --show %s` prints what is kept of its output",
			      name, name);
	fprintf(stderr, "vane: \"%s\" is gone; this is %s\n", name, path);
	rc = kept_log_print(path, stdout);
	return rc ? refuse_errno(why, rc, "cannot read %s", path) : 0;
}

/* "^X", or the character itself. */
static int read_key(const char *text, char *key, struct reason *why)
{
	*key = DETACH_KEY;
	if (!text)
		return 0;
	if (text[0] == '^' && text[1] && !text[2] &&
	    toupper((unsigned char)text[1]) >= '@' &&
	    toupper((unsigned char)text[1]) <= '_')
		*key = (char)(toupper((unsigned char)text[1]) - '@');
	else if (text[0] && !text[1])
		*key = text[0];
	else
		return refuse(why, -EINVAL,
			      "\"%s\" is no key: one character, or ^ and one",
			      text);
	return 0;
}

/* xl's options choose among consoles; a PV guest has one. */
static int check_choice(const struct vane *v, struct reason *why)
{
	const char *type = option_value(v, "type");
	const char *number = option_value(v, "num");

	if (type && strcmp(type, "pv"))
		return refuse(why, -EOPNOTSUPP,
			      "a PV guest has no console of the type \"%s\", only \"pv\"",
			      type);
	if (number && strcmp(number, "0"))
		return refuse(why, -EOPNOTSUPP,
			      "there is no console %s: a guest has one, with the number 0",
			      number);
	return 0;
}

int cmd_console(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 }, no_store = { 0 };
	char key;
	int rc;

	if (check_choice(v, &why) ||
	    read_key(option_value(v, "escape"), &key, &why))
		return complain(&why);
	rc = need_ctl(v);
	if (rc)
		return rc;
	/* what is kept of a guest's output is found without the store */
	if (!v->store)
		v->store = tree_open(&no_store);
	rc = tree_find(v->ctl, v->store, v->arguments[0], &info);
	if (rc == -ENOTCONN && !option_given(v, "show"))
		return complain(&no_store);
	if (rc == -ESRCH || rc == -ENOTCONN)
		rc = console_of_the_gone(v, &why);
	else if (rc < 0)
		rc = refuse_errno(&why, rc, "cannot ask for domain \"%s\"",
				  v->arguments[0]);
	else if (info.domain == 0)
		rc = refuse(&why, -EINVAL,
			    "Domain-0 has the machine's own console");
	else if (option_given(v, "show"))
		rc = terminal_show(info.domain, &why);
	else
		rc = terminal_attach(info.domain, key, &why);
	return rc ? complain(&why) : EXIT_DONE;
}
