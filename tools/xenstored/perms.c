/* SPDX-License-Identifier: MIT */
/* perms.c - lists of permissions and values, shared between nodes.
 *
 * Guards: a shared object is never changed; the last reference frees it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perms.h"

struct perms *perms_new(const struct perm *entries, uint32_t count,
			uint64_t generation)
{
	struct perms *p = malloc(sizeof(*p) + count * sizeof(*entries));

	if (!p)
		return NULL;
	p->generation = generation;
	p->references = 1;
	p->count = count;
	memcpy(p->entry, entries, count * sizeof(*entries));
	return p;
}

struct value *value_new(const void *bytes, uint32_t length)
{
	struct value *v = malloc(sizeof(*v) + length);

	if (!v)
		return NULL;
	v->references = 1;
	v->length = length;
	if (length)
		memcpy(v->bytes, bytes, length);
	return v;
}

struct perms *perms_get(struct perms *p)
{
	p->references++;
	return p;
}

void perms_put(struct perms *p)
{
	if (p && !--p->references)
		free(p);
}

struct value *value_get(struct value *v)
{
	v->references++;
	return v;
}

void value_put(struct value *v)
{
	if (v && !--v->references)
		free(v);
}

static const char letters[] = "nrwb";

int perm_parse(struct perm *out, const char *text)
{
	const char *letter = text[0] ? strchr(letters, text[0]) : NULL;
	unsigned long id;
	char *end;

	if (!letter)
		return -EINVAL;
	/* as lenient as Xen's: blanks, signs and all bases */
	id = strtoul(text + 1, &end, 0);
	if (*end || end == text + 1)
		return -EINVAL;
	if (id > UINT32_MAX)
		return -ENOENT;
	out->bits = (uint32_t)(letter - letters);
	out->id = (uint32_t)id;
	return 0;
}

size_t perm_format(char out[PERM_TEXT_MAX], const struct perm *perm)
{
	int length = snprintf(out, PERM_TEXT_MAX, "%c%u",
			      letters[perm->bits & 3], perm->id);

	return (size_t)length + 1;
}
