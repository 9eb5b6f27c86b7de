/* SPDX-License-Identifier: MIT */
/* vane.h - what every command of vane can use.
 *
 * Exit codes are xl's: EXIT_REFUSED when something was refused or is not
 * there, EXIT_USAGE for a wrong command line, EXIT_NO_DOMAIN when a domain
 * could not be made.
 */
#ifndef VANE_VANE_H
#define VANE_VANE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/reason.h"
#include "ctl/ctl.h"
#include "tree/tree.h"

enum {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_DOMAIN = 3,
};

#define OPTIONS_MAX 128

struct vane {
	/* what the person typed, options taken out */
	const struct command *command;
	char **arguments;
	int argument_count;
	/* option n of option_rows was given; with which value */
	bool options[OPTIONS_MAX];
	const char *values[OPTIONS_MAX];
	/* opened at first use */
	struct ctl *ctl;
	struct xs_handle *store;
};

/* One row of commands.def. */
struct command {
	const char *name;
	const char *arguments;
	int least;
	int most;
	const char *help;
	int (*run)(struct vane *v);
};

struct option_row {
	const char *command;
	char letter;
	const char *name;
	/* what the value is called in help, or NULL */
	const char *value;
	const char *help;
};

/* What there is to say about a command beyond its one line. */
struct text_row {
	const char *command;
	const char *text;
};

extern const struct command commands[];
extern const unsigned int command_count;
extern const struct option_row option_rows[];
extern const unsigned int option_count;
extern const struct text_row text_rows[];
extern const unsigned int text_count;

/* The command that these words begin with: one word ("list") or two ("store
 * ls"), *used of them. NULL if there is none. */
const struct command *command_find(char *const *words, int count, int *used);

/* True if the option with that long name was given. */
bool option_given(const struct vane *v, const char *name);

/* The value it was given with, or NULL. */
const char *option_value(const struct vane *v, const char *name);

/* help.c */
void print_usage(FILE *out);
void print_command_help(FILE *out, const struct command *command);
/* The commands of two words of which this is the first; false if none. */
bool print_group(FILE *out, const char *word);
/* Complains that these words are no command; the exit code for that. */
int no_such_command(char *const *words, int count);

/* Prints "vane: SENTENCE" and returns EXIT_REFUSED. */
int complain(const struct reason *why);

/* Opens the handle; 0, or EXIT_REFUSED with the complaint printed. */
int need_ctl(struct vane *v);

int need_store(struct vane *v);

/* Opens the store for the sake of names. Without it they are not known, which
 * a warning says, and all else goes on. */
void want_store(struct vane *v);

/* Finds the domain by name or id. EXIT_REFUSED with the complaint printed if
 * there is none. Opens the handle, and for a name the store. */
int need_domain(struct vane *v, const char *text,
		struct xen_domctl_getdomaininfo *info);

/* The same for a domain that is not the first: that one cannot be VERB. */
int need_guest(struct vane *v, const char *text, const char *verb,
	       struct xen_domctl_getdomaininfo *info);

#define COMMAND(name, word, arguments, least, most, help) \
	int cmd_##name(struct vane *v);
#define OPTION(word, letter, name, value, help)
#define TEXT(word, text)
#include "commands.def"
#undef COMMAND
#undef OPTION
#undef TEXT

#endif
