/* SPDX-License-Identifier: MIT */
/* docs.c - the manual pages and the shell completion, made from the rows that
 * vane itself obeys (commands.def, keys.def).
 *
 * It runs at build time: docs man1 | man5 | completion, on standard output.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct command_row {
	const char *word, *arguments, *help;
};

struct option_row {
	const char *word;
	char letter;
	const char *name, *value, *help;
};

struct text_row {
	const char *word, *text;
};

struct key_row {
	const char *name, *value, *help;
};

#define COMMAND(name, word, arguments, least, most, help) \
	{ word, arguments, help },
#define OPTION(word, letter, name, value, help)
#define TEXT(word, text)
static const struct command_row commands[] = {
#include "commands.def"
};
#undef COMMAND
#undef OPTION
#undef TEXT

#define COMMAND(name, word, arguments, least, most, help)
#define OPTION(word, letter, name, value, help) \
	{ word, letter, name, value, help },
#define TEXT(word, text)
static const struct option_row options[] = {
#include "commands.def"
};
#undef OPTION
#undef TEXT

#define OPTION(word, letter, name, value, help)
#define TEXT(word, text) { word, text },
static const struct text_row texts[] = {
#include "commands.def"
};
#undef COMMAND
#undef OPTION
#undef TEXT

#define KEY(name, value, help) { name, value, help },
static const struct key_row keys[] = {
#include "config/keys.def"
};
#undef KEY

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Text as troff takes it: no line begins with a control character, a dash is
 * a dash. */
static void put(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
}

static void paragraph(const char *text)
{
	printf(".PP\n");
	put(text);
	printf("\n");
}

static void heading(const char *name, const char *section, const char *what)
{
	printf(".\\\" SPDX-License-Identifier: MIT\n");
	printf(".\\\" Made by tools/vane/docs/docs.c; change the rows it reads.\n");
	printf(".TH %s %s \"\" \"Paravane %s\" \"Paravane\"\n", name, section,
	       VANE_VERSION);
	printf(".SH NAME\n");
	put(what);
	printf("\n");
}

static void put_option(const struct option_row *o)
{
	printf(".TP\n");
	if (o->letter)
		printf("\\fB\\-%c\\fR, ", o->letter);
	printf("\\fB\\-\\-");
	put(o->name);
	printf("\\fR");
	if (o->value) {
		printf("=\\fI");
		put(o->value);
		printf("\\fR");
	}
	printf("\n");
	put(o->help);
	printf(".\n");
}

static void put_command(const struct command_row *c)
{
	int any = 0;

	for (size_t i = 0; i < COUNT(options); i++)
		any |= !strcmp(options[i].word, c->word);
	printf(".SS \"");
	put(c->word);
	printf("\"\n.B vane ");
	put(c->word);
	printf("\n%s", any ? "[OPTIONS]\n" : "");
	if (c->arguments[0]) {
		put(c->arguments);
		printf("\n");
	}
	printf(".PP\n");
	put(c->help);
	printf(".\n");
	for (size_t i = 0; i < COUNT(texts); i++)
		if (!strcmp(texts[i].word, c->word))
			paragraph(texts[i].text);
	for (size_t i = 0; i < COUNT(options); i++)
		if (!strcmp(options[i].word, c->word))
			put_option(&options[i]);
}

static void man1(void)
{
	heading("VANE", "1", "vane - make, show, steer and end domains");
	printf(".SH SYNOPSIS\n.B vane\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n");
	printf(".SH DESCRIPTION\n");
	put("vane runs in the control domain. Its commands, options, domain files "
	    "and exit codes follow xl(1). A DOMAIN is a name or an id. Options may "
	    "stand anywhere behind the command, up to \"--\".");
	printf("\n.SH COMMANDS\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		put_command(&commands[i]);
	printf(".SH EXIT STATUS\n");
	printf(".TP\n0\nDone.\n");
	printf(".TP\n1\nSomething was refused, or is not there; standard error says what, by which rule, and what to do.\n");
	printf(".TP\n2\nThe command line was wrong.\n");
	printf(".TP\n3\nThe domain could not be made; nothing is left of it.\n");
	printf(".SH FILES\n");
	printf(".TP\n/run/vane\nSockets of the daemons, and domains that are to be made again.\n");
	printf(".TP\n/var/log/vane\nguest\\-NAME.log: the output of each guest; monitord.log: what became of domains.\n");
	printf(".SH ENVIRONMENT\n");
	printf(".TP\nVANE_RUN_DIR, VANE_LOG_DIR\nUsed in place of these two folders.\n");
	printf(".TP\nXENSTORED_PATH, XENSTORED_RUNDIR\nWhere the store daemon's socket is.\n");
	printf(".SH SEE ALSO\n.BR vane.cfg (5)\n");
}

static void man5(void)
{
	static const char *const actions[][2] = {
		{ "destroy", "it goes, with its memory" },
		{ "restart", "it goes, and is made again from the same settings" },
		{ "rename-restart", "it stays, shut down and under another name, and "
				    "is made again beside that" },
		{ "preserve", "it stays as it is, shut down" },
		{ "coredump-destroy", "its memory is written to a file in "
				      "/var/log/vane, then as destroy" },
		{ "coredump-restart", "its memory is written there, then as "
				      "restart" },
	};

	heading("VANE.CFG", "5", "vane.cfg - domain files");
	printf(".SH DESCRIPTION\n");
	put("A domain file has one setting a line, KEY = VALUE, in the syntax of "
	    "xl.cfg(5). A value is a string in quotes (single or double; in it "
	    "\\\\, \\\", \\', \\n and \\t), a number (decimal, or hexadecimal "
	    "behind 0x), or a list of these in brackets, which may go over several "
	    "lines. A comment begins with #; a semicolon ends a setting as a line "
	    "does; a backslash at its end joins the next line. Of a key that is set "
	    "twice, the last value counts. A key that is not listed here is named "
	    "in a warning and ignored.");
	printf("\n.SH KEYS\n");
	for (size_t i = 0; i < COUNT(keys); i++) {
		printf(".TP\n\\fB");
		put(keys[i].name);
		printf("\\fR = \\fI");
		put(keys[i].value);
		printf("\\fR\n");
		put(keys[i].help);
		printf("\n");
	}
	printf(".SH ACTIONS\n");
	for (size_t i = 0; i < COUNT(actions); i++) {
		printf(".TP\n\\fB");
		put(actions[i][0]);
		printf("\\fR\n");
		put(actions[i][1]);
		printf(".\n");
	}
	printf(".SH EXAMPLE\n.nf\nname = \"guest\"\nkernel = \"/boot/pvguest\"\nmemory = 64\nextra = \"verbose\"\non_crash = \"coredump\\-restart\"\n.fi\n");
	printf(".SH SEE ALSO\n.BR vane (1)\n");
}

/* "store ls" completes in two goes. */
static void first_words(void)
{
	const char *last = "";

	for (size_t i = 0; i < COUNT(commands); i++) {
		size_t length = strcspn(commands[i].word, " ");

		if (strlen(last) == length &&
		    !strncmp(last, commands[i].word, length))
			continue;
		printf(" %.*s", (int)length, commands[i].word);
		last = commands[i].word[length] ? "store" : commands[i].word;
	}
}

static void second_words(const char *first)
{
	size_t length = strlen(first);

	for (size_t i = 0; i < COUNT(commands); i++)
		if (!strncmp(commands[i].word, first, length) &&
		    commands[i].word[length] == ' ')
			printf(" %s", commands[i].word + length + 1);
}

/* What may follow a command besides options. */
static const char *completes(const struct command_row *c)
{
	if (strstr(c->arguments, "FILE"))
		return "files";
	if (strstr(c->arguments, "DOMAIN"))
		return "domains";
	if (strstr(c->arguments, "COMMAND"))
		return "commands";
	return "nothing";
}

static void completion(void)
{
	printf("# SPDX-License-Identifier: MIT\n");
	printf("# Made by tools/vane/docs/docs.c; change the rows it reads.\n\n");
	printf("_vane() {\n");
	printf("\tlocal word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} at=2\n");
	printf("\tlocal commands=\"");
	first_words();
	printf("\"\n\tlocal store=\"");
	second_words("store");
	printf("\"\n\tlocal options= what=nothing words=\n");
	printf("\tCOMPREPLY=()\n");
	printf("\tif [ \"$COMP_CWORD\" = 1 ]; then\n");
	printf("\t\tCOMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n");
	printf("\t\treturn\n\tfi\n");
	printf("\tif [ \"$command\" = store ]; then\n");
	printf("\t\tif [ \"$COMP_CWORD\" = 2 ]; then\n");
	printf("\t\t\tCOMPREPLY=($(compgen -W \"$store\" -- \"$word\"))\n");
	printf("\t\t\treturn\n\t\tfi\n");
	printf("\t\tcommand=\"store ${COMP_WORDS[2]}\" at=3\n\tfi\n");
	printf("\tcase $command in\n");
	for (size_t i = 0; i < COUNT(commands); i++) {
		const char *word = commands[i].word;

		printf("\t\"%s\") what=%s options=\"", word,
		       completes(&commands[i]));
		for (size_t j = 0; j < COUNT(options); j++) {
			if (strcmp(options[j].word, word))
				continue;
			if (options[j].letter)
				printf(" -%c", options[j].letter);
			printf(" --%s%s", options[j].name,
			       options[j].value ? "=" : "");
		}
		printf(" --help\" ;;\n");
	}
	printf("\tesac\n");
	printf("\tcase $what in\n");
	printf("\tdomains) words=$(vane list 2>/dev/null | sed -n '2,$s/ .*//p') ;;\n");
	printf("\tcommands) words=$commands ;;\n");
	printf("\tfiles) [ \"$COMP_CWORD\" = \"$at\" ] || words=\"");
	for (size_t i = 0; i < COUNT(keys); i++)
		printf(" %s=", keys[i].name);
	printf("\"\n\t\t[ \"$COMP_CWORD\" != \"$at\" ] ||\n");
	printf("\t\t\tCOMPREPLY=($(compgen -f -- \"$word\")) ;;\n");
	printf("\tesac\n");
	printf("\tCOMPREPLY+=($(compgen -W \"$options $words\" -- \"$word\"))\n");
	printf("\t[ \"${COMPREPLY[0]%%=}\" = \"${COMPREPLY[0]}\" ] || compopt -o nospace\n");
	printf("}\ncomplete -F _vane vane\n");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*make)(void);
	} made[] = { { "man1", man1 }, { "man5", man5 },
		     { "completion", completion } };

	for (size_t i = 0; argc == 2 && i < COUNT(made); i++) {
		if (!strcmp(argv[1], made[i].name)) {
			made[i].make();
			return fflush(stdout) ? 1 : 0;
		}
	}
	fprintf(stderr, "usage: docs man1|man5|completion\n");
	return 2;
}
