/* SPDX-License-Identifier: MIT */
/* text.c - permissions and values as text. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/text.h"

/* Longer ones would not fit an int when every byte is escaped. */
#define VALUE_MAX (INT_MAX / 5 - 1)

/* By permission bits. */
static const char letters[] = "nrwb";

bool xs_strings_to_perms(struct xs_permissions *perms, unsigned int num,
			 const char *strings)
{
	for (unsigned int i = 0; i < num; i++) {
		const char *letter = *strings ? strchr(letters, *strings) :
						NULL;
		char *end;

		if (!letter || !strings[1]) {
			errno = EINVAL;
			return false;
		}
		perms[i].perms = letter - letters;
		perms[i].id = strtol(&strings[1], &end, 0);
		if (*end) {
			errno = EINVAL;
			return false;
		}
		strings = end + 1;
	}
	return true;
}

bool xs_perm_to_string(const struct xs_permissions *permission, char *buffer,
		       size_t room)
{
	unsigned int bits = permission->perms & ~XS_PERM_IGNORE;

	if (bits > (XS_PERM_READ | XS_PERM_WRITE) ||
	    snprintf(buffer, room, "%c%d", letters[bits],
		     (int)permission->id) >= (int)room) {
		errno = EINVAL;
		return false;
	}
	return true;
}

unsigned int xs_count_strings(const char *strings, unsigned int length)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < length; i++)
		count += strings[i] == '\0';
	return count;
}

char *expanding_buffer_ensure(struct expanding_buffer *buffer, int wanted)
{
	char *grown;

	if (buffer->avail >= wanted)
		return buffer->buf;
	if (wanted > INT_MAX / 2)
		return NULL;
	/* Half as much again, so that growing byte by byte stays cheap. */
	wanted += wanted / 2;
	grown = realloc(buffer->buf, wanted);
	if (!grown)
		return NULL;
	buffer->buf = grown;
	buffer->avail = wanted;
	return grown;
}

static int escape(char *out, unsigned char byte)
{
	static const char named[] = "\tt\nn\rr\\\\";

	for (const char *pair = named; *pair; pair += 2)
		if (byte == (unsigned char)pair[0])
			return sprintf(out, "\\%c", pair[1]);
	return sprintf(out, byte < 010 ? "\\%03o" : "\\x%02x", byte);
}

char *sanitise_value(struct expanding_buffer *buffer, const char *value,
		     unsigned int length)
{
	char *out;

	if (length > VALUE_MAX ||
	    !expanding_buffer_ensure(buffer, 4 * length + 1))
		return NULL;
	out = buffer->buf;
	for (unsigned int i = 0; i < length; i++) {
		unsigned char byte = value[i];

		if (byte >= ' ' && byte <= '~' && byte != '\\')
			*out++ = byte;
		else
			out += escape(out, byte);
	}
	*out = '\0';
	return buffer->buf;
}

/* Reads up to that many digits of that base into *byte, which stays as it is
 * if there are none. Returns how many there were. */
static int digits(const char *in, int base, int most, unsigned char *byte)
{
	char text[4] = "";
	int count = 0;

	while (count < most && isxdigit((unsigned char)in[count]) &&
	       (base == 16 || (in[count] >= '0' && in[count] <= '7'))) {
		text[count] = in[count];
		count++;
	}
	if (count > 0)
		*byte = strtoul(text, NULL, base);
	return count;
}

/* What the escape stands for that begins after the backslash at in; moves on
 * behind it. A backslash that ends the text is a zero byte, as Xen has it. */
static unsigned char read_escape(const char **in)
{
	unsigned char byte = **in;

	if (byte >= '0' && byte <= '7') {
		*in += digits(*in, 8, 3, &byte);
		return byte;
	}
	if (byte != '\0')
		++*in;
	switch (byte) {
	case 'x':
		*in += digits(*in, 16, 2, &byte);
		return byte;
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return byte;
	}
}

void unsanitise_value(char *out, unsigned int *length, const char *in)
{
	char *next = out;

	while (*in) {
		unsigned char byte = *in++;

		*next++ = byte == '\\' ? read_escape(&in) : byte;
	}
	*next = '\0';
	if (length)
		*length = next - out;
}
