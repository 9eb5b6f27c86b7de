/* SPDX-License-Identifier: MIT */
/* lexer.c - cutting a domain file into words, with the place of each. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config/lexer.h"

void lexer_init(struct lexer *lx, const char *text, size_t length)
{
	lx->at = text;
	lx->end = text + length;
	lx->line_start = text;
	lx->line = 1;
}

const char *token_name(enum token_kind kind)
{
	static const char *const names[] = {
		[TOKEN_END] = "the end of the file",
		[TOKEN_NEWLINE] = "the end of the line",
		[TOKEN_WORD] = "a word",
		[TOKEN_NUMBER] = "a number",
		[TOKEN_STRING] = "a string",
		[TOKEN_EQUALS] = "'='",
		[TOKEN_OPEN] = "'['",
		[TOKEN_CLOSE] = "']'",
		[TOKEN_COMMA] = "','",
		[TOKEN_BAD] = "an unreadable character",
	};

	return names[kind];
}

static void next_line(struct lexer *lx)
{
	lx->line++;
	lx->line_start = lx->at;
}

/* Blanks, comments, and a backslash at the end of a line. */
static void skip_blanks(struct lexer *lx)
{
	while (lx->at < lx->end) {
		if (*lx->at == ' ' || *lx->at == '\t' || *lx->at == '\r') {
			lx->at++;
		} else if (*lx->at == '#') {
			while (lx->at < lx->end && *lx->at != '\n')
				lx->at++;
		} else if (*lx->at == '\\' && lx->at + 1 < lx->end &&
			   lx->at[1] == '\n') {
			lx->at += 2;
			next_line(lx);
		} else {
			return;
		}
	}
}

static struct token bad(struct token t, const char *complaint)
{
	t.kind = TOKEN_BAD;
	t.complaint = complaint;
	return t;
}

/* A character after a backslash in a string, undone; '\0' for those that mean
 * nothing there. */
static char unescaped(char c)
{
	switch (c) {
	case '\\':
	case '"':
	case '\'':
		return c;
	case 'n':
		return '\n';
	case 't':
		return '\t';
	default:
		return '\0';
	}
}

char *string_value(const struct token *t)
{
	char *value = malloc(t->length + 1);
	size_t length = 0;

	for (size_t i = 0; value && i < t->length; i++) {
		char c = t->text[i];

		if (c == '\\' && t->kind == TOKEN_STRING)
			c = unescaped(t->text[++i]);
		value[length++] = c;
	}
	if (value)
		value[length] = '\0';
	return value;
}

static struct token string(struct lexer *lx, struct token t)
{
	char quote = *lx->at++;

	t.kind = TOKEN_STRING;
	t.text = lx->at;
	while (lx->at < lx->end && *lx->at != quote && *lx->at != '\n') {
		if (!*lx->at)
			return bad(t, "this string has a zero byte in it");
		if (*lx->at == '\\' &&
		    (++lx->at == lx->end || !unescaped(*lx->at)))
			return bad(t, "in this string a backslash stands before something else than \\ \" ' n t");
		lx->at++;
	}
	t.length = (size_t)(lx->at - t.text);
	if (lx->at == lx->end || *lx->at == '\n')
		return bad(t, "this string has no closing quote on its line");
	lx->at++;
	return t;
}

static int is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static struct token word(struct lexer *lx, struct token t)
{
	t.kind = isdigit((unsigned char)*lx->at) ? TOKEN_NUMBER : TOKEN_WORD;
	t.text = lx->at;
	while (lx->at < lx->end && is_word(*lx->at))
		lx->at++;
	t.length = (size_t)(lx->at - t.text);
	return t;
}

struct token lexer_next(struct lexer *lx)
{
	static const struct {
		char character;
		enum token_kind kind;
	} marks[] = {
		{ '\n', TOKEN_NEWLINE }, { ';', TOKEN_NEWLINE },
		{ '=', TOKEN_EQUALS },	 { '[', TOKEN_OPEN },
		{ ']', TOKEN_CLOSE },	 { ',', TOKEN_COMMA },
	};
	struct token t = { .kind = TOKEN_END };

	skip_blanks(lx);
	t.text = lx->at;
	t.line = lx->line;
	t.column = (unsigned int)(lx->at - lx->line_start) + 1;
	if (lx->at == lx->end)
		return t;
	if (*lx->at == '"' || *lx->at == '\'')
		return string(lx, t);
	if (is_word(*lx->at))
		return word(lx, t);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (marks[i].character != *lx->at)
			continue;
		t.kind = marks[i].kind;
		t.length = 1;
		if (*lx->at++ == '\n')
			next_line(lx);
		return t;
	}
	lx->at++;
	return bad(t, "this character has no meaning here");
}
