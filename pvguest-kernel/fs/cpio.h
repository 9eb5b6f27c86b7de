/* SPDX-License-Identifier: MIT */
/* cpio.h - unpacking "newc" archives from a stream of bytes.
 *
 * The bytes may come in pieces of any size, so that a compressed archive never
 * has to be in memory whole.
 */
#ifndef FS_CPIO_H
#define FS_CPIO_H

#include "fs/file.h"

#define CPIO_HEADER	110

enum cpio_state {
	CPIO_BETWEEN,		/* zeros, or the first byte of a header */
	CPIO_HEAD,
	CPIO_NAME,
	CPIO_DATA,
	CPIO_PAD,
};

/* A file with several names, until its archive ends. */
struct cpio_link;

struct cpio {
	struct inode *root;
	enum cpio_state state;
	uint64_t left;		/* bytes the state still wants */
	uint64_t seen;		/* bytes of the current entry so far */
	unsigned int entries;
	unsigned int skipped;	/* entries that could not be made */
	struct cpio_link *links;
	unsigned int link_count;
	/* the current entry */
	uint32_t field[13];
	uint64_t offset;	/* into its data */
	struct file *file;	/* being written, or NULL: data is dropped */
	bool target;		/* data is collected in text[] */
	char head[CPIO_HEADER];
	char name[PATH_MAX];
	char text[PATH_MAX];	/* a symbolic link's */
};

/* How many bytes it took: all, or fewer when what follows an archive is not
 * another one (the rest may be compressed); or a negative errno when the
 * archive is damaged or memory is full. */
long cpio_feed(struct cpio *c, const uint8_t *buf, size_t n);
/* 0, or -EINVAL if the stream ended inside an entry. */
int cpio_end(struct cpio *c);

#endif
