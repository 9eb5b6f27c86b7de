/* SPDX-License-Identifier: MIT */
/* config.h - domain files in the syntax of xl.cfg.
 *
 *     # comment
 *     name = "guest"          a string, in " or '; in it \\ \" \' \n \t
 *     memory = 64             a number: decimal, 0x hexadecimal
 *     disk = [ "a", "b" ]     a list of these, over several lines if need be
 *     vcpus = 1; maxmem = 64  `;` ends a setting as a line does
 *     extra = \
 *         "long"              a backslash joins the next line
 *
 * The library keeps settings in order with the place each one comes from, so
 * that every complaint can point at it. A key that is set twice counts the
 * second time. Which keys exist is guest_config.h's business.
 */
#ifndef TOOLS_CONFIG_CONFIG_H
#define TOOLS_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

enum setting_kind {
	SETTING_STRING,
	SETTING_NUMBER,
	SETTING_LIST,
};

struct setting {
	struct setting *next;
	char *key;
	enum setting_kind kind;
	/* a string's text, or a number as it was written; NULL for a list */
	char *text;
	/* a list's atoms */
	char **items;
	size_t item_count;
	/* where it was written; the file's name is borrowed */
	const char *file;
	unsigned int line;
	unsigned int column;
	/* somebody asked for this key */
	bool used;
};

struct config {
	struct setting *first;
	struct setting **tail;
};

void config_init(struct config *config);
void config_free(struct config *config);

/* Adds the settings of a file's text. `file` must outlive the config.
 * -EINVAL with "FILE:LINE:COLUMN: what was expected". */
int config_parse(struct config *config, const char *text, size_t length,
		 const char *file, struct reason *why);

/* Adds one KEY=VALUE of a command line. A value that does not start as a
 * string or a list is taken as it stands, so that quotes are not needed. */
int config_override(struct config *config, const char *argument,
		    struct reason *why);

/* The same for a string that is known to be one. */
int config_set(struct config *config, const char *key, const char *value,
	       struct reason *why);

/* format.c: the settings as a domain file, each key once; free() it. NULL when
 * memory ran out. */
char *config_format(const struct config *config);

/* The setting that counts for this key, marked as used; NULL if none. */
struct setting *config_find(struct config *config, const char *key);

/* The values of a setting. -EINVAL when it is of another kind. */
int setting_string(const struct setting *setting, const char **text,
		   struct reason *why);
int setting_number(const struct setting *setting, uint64_t *number,
		   uint64_t min, uint64_t max, struct reason *why);

#endif
