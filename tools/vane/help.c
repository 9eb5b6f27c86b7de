/* SPDX-License-Identifier: MIT */
/* help.c - what can be done, told from the rows of commands.def. */
#include <string.h>

#include "vane.h"

void print_usage(FILE *out)
{
	fprintf(out, "usage: vane COMMAND [OPTIONS] [ARGUMENTS]\n\n");
	for (unsigned int i = 0; i < command_count; i++)
		fprintf(out, "  %-12s %s\n", commands[i].name,
			commands[i].help);
	fprintf(out,
		"\nA DOMAIN is a name or an id. `vane help COMMAND` tells more.\n");
}

static bool is_in_group(const struct command *c, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(c->name, word, length) && c->name[length] == ' ';
}

bool print_group(FILE *out, const char *word)
{
	bool any = false;

	for (unsigned int i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		if (!is_in_group(c, word))
			continue;
		if (!any)
			fprintf(out, "usage: vane %s COMMAND [OPTIONS] [ARGUMENTS]\n\n",
				word);
		fprintf(out, "  %-12s %s\n", c->name, c->help);
		any = true;
	}
	return any;
}

int no_such_command(char *const *words, int count)
{
	bool group = false;

	for (unsigned int i = 0; i < command_count; i++)
		group |= is_in_group(&commands[i], words[0]);
	if (group && count == 1) {
		print_group(stderr, words[0]);
		return EXIT_USAGE;
	}
	fprintf(stderr,
		"vane: there is no command \"%s%s%s\"; `vane help` shows all\n",
		words[0], group ? " " : "", group ? words[1] : "");
	return EXIT_REFUSED;
}

/* Paragraphs, in lines of 78 characters. */
static void print_text(FILE *out, const struct command *c)
{
	for (unsigned int i = 0; i < text_count; i++) {
		const char *word = text_rows[i].text;
		size_t column = 0;

		if (strcmp(text_rows[i].command, c->name))
			continue;
		fprintf(out, "\n");
		while (*word) {
			size_t length = strcspn(word, " ");

			if (column && column + 1 + length > 78) {
				fprintf(out, "\n");
				column = 0;
			}
			column += (size_t)fprintf(out, "%s%.*s",
						  column ? " " : "",
						  (int)length, word);
			word += length + (word[length] == ' ');
		}
		fprintf(out, "\n");
	}
}

void print_command_help(FILE *out, const struct command *c)
{
	bool any = false;

	for (unsigned int i = 0; i < option_count; i++)
		any |= !strcmp(option_rows[i].command, c->name);
	fprintf(out, "usage: vane %s%s%s%s\n\n%s.\n", c->name,
		any ? " [OPTIONS]" : "", c->arguments[0] ? " " : "",
		c->arguments, c->help);
	print_text(out, c);
	if (any)
		fprintf(out, "\n");
	for (unsigned int i = 0; i < option_count; i++) {
		const struct option_row *o = &option_rows[i];
		char name[40];

		if (strcmp(o->command, c->name))
			continue;
		snprintf(name, sizeof(name), "%s%s%s", o->name,
			 o->value ? "=" : "", o->value ? o->value : "");
		fprintf(out, "  %c%c, --%-14s %s\n", o->letter ? '-' : ' ',
			o->letter ? o->letter : ' ', name, o->help);
	}
}

int cmd_help(struct vane *v)
{
	const struct command *c;
	int used;

	if (!v->argument_count) {
		print_usage(stdout);
		return EXIT_DONE;
	}
	if (v->argument_count == 1 && print_group(stdout, v->arguments[0]))
		return EXIT_DONE;
	c = command_find(v->arguments, v->argument_count, &used);
	if (!c || used != v->argument_count)
		return no_such_command(v->arguments, v->argument_count);
	print_command_help(stdout, c);
	return EXIT_DONE;
}
