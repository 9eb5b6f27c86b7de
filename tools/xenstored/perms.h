/* SPDX-License-Identifier: MIT */
/* perms.h - who may read and write a node, and a node's value.
 *
 * Both are immutable and shared: many nodes point at one list of permissions.
 * The first entry names the owner and what everybody else may do; the others
 * name one domain each.
 */
#ifndef XENSTORED_PERMS_H
#define XENSTORED_PERMS_H

#include <stddef.h>
#include <stdint.h>

#define PERM_READ  1U
#define PERM_WRITE 2U
#define PERM_OWNER 4U

struct perm {
	uint32_t id;
	uint32_t bits;
};

struct perms {
	/* the tree's generation when it was set: entries for a domain that is
	 * younger were meant for an earlier one with the same number */
	uint64_t generation;
	uint32_t references;
	uint32_t count;
	struct perm entry[];
};

struct value {
	uint32_t references;
	uint32_t length;
	char bytes[];
};

/* NULL when there is no memory. The caller holds one reference. */
struct perms *perms_new(const struct perm *entries, uint32_t count,
			uint64_t generation);
struct value *value_new(const void *bytes, uint32_t length);

struct perms *perms_get(struct perms *perms);
void perms_put(struct perms *perms);
struct value *value_get(struct value *value);
void value_put(struct value *value);

/* "n0", "r5": -EINVAL when the text is no permission, -ENOENT when no domain
 * can have that number. */
int perm_parse(struct perm *out, const char *text);

/* Writes the text and its final zero; returns how many bytes that are. */
#define PERM_TEXT_MAX 16
size_t perm_format(char out[PERM_TEXT_MAX], const struct perm *perm);

#endif
