/* SPDX-License-Identifier: MIT */
/* format.c - settings written as a domain file again.
 *
 * Invariant: reading what is written here gives the same settings; each key is
 * there once, with the value that counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\t')
			fputs("\\t", out);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static void put_setting(FILE *out, const struct setting *s)
{
	fprintf(out, "%s = ", s->key);
	if (s->kind == SETTING_STRING) {
		put_string(out, s->text);
	} else if (s->kind == SETTING_NUMBER) {
		fputs(s->text, out);
	} else {
		fputs("[ ", out);
		for (size_t i = 0; i < s->item_count; i++) {
			put_string(out, s->items[i]);
			fputs(i + 1 < s->item_count ? ", " : " ", out);
		}
		fputc(']', out);
	}
	fputc('\n', out);
}

static bool set_again(const struct setting *s)
{
	for (const struct setting *later = s->next; later; later = later->next)
		if (!strcmp(later->key, s->key))
			return true;
	return false;
}

char *config_format(const struct config *config)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	for (const struct setting *s = config->first; s; s = s->next)
		if (!set_again(s))
			put_setting(out, s);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
