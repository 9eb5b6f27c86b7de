/* SPDX-License-Identifier: MIT */
/* json.c - writing JSON.
 *
 * Guards: the output is valid JSON whatever is in the strings.
 */
#include "json.h"

#include <inttypes.h>

static void quoted(struct json *j, const char *text)
{
	putc('"', j->out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(j->out, "\\%c", c);
		else if (c < 0x20)
			fprintf(j->out, "\\u%04x", c);
		else
			putc(c, j->out);
	}
	putc('"', j->out);
}

static void begin_member(struct json *j, const char *key)
{
	if (j->depth) {
		if (!j->first)
			putc(',', j->out);
		fprintf(j->out, "\n%*s", j->depth * 4, "");
	}
	j->first = false;
	if (key) {
		quoted(j, key);
		fputs(": ", j->out);
	}
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin_member(j, key);
	putc(bracket, j->out);
	j->depth++;
	j->first = true;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (!j->first)
		fprintf(j->out, "\n%*s", j->depth * 4, "");
	putc(bracket, j->out);
	j->first = false;
	if (!j->depth)
		putc('\n', j->out);
}

void json_string(struct json *j, const char *key, const char *text)
{
	begin_member(j, key);
	quoted(j, text);
}

void json_number(struct json *j, const char *key, uint64_t number)
{
	begin_member(j, key);
	fprintf(j->out, "%llu", (unsigned long long)number);
}

void json_hex(struct json *j, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%#" PRIx64, number);
	json_string(j, key, text);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_member(j, key);
	fputs(value ? "true" : "false", j->out);
}
