/* SPDX-License-Identifier: MIT */
/* fake_store.c - a store of a hundred nodes, behind libxenstore's calls.
 *
 * One pipe carries the events of all watches: there is one client at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xenstore.h>

#include "fake_store.h"

struct fake_store *fake_store;

struct event {
	char path[128];
	char token[32];
};

struct xs_handle {
	int unused;
};

static struct xs_handle the_handle;
static struct fake_node before[FAKE_NODES];
static int before_count;
static char socket_path[108];
static int events[2] = { -1, -1 };

void fake_store_reset(const char *path)
{
	if (!fake_store)
		fake_store = mmap(NULL, sizeof(*fake_store),
				  PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(fake_store, 0, sizeof(*fake_store));
	for (int i = 0; i < 2; i++)
		if (events[i] >= 0)
			close(events[i]);
	if (pipe2(events, O_NONBLOCK | O_CLOEXEC))
		abort();
	snprintf(socket_path, sizeof(socket_path), "%s", path);
}

static void put_event(const char *path, const char *token)
{
	struct event e = { "", "" };

	snprintf(e.path, sizeof(e.path), "%s", path);
	snprintf(e.token, sizeof(e.token), "%s", token);
	if (write(events[1], &e, sizeof(e)) != sizeof(e))
		abort();
}

void fake_store_down(bool down)
{
	fake_store->down = down;
	if (!down)
		return;
	fake_store->watch_count = 0;
	put_event("", "");
}

static struct fake_node *find(const char *path)
{
	for (int i = 0; i < fake_store->node_count; i++)
		if (!strcmp(fake_store->nodes[i].path, path))
			return &fake_store->nodes[i];
	return NULL;
}

const char *fake_store_value(const char *path)
{
	struct fake_node *node = find(path);

	return node ? node->value : NULL;
}

static bool below(const char *path, const char *top)
{
	size_t length = strlen(top);

	return !strncmp(path, top, length) &&
	       (path[length] == '/' || path[length] == '\0');
}

void fake_store_fire(const char *path)
{
	for (int i = 0; i < fake_store->watch_count; i++)
		if (below(path, fake_store->watches[i].path))
			put_event(path, fake_store->watches[i].token);
}

void fake_store_write(const char *path, const char *value)
{
	struct fake_node *node = find(path);

	if (!node) {
		if (fake_store->node_count == FAKE_NODES)
			abort();
		node = &fake_store->nodes[fake_store->node_count++];
		snprintf(node->path, sizeof(node->path), "%s", path);
		node->owner = 0;
	}
	snprintf(node->value, sizeof(node->value), "%s", value);
	fake_store_fire(path);
}

/* False with errno set when the store does not answer. */
static bool answers(void)
{
	errno = EBADF;
	return !fake_store->down;
}

static bool may_change(void)
{
	if (!answers())
		return false;
	errno = EIO;
	return ++fake_store->changes != fake_store->fail;
}

const char *xs_daemon_socket(void)
{
	return socket_path;
}

struct xs_handle *xs_open(unsigned long flags)
{
	errno = ECONNREFUSED;
	fake_store->refused += fake_store->down;
	return fake_store->down ? NULL : &the_handle;
}

void xs_close(struct xs_handle *h)
{
	if (h)
		fake_store->watch_count = 0;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
	      unsigned int *length)
{
	struct fake_node *node = find(path);

	if (!answers())
		return NULL;
	errno = ENOENT;
	if (!node)
		return NULL;
	if (length)
		*length = (unsigned int)strlen(node->value);
	return strdup(node->value);
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path,
	      const void *data, unsigned int length)
{
	char value[1024];

	if (!may_change())
		return false;
	snprintf(value, sizeof(value), "%.*s", (int)length,
		 (const char *)data);
	fake_store_write(path, value);
	return true;
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	return find(path) ? answers() : xs_write(h, t, path, "", 0);
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	int kept = 0, count = fake_store->node_count;

	if (!may_change())
		return false;
	for (int i = 0; i < count; i++)
		if (!below(fake_store->nodes[i].path, path))
			fake_store->nodes[kept++] = fake_store->nodes[i];
	fake_store->node_count = kept;
	if (kept < count)
		fake_store_fire(path);
	errno = ENOENT;
	return kept < count;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path,
		    unsigned int *count)
{
	size_t length = strlen(path), used = FAKE_NODES * sizeof(char *);
	char **list, *at;

	if (!answers())
		return NULL;
	list = calloc(1, used + FAKE_NODES * 128);
	at = (char *)list + used;
	*count = 0;
	for (int i = 0; i < fake_store->node_count; i++) {
		const char *name = fake_store->nodes[i].path + length + 1;
		size_t size = strcspn(name, "/");
		bool known = false;

		if (!below(fake_store->nodes[i].path, path) ||
		    !fake_store->nodes[i].path[length])
			continue;
		for (unsigned int j = 0; j < *count; j++)
			known |= strlen(list[j]) == size &&
				 !memcmp(list[j], name, size);
		if (known)
			continue;
		memcpy(at, name, size);
		list[(*count)++] = at;
		at += size + 1;
	}
	errno = ENOENT;
	if (*count || find(path))
		return list;
	free(list);
	return NULL;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t,
			const char *path, struct xs_permissions *perms,
			unsigned int count)
{
	struct fake_node *node = find(path);

	if (!may_change())
		return false;
	errno = ENOENT;
	if (!node)
		return false;
	node->owner = perms[0].id;
	return true;
}

struct xs_permissions *xs_get_permissions(struct xs_handle *h,
					  xs_transaction_t t,
					  const char *path,
					  unsigned int *count)
{
	struct fake_node *node = find(path);
	struct xs_permissions *perms;

	errno = ENOENT;
	if (!node)
		return NULL;
	perms = calloc(1, sizeof(*perms));
	perms->id = node->owner;
	*count = 1;
	return perms;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	if (!answers())
		return XBT_NULL;
	memcpy(before, fake_store->nodes, sizeof(before));
	before_count = fake_store->node_count;
	return 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
	bool conflict = !abort && fake_store->conflicts > 0;

	if (!answers())
		return false;
	fake_store->conflicts -= conflict;
	if (conflict || abort) {
		memcpy(fake_store->nodes, before, sizeof(before));
		fake_store->node_count = before_count;
	}
	errno = EAGAIN;
	return !conflict;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	int i = fake_store->watch_count;

	if (!answers())
		return false;
	if (i == FAKE_WATCHES)
		abort();
	snprintf(fake_store->watches[i].path, 128, "%s", path);
	snprintf(fake_store->watches[i].token, 32, "%s", token);
	fake_store->watch_count++;
	put_event(path, token);
	return true;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	for (int i = 0; i < fake_store->watch_count; i++) {
		if (strcmp(fake_store->watches[i].path, path) ||
		    strcmp(fake_store->watches[i].token, token))
			continue;
		fake_store->watches[i] =
			fake_store->watches[--fake_store->watch_count];
		return true;
	}
	errno = ENOENT;
	return false;
}

int xs_fileno(struct xs_handle *h)
{
	return events[0];
}

char **xs_check_watch(struct xs_handle *h)
{
	struct event e;
	char **list;

	if (read(events[0], &e, sizeof(e)) != sizeof(e)) {
		errno = fake_store->down ? EBADF : EAGAIN;
		return NULL;
	}
	if (!answers())
		return NULL;
	list = calloc(1, 2 * sizeof(*list) + sizeof(e));
	memcpy(list + 2, &e, sizeof(e));
	list[XS_WATCH_PATH] = ((struct event *)(list + 2))->path;
	list[XS_WATCH_TOKEN] = ((struct event *)(list + 2))->token;
	return list;
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int id,
			 unsigned long mfn, unsigned int port)
{
	if (!may_change())
		return false;
	fake_store->introduced = id;
	fake_store->introduced_mfn = mfn;
	fake_store->introduced_port = port;
	fake_store_fire("@introduceDomain");
	return true;
}

bool xs_release_domain(struct xs_handle *h, unsigned int id)
{
	if (!may_change())
		return false;
	fake_store->introduced = 0;
	fake_store_fire("@releaseDomain");
	return true;
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int id)
{
	return fake_store->introduced == id;
}
