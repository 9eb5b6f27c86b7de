/* SPDX-License-Identifier: MIT */
/* cpio.c - the "newc" archive format as a machine that eats bytes.
 *
 * Guards: nothing in the archive is believed: field digits, name length and
 * terminator are checked before use, data is written as it comes and so takes
 * no memory but the file's own, and names are walked below the root only.
 * A single entry that cannot be made is skipped and counted; damage or lack of
 * memory ends the work.
 * Not here: where the bytes come from (initramfs.c).
 */
#include "fs/cpio.h"

#include "core/errno.h"
#include "core/time.h"
#include "core/types.h"
#include "fs/path.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

#define LINKS_MAX	4096u

enum field { INO, MODE, UID, GID, NLINK, MTIME, FILESIZE, DEVMAJOR, DEVMINOR,
	     RDEVMAJOR, RDEVMINOR, NAMESIZE, CHECK };

struct cpio_link {
	struct cpio_link *next;
	uint32_t ino, major, minor;
	struct inode *inode;	/* counted */
};

static void forget_links(struct cpio *c)
{
	while (c->links) {
		struct cpio_link *l = c->links;

		c->links = l->next;
		inode_put(l->inode);
		kfree(l);
	}
	c->link_count = 0;
}

static int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static int parse_head(struct cpio *c)
{
	if (memcmp(c->head, "070701", 6) != 0 && memcmp(c->head, "070702", 6) != 0)
		return -EINVAL;
	for (unsigned int f = 0; f < 13; f++) {
		uint32_t value = 0;

		for (unsigned int i = 0; i < 8; i++) {
			int digit = hex_digit(c->head[6 + f * 8 + i]);

			if (digit < 0)
				return -EINVAL;
			value = value << 4 | (uint32_t)digit;
		}
		c->field[f] = value;
	}
	return c->field[NAMESIZE] == 0 || c->field[NAMESIZE] > PATH_MAX ? -EINVAL : 0;
}

static uint64_t padding(uint64_t seen)
{
	return -seen & 3;
}

static struct cpio_link **find_link(struct cpio *c)
{
	struct cpio_link **l = &c->links;

	while (*l && ((*l)->ino != c->field[INO] ||
		      (*l)->major != c->field[DEVMAJOR] ||
		      (*l)->minor != c->field[DEVMINOR]))
		l = &(*l)->next;
	return l;
}

static void remember_link(struct cpio *c, struct inode *ino)
{
	struct cpio_link *l;

	if (c->link_count == LINKS_MAX)
		return;
	l = kzalloc(sizeof(*l));
	if (!l)
		return;
	l->ino = c->field[INO];
	l->major = c->field[DEVMAJOR];
	l->minor = c->field[DEVMINOR];
	l->inode = inode_get(ino);
	l->next = c->links;
	c->links = l;
	c->link_count++;
}

static void set_attributes(struct cpio *c, struct inode *ino)
{
	ino->mode = (ino->mode & S_IFMT) | (c->field[MODE] & S_IALL);
	ino->uid = c->field[UID];
	ino->gid = c->field[GID];
	ino->mtime = c->field[MTIME] * NSEC_PER_SEC;
}

/* Make the entry's name free, or keep what is there and fits (also the device
 * nodes that the kernel has made). */
static int clear_way(struct walk *w, uint32_t type)
{
	int rc;

	if (!w->found || (inode_is(w->found, type) && type != S_IFLNK))
		return 0;
	if (!w->dir || w->found->covers || !w->dir->ops->unlink)
		return -EBUSY;
	rc = w->dir->ops->unlink(w->dir, w->name);
	if (rc == 0) {
		inode_put(w->found);
		w->found = NULL;
	}
	return rc;
}

/* The entry's inode into w->found, made if it is not there. */
static int make_inode(struct cpio *c, struct walk *w, const char *target)
{
	bool linked = c->field[NLINK] > 1 && !(c->field[MODE] >> 12 == 4);
	struct cpio_link *known = linked ? *find_link(c) : NULL;
	uint32_t rdev = dev_make(c->field[RDEVMAJOR], c->field[RDEVMINOR]);
	int rc;

	if (w->found)
		return 0;
	if (!w->dir || !w->dir->ops->create)
		return -EPERM;
	if (known && known->inode->sb == w->dir->sb) {
		rc = w->dir->ops->link(w->dir, w->name, known->inode);
		if (rc == 0)
			w->found = inode_get(known->inode);
		return rc;
	}
	rc = w->dir->ops->create(w->dir, w->name, c->field[MODE] & (S_IFMT | S_IALL),
				 rdev, target, &w->found);
	if (rc == 0 && linked)
		remember_link(c, w->found);
	return rc;
}

/* Everything is known but, for a regular file, its data. */
static int make_entry(struct cpio *c, const char *target)
{
	uint32_t type = c->field[MODE] & S_IFMT;
	struct walk w;
	int rc;

	rc = path_walk(c->root, c->root, c->name, 0, &w);
	if (rc)
		return rc;
	rc = clear_way(&w, type);
	if (rc == 0)
		rc = make_inode(c, &w, target);
	if (rc == 0)
		set_attributes(c, w.found);
	if (rc == 0 && type == S_IFREG && c->field[FILESIZE])
		rc = w.found->ops->truncate(w.found, 0);
	if (rc == 0 && type == S_IFREG && c->field[FILESIZE])
		rc = file_open_inode(w.found, O_WRONLY, &c->file);
	walk_end(&w);
	return rc;
}

static bool known_type(uint32_t type)
{
	return type == S_IFREG || type == S_IFDIR || type == S_IFLNK ||
	       type == S_IFCHR || type == S_IFBLK || type == S_IFIFO ||
	       type == S_IFSOCK;
}

/* 0 to go on, negative to give up. */
static int entry_result(struct cpio *c, int rc)
{
	c->entries++;
	if (rc == 0)
		return 0;
	c->skipped++;
	return rc == -ENOMEM || rc == -ENOSPC ? rc : 0;
}

/* Header and name are complete. */
static int begin_entry(struct cpio *c)
{
	uint32_t type = c->field[MODE] & S_IFMT;

	if (c->name[c->field[NAMESIZE] - 1] != '\0')
		return -EINVAL;
	c->offset = 0;
	c->target = false;
	if (strcmp(c->name, "TRAILER!!!") == 0) {
		forget_links(c);
		return c->field[FILESIZE] ? -EINVAL : 0;
	}
	if (!known_type(type))
		return entry_result(c, -EINVAL);
	if (type == S_IFLNK) {
		if (c->field[FILESIZE] == 0 || c->field[FILESIZE] >= PATH_MAX)
			return -EINVAL;
		c->target = true;
		return 0;
	}
	return entry_result(c, make_entry(c, NULL));
}

static int data(struct cpio *c, const uint8_t *buf, size_t n)
{
	long rc;

	if (c->target)
		memcpy(c->text + c->offset, buf, n);
	if (c->file) {
		rc = file_write_kernel(c->file, buf, n, c->offset);
		if (rc != (long)n)
			return rc < 0 ? (int)rc : -ENOSPC;
	}
	c->offset += n;
	return 0;
}

static int end_entry(struct cpio *c)
{
	int rc = 0;

	if (c->target) {
		c->text[c->offset] = '\0';
		rc = entry_result(c, make_entry(c, c->text));
	}
	if (c->file) {
		c->file->inode->mtime = c->field[MTIME] * NSEC_PER_SEC;
		file_put(c->file);
		c->file = NULL;
	}
	return rc;
}

static void want(struct cpio *c, enum cpio_state state, uint64_t n)
{
	c->state = state;
	c->left = n;
}

/* The current state has had all its bytes. */
static int next_state(struct cpio *c)
{
	int rc;

	switch (c->state) {
	case CPIO_HEAD:
		rc = parse_head(c);
		want(c, CPIO_NAME, c->field[NAMESIZE] +
		     padding(CPIO_HEADER + c->field[NAMESIZE]));
		return rc;
	case CPIO_NAME:
		rc = begin_entry(c);
		want(c, CPIO_DATA, c->field[FILESIZE]);
		return rc;
	case CPIO_DATA:
		rc = end_entry(c);
		want(c, CPIO_PAD, padding(c->field[FILESIZE]));
		return rc;
	case CPIO_PAD:
	case CPIO_BETWEEN:
		c->seen = 0;
		want(c, CPIO_BETWEEN, 1);
	}
	return 0;
}

static int eat(struct cpio *c, const uint8_t *buf, size_t n)
{
	if (c->state == CPIO_HEAD) {
		memcpy(c->head + c->seen, buf, n);
	} else if (c->state == CPIO_NAME) {
		uint64_t at = c->seen - CPIO_HEADER;

		if (at < c->field[NAMESIZE])
			memcpy(c->name + at, buf,
			       min_u64(n, c->field[NAMESIZE] - at));
	} else if (c->state == CPIO_DATA) {
		return data(c, buf, n);
	}
	return 0;
}

long cpio_feed(struct cpio *c, const uint8_t *buf, size_t n)
{
	size_t at = 0;
	int rc = 0;

	while (rc == 0) {
		size_t piece;

		if (c->state == CPIO_BETWEEN) {
			while (at < n && buf[at] == 0)
				at++;
			if (at == n || buf[at] != '0')
				break;
			want(c, CPIO_HEAD, CPIO_HEADER);
		}
		piece = min_u64(c->left, n - at);
		rc = eat(c, buf + at, piece);
		c->seen += piece;
		c->left -= piece;
		at += piece;
		if (rc == 0 && c->left)
			break;
		while (rc == 0 && c->left == 0)
			rc = next_state(c);
	}
	return rc ? rc : (long)at;
}

int cpio_end(struct cpio *c)
{
	bool whole = c->state == CPIO_BETWEEN;

	forget_links(c);
	if (c->file)
		file_put(c->file);
	c->file = NULL;
	return whole ? 0 : -EINVAL;
}
