/* SPDX-License-Identifier: MIT */
/* path.c - walking a path one component at a time.
 *
 * Guards: no walk leaves the given root by "..", none follows more than
 * SYMLINK_DEPTH links, and no name is longer than NAME_MAX.
 * Not here: a process's root and working directory (user_path.c).
 */
#include "fs/path.h"

#include "core/errno.h"
#include "mm/kmalloc.h"
#include "lib/string.h"

/* Where a walk stands. */
struct walker {
	struct inode *root;
	struct inode *at;	/* counted */
	const char *rest;	/* what is still to be walked */
	char *buf;		/* owns `rest` once a link was followed */
	unsigned int links;
};

void walk_end(struct walk *w)
{
	inode_put(w->dir);
	inode_put(w->found);
	w->dir = w->found = NULL;
}

/* Into whatever is mounted there; consumes and returns a reference. */
static struct inode *enter_mounts(struct inode *ino)
{
	while (ino->mounted) {
		struct inode *over = inode_get(ino->mounted);

		inode_put(ino);
		ino = over;
	}
	return ino;
}

static struct inode *go_up(struct inode *root, struct inode *ino)
{
	struct inode *up = ino;

	while (up != root && up->covers)
		up = up->covers;
	if (up != root && up->parent)
		up = up->parent;
	inode_get(up);
	inode_put(ino);
	return enter_mounts(up);
}

/* The next component into name; its length, 0 at the end of the path. */
static long next_name(struct walker *k, char *name, bool *slash)
{
	size_t len = 0;

	while (*k->rest == '/')
		k->rest++;
	while (k->rest[len] && k->rest[len] != '/')
		len++;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, k->rest, len);
	name[len] = '\0';
	k->rest += len;
	*slash = *k->rest == '/';
	while (*k->rest == '/')
		k->rest++;
	return (long)len;
}

/* Put the text of `link` in front of the rest of the path. */
static int splice_link(struct walker *k, struct inode *link, bool slash)
{
	size_t rest = strlen(k->rest);
	char *buf;
	long len;

	buf = kmalloc(PATH_MAX);
	if (!buf)
		return -ENOMEM;
	len = link->ops->readlink ? link->ops->readlink(link, buf, PATH_MAX)
				  : -EINVAL;
	if (len >= 0 && (size_t)len + slash + rest + 1 > PATH_MAX)
		len = -ENAMETOOLONG;
	if (len < 0) {
		kfree(buf);
		return (int)len;
	}
	if (slash)
		buf[len++] = '/';
	memcpy(buf + len, k->rest, rest + 1);
	kfree(k->buf);
	k->buf = buf;
	k->rest = buf;
	if (buf[0] == '/') {
		inode_put(k->at);
		k->at = inode_get(k->root);
	}
	return 0;
}

/* Follow *next, a symbolic link. 1: the walk goes on from the link's text.
 * 0: *next is now the object the link stands for. */
static int follow(struct walker *k, struct inode **next, bool slash)
{
	struct inode *link = *next;
	int rc;

	if (++k->links > SYMLINK_DEPTH)
		return -ELOOP;
	if (link->ops->follow) {
		rc = link->ops->follow(link, next);
		if (rc)
			return rc;
		inode_put(link);
		return 0;
	}
	rc = splice_link(k, link, slash);
	if (rc)
		return rc;
	inode_put(link);
	*next = NULL;
	return 1;
}

/* One component. 1: go on; 0: w is filled in; negative: error. */
static int step(struct walker *k, unsigned int flags, struct walk *w)
{
	struct inode *next;
	long len;
	bool last;
	int rc;

	len = next_name(k, w->name, &w->slash);
	if (len < 0)
		return (int)len;
	last = *k->rest == '\0';
	if (len == 0 || strcmp(w->name, ".") == 0 || strcmp(w->name, "..") == 0) {
		if (len && !inode_is(k->at, S_IFDIR))
			return -ENOTDIR;
		if (len == 2)
			k->at = go_up(k->root, k->at);
		if (!last)
			return 1;
		w->found = inode_get(k->at);
		return 0;
	}
	if (!inode_is(k->at, S_IFDIR))
		return -ENOTDIR;
	rc = k->at->ops->lookup(k->at, w->name, &next);
	if (rc == -ENOENT && last) {
		w->dir = inode_get(k->at);
		return 0;
	}
	if (rc)
		return rc;
	next = enter_mounts(next);
	if (inode_is(next, S_IFLNK) &&
	    (!last || w->slash || (flags & WALK_FOLLOW))) {
		rc = follow(k, &next, w->slash);
		if (rc < 0)
			inode_put(next);
		if (rc)
			return rc;
	}
	if (last) {
		w->dir = inode_get(k->at);
		w->found = next;
		return 0;
	}
	inode_put(k->at);
	k->at = next;
	return 1;
}

int path_walk(struct inode *root, struct inode *start, const char *path,
	      unsigned int flags, struct walk *w)
{
	struct walker k = { .root = root, .rest = path };
	int rc;

	w->dir = w->found = NULL;
	w->slash = false;
	if (!*path)
		return -ENOENT;
	k.at = inode_get(*path == '/' ? root : start);
	do
		rc = step(&k, flags, w);
	while (rc == 1);
	inode_put(k.at);
	kfree(k.buf);
	if (rc == 0 && w->found && (w->slash || (flags & WALK_DIR)) &&
	    !inode_is(w->found, S_IFDIR)) {
		walk_end(w);
		rc = -ENOTDIR;
	}
	return rc;
}
