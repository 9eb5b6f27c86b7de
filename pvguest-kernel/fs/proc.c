/* SPDX-License-Identifier: MIT */
/* proc.c - the tree of /proc: names, links and files that hold a text.
 *
 * Nothing is kept: each look-up makes a new inode that says which process and
 * which row of a table it stands for, and the process is searched again at
 * every use, since it may have ended meanwhile (then: ESRCH).
 * Not here: what the files say (proc_text.c, proc_pid.c).
 */
#include "fs/proc.h"

#include "core/errno.h"
#include "core/process.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/proc_text.h"
#include "fs/readdir.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

#define PROC_MAGIC	0x9fa0
#define PID_MAX		32768u

/* u.proc.kind; from TABLE on, a row of root_rows or pid_rows. */
enum { ROOT_DIR, PID_DIR, FD_DIR, FD_LINK, TABLE };

struct row {
	const char *name;
	uint32_t mode;
	text_maker make;	/* S_IFREG */
};

static const struct row root_rows[] = {
	{ "self", S_IFLNK | 0777, NULL },
	{ "uptime", S_IFREG | 0444, text_uptime },
	{ "meminfo", S_IFREG | 0444, text_meminfo },
	{ "stat", S_IFREG | 0444, text_stat },
	{ "loadavg", S_IFREG | 0444, text_loadavg },
	{ "mounts", S_IFREG | 0444, text_mounts },
	{ "version", S_IFREG | 0444, text_version },
	{ "cmdline", S_IFREG | 0444, text_cmdline },
	{ "cpuinfo", S_IFREG | 0444, text_cpuinfo },
	{ "filesystems", S_IFREG | 0444, text_filesystems },
	{ "kmsg", S_IFREG | 0400, text_kmsg },
};

static const struct row pid_rows[] = {
	{ "fd", S_IFDIR | 0500, NULL },
	{ "exe", S_IFLNK | 0777, NULL },
	{ "cwd", S_IFLNK | 0777, NULL },
	{ "root", S_IFLNK | 0777, NULL },
	{ "stat", S_IFREG | 0444, text_pid_stat },
	{ "statm", S_IFREG | 0444, text_pid_statm },
	{ "status", S_IFREG | 0444, text_pid_status },
	{ "cmdline", S_IFREG | 0444, text_pid_cmdline },
	{ "comm", S_IFREG | 0444, text_pid_comm },
	{ "environ", S_IFREG | 0400, text_pid_environ },
	{ "maps", S_IFREG | 0444, text_pid_maps },
	{ "mounts", S_IFREG | 0444, text_mounts },
};

static const struct inode_ops root_ops, pid_ops, fd_dir_ops, link_ops, text_ops;
static const struct file_ops text_file_ops;
static struct inode *root;

struct inode *proc_root(void)
{
	struct superblock *sb;

	if (root)
		return root;
	sb = sb_new("proc", PROC_MAGIC);
	if (!sb)
		return NULL;
	sb->backless = true;
	root = inode_new(sb, S_IFDIR | 0555);
	sb_put(sb);
	if (!root)
		return NULL;
	root->nlink = 2;
	root->parent = root;
	root->ops = &root_ops;
	root->fops = &readdir_file_ops;
	return root;
}

static uint64_t proc_ino(int pid, unsigned int kind, unsigned int fd)
{
	return (uint64_t)pid << 32 | kind << 16 | fd | 2;
}

static int make(struct inode *dir, uint32_t mode, int pid, unsigned int kind,
		unsigned int fd, const struct inode_ops *ops, struct inode **out)
{
	struct inode *ino = inode_new(dir->sb, mode);

	if (!ino)
		return -ENOMEM;
	ino->nlink = 1 + inode_is(ino, S_IFDIR);
	ino->ino = proc_ino(pid, kind, fd);
	ino->u.proc.pid = pid;
	ino->u.proc.kind = kind;
	ino->u.proc.fd = fd;
	ino->ops = ops;
	if (inode_is(ino, S_IFDIR))
		ino->fops = &readdir_file_ops;
	else if (inode_is(ino, S_IFREG))
		ino->fops = &text_file_ops;
	inode_set_parent(ino, dir);
	*out = ino;
	return 0;
}

/* A number below max with no leading zero, or -1. */
static int parse_number(const char *name, unsigned int max)
{
	const char *end;
	uint64_t n;

	if (*name < '0' || *name > '9' || (*name == '0' && name[1]))
		return -1;
	n = strtou64(name, &end, 10);
	return *end || n >= max ? -1 : (int)n;
}

static const struct row *rows_of(int pid, unsigned int *count)
{
	*count = pid ? ARRAY_SIZE(pid_rows) : ARRAY_SIZE(root_rows);
	return pid ? pid_rows : root_rows;
}

static int lookup_row(struct inode *dir, const char *name, struct inode **out)
{
	int pid = dir->u.proc.pid;
	const struct row *row;
	unsigned int n;

	row = rows_of(pid, &n);
	for (unsigned int i = 0; i < n; i++, row++) {
		if (strcmp(row->name, name) != 0)
			continue;
		if ((row->mode & S_IFMT) == S_IFDIR)
			return make(dir, row->mode, pid, FD_DIR, 0, &fd_dir_ops, out);
		return make(dir, row->mode, pid, TABLE + i, 0,
			    (row->mode & S_IFMT) == S_IFLNK ? &link_ops
							    : &text_ops, out);
	}
	return -ENOENT;
}

static int root_lookup(struct inode *dir, const char *name, struct inode **out)
{
	int pid = parse_number(name, PID_MAX);

	if (pid <= 0)
		return lookup_row(dir, name, out);
	if (!process_find(pid))
		return -ENOENT;
	return make(dir, S_IFDIR | 0555, pid, PID_DIR, 0, &pid_ops, out);
}

static int list_rows(struct inode *dir, struct dirsink *to)
{
	int pid = dir->u.proc.pid;
	const struct row *row;
	unsigned int n;

	row = rows_of(pid, &n);
	for (unsigned int i = 0; i < n; i++, row++)
		if (to->pos <= 2 + i &&
		    !dir_emit(to, row->name, proc_ino(pid, TABLE + i, 0),
			      row->mode, 3 + i))
			return 1;
	return 0;
}

/* Process P stands at position 64 + P. The list is by age and not by number,
 * so each step looks for the next higher one. */
static int root_list(struct inode *dir, struct dirsink *to)
{
	char name[12];

	if (list_rows(dir, to))
		return 0;
	for (;;) {
		struct process *p, *next = NULL;

		list_for_each(p, &process_list, node)
			if (64 + (uint64_t)p->pid >= to->pos &&
			    (!next || p->pid < next->pid))
				next = p;
		if (!next)
			return 0;
		snprintf(name, sizeof(name), "%d", next->pid);
		if (!dir_emit(to, name, proc_ino(next->pid, PID_DIR, 0), S_IFDIR,
			      64 + (uint64_t)next->pid + 1))
			return 0;
	}
}

static int pid_list(struct inode *dir, struct dirsink *to)
{
	list_rows(dir, to);
	return 0;
}

static int proc_name_of(struct inode *dir, struct inode *child, char *name)
{
	if (child->u.proc.kind == PID_DIR)
		snprintf(name, NAME_MAX, "%d", child->u.proc.pid);
	else if (child->u.proc.kind == FD_DIR)
		strlcpy(name, "fd", NAME_MAX);
	else
		return -ENOENT;
	return 0;
}

/* --- /proc/N/fd --- */

/* The file a process has at a descriptor; not counted. */
static struct file *fd_of(int pid, unsigned int fd)
{
	struct process *p = process_find(pid);

	if (!p || !p->files || fd >= p->files->size)
		return NULL;
	return p->files->fd[fd];
}

static int fd_lookup(struct inode *dir, const char *name, struct inode **out)
{
	int fd = parse_number(name, FD_LIMIT);

	if (fd < 0 || !fd_of(dir->u.proc.pid, (unsigned int)fd))
		return -ENOENT;
	return make(dir, S_IFLNK | 0700, dir->u.proc.pid, FD_LINK,
		    (unsigned int)fd, &link_ops, out);
}

static int fd_list(struct inode *dir, struct dirsink *to)
{
	char name[12];

	for (uint64_t fd = to->pos - 2; fd < FD_LIMIT; fd++) {
		if (!fd_of(dir->u.proc.pid, (unsigned int)fd))
			continue;
		snprintf(name, sizeof(name), "%lu", fd);
		if (!dir_emit(to, name, proc_ino(dir->u.proc.pid, FD_LINK,
						 (unsigned int)fd),
			      S_IFLNK, fd + 3))
			break;
	}
	return 0;
}

/* --- links --- */

/* What a link of a process stands for; not counted. */
static struct inode *link_object(struct inode *link)
{
	struct process *p = process_find(link->u.proc.pid);
	const char *name;
	struct file *f;

	if (!p)
		return NULL;
	if (link->u.proc.kind == FD_LINK) {
		f = fd_of(link->u.proc.pid, link->u.proc.fd);
		return f ? f->inode : NULL;
	}
	name = pid_rows[link->u.proc.kind - TABLE].name;
	if (strcmp(name, "exe") == 0) {
		f = process_exe(p);
		return f ? f->inode : NULL;
	}
	if (!p->fs)
		return NULL;
	return strcmp(name, "cwd") == 0 ? p->fs->cwd : p->fs->root;
}

static int link_follow(struct inode *link, struct inode **out)
{
	struct inode *ino;

	if (link->u.proc.pid == 0)	/* /proc/self */
		return make(root, S_IFDIR | 0555, current->process->pid, PID_DIR,
			    0, &pid_ops, out);
	ino = link_object(link);
	if (!ino)
		return -ENOENT;
	*out = inode_get(ino);
	return 0;
}

static long link_readlink(struct inode *link, char *buf, size_t size)
{
	struct inode *ino;
	char *path;
	long len;

	if (link->u.proc.pid == 0)
		return min_u64(snprintf(buf, size, "%d", current->process->pid), size);
	ino = link_object(link);
	if (!ino)
		return -ENOENT;
	path = kmalloc(PATH_MAX);
	if (!path)
		return -ENOMEM;
	len = inode_path(current->process->fs->root, ino, path, PATH_MAX);
	if (len < 0)
		len = snprintf(path, PATH_MAX, "%s:[%lu]",
			       inode_is(ino, S_IFIFO) ? "pipe" :
			       inode_is(ino, S_IFSOCK) ? "socket" : "deleted",
			       ino->ino);
	len = (long)min_u64((uint64_t)len, size);
	memcpy(buf, path, (size_t)len);
	kfree(path);
	return len;
}

/* --- texts --- */

static int text_open(struct inode *ino, struct file *f)
{
	int pid = ino->u.proc.pid;
	struct process *p = pid ? process_find(pid) : NULL;
	const struct row *row = rows_of(pid, &(unsigned int){ 0 });
	struct text *t;

	if (pid && !p)
		return -ESRCH;
	t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	row[ino->u.proc.kind - TABLE].make(t, p);
	f->priv = t;
	return 0;
}

static void text_release(struct file *f)
{
	struct text *t = f->priv;

	kfree(t->buf);
	kfree(t);
}

static long text_read(struct file *f, struct iter *to, uint64_t *pos)
{
	struct text *t = f->priv;
	size_t n, got;

	if (t->failed)
		return -ENOMEM;
	if (*pos >= t->len)
		return 0;
	n = min_u64(to->left, t->len - *pos);
	got = iter_put(to, t->buf + *pos, n);
	*pos += got;
	return got || !n ? (long)got : -EFAULT;
}

static const struct file_ops text_file_ops = {
	.open = text_open,
	.release = text_release,
	.read = text_read,
	.lseek = file_seek,
};
static const struct inode_ops root_ops = {
	.lookup = root_lookup, .list = root_list, .name_of = proc_name_of,
};
static const struct inode_ops pid_ops = {
	.lookup = lookup_row, .list = pid_list, .name_of = proc_name_of,
};
static const struct inode_ops fd_dir_ops = {
	.lookup = fd_lookup, .list = fd_list,
};
static const struct inode_ops link_ops = {
	.readlink = link_readlink, .follow = link_follow,
};
static const struct inode_ops text_ops = { 0 };
