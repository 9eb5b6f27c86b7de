/* SPDX-License-Identifier: MIT */
/* commands.c - the rows of commands.def as tables, and looking things up. */
#include <string.h>

#include "vane.h"

#define OPTION(word, letter, name, value, help)
#define TEXT(word, text)
#define COMMAND(name, word, arguments, least, most, help) \
	{ word, arguments, least, most, help, cmd_##name },
const struct command commands[] = {
#include "commands.def"
};
#undef COMMAND
#undef OPTION

#define COMMAND(name, word, arguments, least, most, help)
#define OPTION(word, letter, name, value, help) \
	{ word, letter, name, value, help },
const struct option_row option_rows[] = {
#include "commands.def"
};
#undef COMMAND
#undef OPTION
#undef TEXT

#define COMMAND(name, word, arguments, least, most, help)
#define OPTION(word, letter, name, value, help)
#define TEXT(word, text) { word, text },
const struct text_row text_rows[] = {
#include "commands.def"
};
#undef COMMAND
#undef OPTION

const unsigned int command_count = sizeof(commands) / sizeof(commands[0]);
const unsigned int option_count =
	sizeof(option_rows) / sizeof(option_rows[0]);
const unsigned int text_count = sizeof(text_rows) / sizeof(text_rows[0]);

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) <= OPTIONS_MAX,
	       "a place for each option");

const struct command *command_find(char *const *words, int count, int *used)
{
	const char *first = words[0];

	/* xl's name for it; the rows have one name each */
	if (!strcmp(first, "sched-credit2"))
		first = "sched";
	for (unsigned int i = 0; i < command_count; i++) {
		const char *name = commands[i].name;
		size_t length = strlen(first);

		if (strncmp(name, first, length))
			continue;
		*used = name[length] == ' ' ? 2 : 1;
		if (!name[length] || (*used == 2 && count > 1 &&
				      !strcmp(&name[length + 1], words[1])))
			return &commands[i];
	}
	return NULL;
}

static int find(const struct vane *v, const char *name)
{
	for (unsigned int i = 0; i < option_count; i++)
		if (!strcmp(option_rows[i].command, v->command->name) &&
		    !strcmp(option_rows[i].name, name))
			return (int)i;
	return -1;
}

bool option_given(const struct vane *v, const char *name)
{
	int i = find(v, name);

	return i >= 0 && v->options[i];
}

const char *option_value(const struct vane *v, const char *name)
{
	return option_given(v, name) ? v->values[find(v, name)] : NULL;
}
