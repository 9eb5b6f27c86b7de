/* SPDX-License-Identifier: MIT */
/* main.c - vane: from a command line to one row of commands.def.
 *
 * Reading order: commands.def, this file, cmd_create.c, libs/life/start.c, then
 * any cmd_*.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/step.h"
#include "vane.h"

int complain(const struct reason *why)
{
	fflush(stdout);
	fprintf(stderr, "vane: %s\n", why->text);
	return EXIT_REFUSED;
}

int need_ctl(struct vane *v)
{
	struct reason why = { 0 };

	if (v->ctl || !ctl_open(&v->ctl, &why))
		return 0;
	return complain(&why);
}

int need_store(struct vane *v)
{
	struct reason why = { 0 };

	if (!v->store)
		v->store = tree_open(&why);
	return v->store ? 0 : complain(&why);
}

void want_store(struct vane *v)
{
	struct reason why = { 0 };

	if (v->store)
		return;
	v->store = tree_open(&why);
	if (!v->store)
		fprintf(stderr, "vane: warning: %s; names are not known\n",
			why.text);
}

int need_domain(struct vane *v, const char *text,
		struct xen_domctl_getdomaininfo *info)
{
	struct reason why = { 0 };
	int rc = need_ctl(v);

	if (rc)
		return rc;
	rc = tree_find(v->ctl, v->store, text, info);
	if (rc == -ENOTCONN) {
		rc = need_store(v);
		if (rc)
			return rc;
		rc = tree_find(v->ctl, v->store, text, info);
	}
	if (rc >= 0)
		return 0;
	if (rc == -ESRCH)
		refuse(&why, rc,
		       "there is no domain \"%s\"; `vane list` shows those there are",
		       text);
	else
		refuse_errno(&why, rc, "cannot ask for domain \"%s\"", text);
	return complain(&why);
}

int need_guest(struct vane *v, const char *text, const char *verb,
	       struct xen_domctl_getdomaininfo *info)
{
	struct reason why = { 0 };
	int rc = need_domain(v, text, info);

	if (rc || info->domain)
		return rc;
	refuse(&why, -EINVAL,
	       "Domain-0 cannot be %s: it is the domain that vane runs in",
	       verb);
	return complain(&why);
}

static int wrong_usage(const struct command *c)
{
	fprintf(stderr, "\n");
	print_command_help(stderr, c);
	return EXIT_USAGE;
}

/* The row of an option of this command, by letter, or by a name that ends
 * where its value may begin; -1 if none. */
static int find_option(const struct command *c, const char *text)
{
	size_t length = strcspn(text + 2, "=");

	for (unsigned int i = 0; i < option_count; i++) {
		const struct option_row *o = &option_rows[i];

		if (strcmp(o->command, c->name))
			continue;
		if (text[1] != '-' ? o->letter == text[1] :
		    strlen(o->name) == length &&
		    !strncmp(o->name, text + 2, length))
			return (int)i;
	}
	return -1;
}

/* A value is the rest of its option's word, or the next word. */
static const char *take_value(const struct vane *v, const struct option_row *o,
			      const char *rest, char ***next)
{
	if (*rest)
		return rest;
	if (**next)
		return *(*next)++;
	fprintf(stderr, "vane: %s: --%s requires a value: %s\n",
		v->command->name, o->name, o->value);
	return NULL;
}

/* `-abVALUE`, `-ab VALUE`, `--name=VALUE` or `--name VALUE`. */
static int take_option(struct vane *v, const char *text, char ***next)
{
	bool is_long = text[1] == '-';
	const char *rest;

	do {
		int i = find_option(v->command, text);

		rest = is_long ? text + 2 + strcspn(text + 2, "=") : text + 2;
		if (i < 0 || (is_long && *rest && !option_rows[i].value)) {
			fprintf(stderr,
				"vane: %s has no option \"%s%.*s\"\n",
				v->command->name, is_long ? "" : "-",
				is_long ? 32 : 1, text + !is_long);
			return -EINVAL;
		}
		v->options[i] = true;
		if (option_rows[i].value) {
			v->values[i] = take_value(v, &option_rows[i],
						  rest + (*rest == '='), next);
			return v->values[i] ? 0 : -EINVAL;
		}
		text++;
	} while (!is_long && text[1]);
	return 0;
}

/* Sorts options out of the arguments, wherever they stand, up to "--". */
static int take_arguments(struct vane *v, char **argv)
{
	bool options_over = false;
	char **next = argv;

	v->arguments = argv;
	while (*next) {
		char *text = *next++;

		if (!options_over && !strcmp(text, "--"))
			options_over = true;
		else if (options_over || text[0] != '-' || !text[1])
			v->arguments[v->argument_count++] = text;
		else if (take_option(v, text, &next))
			return -EINVAL;
	}
	return 0;
}

static int check_count(const struct vane *v)
{
	const struct command *c = v->command;

	if (v->argument_count < c->least) {
		fprintf(stderr, "vane: %s requires at least %d argument%s.\n",
			c->name, c->least, c->least == 1 ? "" : "s");
		return -EINVAL;
	}
	if (v->argument_count > c->most) {
		fprintf(stderr, "vane: %s takes %d argument%s, not %d.\n",
			c->name, c->most, c->most == 1 ? "" : "s",
			v->argument_count);
		return -EINVAL;
	}
	return 0;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct vane v = { 0 };
	int status, used;

	step("parse: program started");
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (asks_for_help(1, argv + 1)) {
		print_usage(stdout);
		return EXIT_DONE;
	}
	v.command = command_find(argv + 1, argc - 1, &used);
	if (!v.command && asks_for_help(argc - 2, argv + 2) &&
	    print_group(stdout, argv[1]))
		return EXIT_DONE;
	if (!v.command)
		return no_such_command(argv + 1, argc - 1);
	if (asks_for_help(argc - 1 - used, argv + 1 + used)) {
		print_command_help(stdout, v.command);
		return EXIT_DONE;
	}
	if (take_arguments(&v, argv + 1 + used) || check_count(&v))
		return wrong_usage(v.command);
	status = v.command->run(&v);
	xs_close(v.store);
	ctl_close(v.ctl);
	if (fflush(stdout) && status == EXIT_DONE) {
		perror("vane: standard output");
		status = EXIT_REFUSED;
	}
	return status;
}
