/* SPDX-License-Identifier: MIT */
/* lexer.h - the words of a domain file. For libs/config only. */
#ifndef TOOLS_CONFIG_LEXER_H
#define TOOLS_CONFIG_LEXER_H

#include <stddef.h>

enum token_kind {
	TOKEN_END,
	TOKEN_NEWLINE,	/* end of line, or ';' */
	TOKEN_WORD,	/* a key */
	TOKEN_NUMBER,
	TOKEN_STRING,
	TOKEN_EQUALS,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_BAD,	/* `complaint` says why */
};

struct token {
	enum token_kind kind;
	/* a string's stands without its quotes; not NUL-terminated */
	const char *text;
	size_t length;
	unsigned int line;
	unsigned int column;
	const char *complaint;
};

struct lexer {
	const char *at;
	const char *end;
	const char *line_start;
	unsigned int line;
};

void lexer_init(struct lexer *lexer, const char *text, size_t length);
struct token lexer_next(struct lexer *lexer);

/* The text with the backslashes of a string undone, allocated; NULL when out
 * of memory. */
char *string_value(const struct token *token);

/* What a token of this kind is called in a message. */
const char *token_name(enum token_kind kind);

#endif
