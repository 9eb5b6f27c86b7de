/* SPDX-License-Identifier: MIT */
/* config.c - from words to settings, and from settings to values.
 *
 * Guards: a complaint always names file, line and column.
 * Not here: which keys exist (guest_config.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/lexer.h"

struct parser {
	struct lexer lexer;
	/* the word looked at, not yet taken */
	struct token token;
	const char *file;
	struct reason *why;
};

void config_init(struct config *config)
{
	config->first = NULL;
	config->tail = &config->first;
}

static void setting_free(struct setting *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->item_count; i++)
		free(s->items[i]);
	free(s->items);
	free(s->text);
	free(s->key);
	free(s);
}

void config_free(struct config *config)
{
	while (config->first) {
		struct setting *s = config->first;

		config->first = s->next;
		setting_free(s);
	}
	config_init(config);
}

static void advance(struct parser *p)
{
	p->token = lexer_next(&p->lexer);
}

static int expected(struct parser *p, const char *what)
{
	const struct token *t = &p->token;

	if (t->kind == TOKEN_BAD)
		return refuse(p->why, -EINVAL, "%s:%u:%u: %s", p->file,
			      t->line, t->column, t->complaint);
	if (t->kind == TOKEN_WORD || t->kind == TOKEN_NUMBER)
		return refuse(p->why, -EINVAL,
			      "%s:%u:%u: expected %s, found \"%.*s\"", p->file,
			      t->line, t->column, what, (int)t->length,
			      t->text);
	return refuse(p->why, -EINVAL, "%s:%u:%u: expected %s, found %s",
		      p->file, t->line, t->column, what,
		      token_name(t->kind));
}

static bool is_number(const struct token *t)
{
	char text[32];
	char *end;

	if (t->length >= sizeof(text))
		return false;
	memcpy(text, t->text, t->length);
	text[t->length] = '\0';
	errno = 0;
	strtoull(text, &end, 0);
	return !*end && !errno;
}

/* A string or a number, copied; NULL with the complaint made. */
static char *take_atom(struct parser *p, const char *what)
{
	char *text;

	if (p->token.kind != TOKEN_STRING && p->token.kind != TOKEN_NUMBER) {
		expected(p, what);
		return NULL;
	}
	if (p->token.kind == TOKEN_NUMBER && !is_number(&p->token)) {
		expected(p, "a number of 64 bits (or quotes around a string)");
		return NULL;
	}
	text = string_value(&p->token);
	if (!text)
		refuse(p->why, -ENOMEM, "out of memory");
	else
		advance(p);
	return text;
}

static void skip_newlines(struct parser *p)
{
	while (p->token.kind == TOKEN_NEWLINE)
		advance(p);
}

static int take_list(struct parser *p, struct setting *s)
{
	s->kind = SETTING_LIST;
	advance(p);
	skip_newlines(p);
	while (p->token.kind != TOKEN_CLOSE) {
		char **items = realloc(s->items,
				       (s->item_count + 1) * sizeof(*items));

		if (!items)
			return refuse(p->why, -ENOMEM, "out of memory");
		s->items = items;
		items[s->item_count] =
			take_atom(p, "a string, a number or ']'");
		if (!items[s->item_count])
			return -EINVAL;
		s->item_count++;
		skip_newlines(p);
		if (p->token.kind != TOKEN_COMMA)
			break;
		advance(p);
		skip_newlines(p);
	}
	if (p->token.kind != TOKEN_CLOSE)
		return expected(p, "',' or ']'");
	advance(p);
	return 0;
}

static int take_value(struct parser *p, struct setting *s)
{
	if (p->token.kind == TOKEN_OPEN)
		return take_list(p, s);
	s->kind = p->token.kind == TOKEN_STRING ? SETTING_STRING :
						  SETTING_NUMBER;
	s->text = take_atom(p, "a string in quotes, a number or a list");
	return s->text ? 0 : -EINVAL;
}

static struct setting *setting_new(const char *key, size_t length)
{
	struct setting *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->key = strndup(key, length);
	if (!s->key) {
		free(s);
		return NULL;
	}
	return s;
}

static void append(struct config *config, struct setting *s)
{
	*config->tail = s;
	config->tail = &s->next;
}

static int take_setting(struct parser *p, struct config *config)
{
	struct setting *s;
	int rc;

	if (p->token.kind != TOKEN_WORD)
		return expected(p, "a key");
	s = setting_new(p->token.text, p->token.length);
	if (!s)
		return refuse(p->why, -ENOMEM, "out of memory");
	s->file = p->file;
	s->line = p->token.line;
	s->column = p->token.column;
	advance(p);
	if (p->token.kind != TOKEN_EQUALS) {
		rc = expected(p, "'='");
		goto out;
	}
	advance(p);
	rc = take_value(p, s);
	if (rc)
		goto out;
	if (p->token.kind != TOKEN_NEWLINE && p->token.kind != TOKEN_END)
		rc = expected(p, "the end of the line");
out:
	if (rc)
		setting_free(s);
	else
		append(config, s);
	return rc;
}

int config_parse(struct config *config, const char *text, size_t length,
		 const char *file, struct reason *why)
{
	struct parser p = { .file = file, .why = why };
	int rc = 0;

	lexer_init(&p.lexer, text, length);
	advance(&p);
	while (!rc) {
		skip_newlines(&p);
		if (p.token.kind == TOKEN_END)
			break;
		rc = take_setting(&p, config);
	}
	return rc;
}

static int add_string(struct config *config, const char *key, size_t length,
		      const char *value, const char *place, struct reason *why)
{
	struct setting *s = setting_new(key, length);

	if (!s)
		return refuse(why, -ENOMEM, "out of memory");
	s->kind = SETTING_STRING;
	s->file = place;
	s->line = 1;
	s->column = 1;
	s->text = strdup(value);
	if (!s->text) {
		setting_free(s);
		return refuse(why, -ENOMEM, "out of memory");
	}
	append(config, s);
	return 0;
}

int config_override(struct config *config, const char *argument,
		    struct reason *why)
{
	static const char place[] = "command line";
	const char *value = strchr(argument, '=');

	if (!value || value == argument)
		return refuse(why, -EINVAL,
			      "%s: expected KEY=VALUE, found \"%s\"", place,
			      argument);
	value++;
	if (*value == '"' || *value == '\'' || *value == '[')
		return config_parse(config, argument, strlen(argument), place,
				    why);
	return add_string(config, argument, (size_t)(value - 1 - argument),
			  value, place, why);
}

int config_set(struct config *config, const char *key, const char *value,
	       struct reason *why)
{
	return add_string(config, key, strlen(key), value, "here", why);
}

struct setting *config_find(struct config *config, const char *key)
{
	struct setting *found = NULL;

	for (struct setting *s = config->first; s; s = s->next) {
		if (strcmp(s->key, key))
			continue;
		s->used = true;
		found = s;
	}
	return found;
}

static int wrong_kind(const struct setting *s, const char *what,
		      struct reason *why)
{
	return refuse(why, -EINVAL, "%s:%u:%u: %s= takes %s, not %s%s%s",
		      s->file, s->line, s->column, s->key, what,
		      s->text ? "\"" : "", s->text ? s->text : "a list",
		      s->text ? "\"" : "");
}

int setting_string(const struct setting *s, const char **text,
		   struct reason *why)
{
	if (s->kind != SETTING_STRING)
		return wrong_kind(s, "a string in quotes", why);
	*text = s->text;
	return 0;
}

int setting_number(const struct setting *s, uint64_t *number, uint64_t min,
		   uint64_t max, struct reason *why)
{
	char *end;

	if (s->kind == SETTING_LIST)
		return wrong_kind(s, "a number", why);
	errno = 0;
	*number = strtoull(s->text, &end, 0);
	if (end == s->text || *end || errno || s->text[0] == '-')
		return wrong_kind(s, "a number", why);
	if (*number < min || *number > max)
		return refuse(why, -ERANGE,
			      "%s:%u:%u: %s=%s is out of range: %llu to %llu",
			      s->file, s->line, s->column, s->key, s->text,
			      (unsigned long long)min, (unsigned long long)max);
	return 0;
}
