/* SPDX-License-Identifier: MIT */
/* xenbus_device.c - /dev/xen/xenbus: the store for user programs.
 *
 * A program writes whole messages and reads answers and watch events, as on
 * the daemon's socket. All programs share the domain's one connection, so a
 * transaction or a watch is good only on the file that began it, and ends with
 * the file: with the last answer, if some are still to come.
 */
#include "core/errno.h"
#include "core/process.h"
#include "fs/file.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "platform/xen-pv/xenbus.h"

#define UNREAD_MAX 1024u	/* messages a file may leave unread */

struct client {
	uint32_t refs;		/* the file, and every request on its way */
	bool closed;
	uint32_t unread;	/* in `answers`, or still on their way */
	struct list answers;	/* requests made into what is to be read */
	struct list transactions;
	struct list watches;
	struct waitq readable;
	uint32_t got;		/* bytes of the message being written */
	struct {
		struct xsd_sockmsg hdr;
		char body[XENSTORE_PAYLOAD_MAX + 1];
	} msg;
};

struct transaction {
	struct list node;
	uint32_t id;
};

struct client_watch {
	struct xenbus_watch w;
	struct list node;
	struct client *client;
	const char *token;	/* behind path, in the same block */
};

static void client_put(struct client *c)
{
	if (--c->refs == 0)
		kfree(c);
}

static void make_readable(struct client *c, struct xenbus_request *r)
{
	r->moved = 0;
	list_push_back(&c->answers, &r->node);
	waitq_wake(&c->readable);
}

/* A message for the program. `reuse` may be NULL, and is gone afterwards. */
static void answer(struct client *c, struct xenbus_request *reuse, struct xsd_sockmsg hdr,
		   const char *body)
{
	struct xenbus_request *r = reuse;

	if (!r || hdr.len > max_u64(r->hdr.len, sizeof("ENOMEM")))
		r = xenbus_request_new(0, 0, NULL, hdr.len);
	if (!r && reuse) {
		r = reuse;
		hdr.type = XS_ERROR;
		hdr.len = sizeof("ENOMEM");
		body = "ENOMEM";
	}
	if (reuse != r)
		kfree(reuse);
	if (!r) {
		c->unread--;
		return;
	}
	r->hdr = hdr;
	memcpy(r->body, body, hdr.len);
	make_readable(c, r);
}

static void answer_now(struct client *c, uint32_t type, const char *text)
{
	struct xsd_sockmsg hdr = c->msg.hdr;

	hdr.type = type;
	hdr.len = (uint32_t)strlen(text) + 1;
	c->unread++;
	answer(c, NULL, hdr, text);
}

/* --- transactions --- */

static struct transaction *transaction_find(struct client *c, uint32_t id)
{
	struct transaction *t;

	list_for_each(t, &c->transactions, node)
		if (t->id == id)
			return t;
	return NULL;
}

static void transaction_forget(struct transaction *t)
{
	list_remove(&t->node);
	kfree(t);
}

static bool transaction_began(struct client *c, uint32_t id)
{
	struct transaction *t = c->closed ? NULL : kmalloc(sizeof(*t));

	if (!t) {
		xenbus_tell(XS_TRANSACTION_END, id, "F", 2);
		return false;
	}
	t->id = id;
	list_push_back(&c->transactions, &t->node);
	return true;
}

/* --- watches --- */

static void watch_fired(struct xenbus_watch *w, const char *path)
{
	const struct client_watch *cw = container_of(w, struct client_watch, w);
	size_t path_size = strlen(path) + 1, token_size = strlen(cw->token) + 1;
	struct client *c = cw->client;
	struct xenbus_request *r;

	if (c->unread >= UNREAD_MAX)
		return;
	r = xenbus_request_new(XS_WATCH_EVENT, 0, NULL, path_size + token_size);
	if (!r)
		return;
	memcpy(r->body, path, path_size);
	memcpy(r->body + path_size, cw->token, token_size);
	c->unread++;
	make_readable(c, r);
}

static void watch_end(struct client_watch *cw)
{
	xenbus_watch_remove(&cw->w);
	list_remove(&cw->node);
	kfree(cw);
}

static struct client_watch *watch_begin(struct client *c, const char *path, const char *token)
{
	size_t path_size = strlen(path) + 1, token_size = strlen(token) + 1;
	struct client_watch *cw = kzalloc(sizeof(*cw) + path_size + token_size);
	char *text = (char *)(cw + 1);

	if (!cw)
		return NULL;
	memcpy(text, path, path_size);
	memcpy(text + path_size, token, token_size);
	cw->w.path = text;
	cw->token = text + path_size;
	cw->w.fired = watch_fired;
	cw->client = c;
	xenbus_watch_add(&cw->w);
	list_push_back(&c->watches, &cw->node);
	return cw;
}

static void watch_refused(struct client *c, uint32_t token)
{
	struct client_watch *cw;

	list_for_each(cw, &c->watches, node)
		if (cw->w.token == token) {
			watch_end(cw);
			return;
		}
}

static void unwatch(struct client *c, const char *path, const char *token)
{
	struct client_watch *cw, *tmp;

	list_for_each_safe(cw, tmp, &c->watches, node)
		if (!path || (!strcmp(cw->w.path, path) && !strcmp(cw->token, token))) {
			watch_end(cw);
			if (path)
				return;
		}
}

/* --- requests --- */

static void request_done(struct xenbus_request *r, const struct xsd_sockmsg *hdr,
			 const char *body)
{
	struct client *c = r->owner;
	struct xsd_sockmsg to_user = *hdr;
	uint32_t asked = r->hdr.type;

	if (asked == XS_TRANSACTION_END && transaction_find(c, r->hdr.tx_id))
		transaction_forget(transaction_find(c, r->hdr.tx_id));
	if (asked == XS_WATCH && hdr->type == XS_ERROR)
		watch_refused(c, (uint32_t)strtou64(r->body + strlen(r->body) + 1, NULL, 16));
	if (asked == XS_TRANSACTION_START && hdr->type == XS_TRANSACTION_START &&
	    !transaction_began(c, (uint32_t)strtou64(body, NULL, 10))) {
		to_user.type = XS_ERROR;
		to_user.len = sizeof("ENOMEM");
		body = "ENOMEM";
	}
	to_user.req_id = r->owner_id;
	if (c->closed)
		kfree(r);
	else
		answer(c, r, to_user, body);
	client_put(c);
}

static int forward(struct client *c, struct xenbus_request *r)
{
	if (!r)
		return -ENOMEM;
	r->done = request_done;
	r->owner = c;
	r->owner_id = c->msg.hdr.req_id;
	c->refs++;
	c->unread++;
	xenbus_send(r);
	return 0;
}

static int watch_request(struct client *c)
{
	const char *path = c->msg.body;
	const char *token = path + strlen(path) + 1;
	struct client_watch *cw;

	if (strlen(path) >= XENSTORE_ABS_PATH_MAX ||
	    token + strlen(token) >= path + c->msg.hdr.len) {
		answer_now(c, XS_ERROR, "EINVAL");
		return 0;
	}
	if (c->msg.hdr.type == XS_UNWATCH) {
		unwatch(c, path, token);
		answer_now(c, XS_UNWATCH, "OK");
		return 0;
	}
	cw = watch_begin(c, path, token);
	if (cw && forward(c, xenbus_watch_request(XS_WATCH, &cw->w)))
		watch_end(cw);
	else if (cw)
		return 0;
	return -ENOMEM;
}

/* The message is complete, with a zero byte behind it. */
static int take_message(struct client *c)
{
	const struct xsd_sockmsg *hdr = &c->msg.hdr;
	const char *body = c->msg.body;

	switch (hdr->type) {
	case XS_WATCH:
	case XS_UNWATCH:
		return watch_request(c);
	case XS_RESET_WATCHES:
		unwatch(c, NULL, NULL);
		answer_now(c, XS_RESET_WATCHES, "OK");
		return 0;
	}
	if (hdr->tx_id && !transaction_find(c, hdr->tx_id))
		answer_now(c, XS_ERROR, "ENOENT");
	else if (hdr->type == XS_TRANSACTION_END &&
		 (hdr->len != 2 || (strcmp(body, "T") && strcmp(body, "F"))))
		answer_now(c, XS_ERROR, "EINVAL");
	else
		return forward(c, xenbus_request_new(hdr->type, hdr->tx_id, body, hdr->len));
	return 0;
}

static int wait_for_room(struct file *f, struct client *c)
{
	while (c->unread >= UNREAD_MAX) {
		int rc;

		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		rc = waitq_wait(&c->readable, NO_DEADLINE);
		if (rc)
			return rc;
	}
	return 0;
}

static long xenbus_write(struct file *f, struct iter *from, uint64_t *pos)
{
	struct client *c = f->priv;
	size_t size = from->left;
	int rc = wait_for_room(f, c);

	if (rc)
		return rc;
	if (size > sizeof(c->msg) - 1 - c->got)
		goto refuse;
	if (iter_take(from, (char *)&c->msg + c->got, size) != size)
		return -EFAULT;
	c->got += (uint32_t)size;
	if (c->got < sizeof(c->msg.hdr))
		return (long)size;
	if (c->msg.hdr.len > XENSTORE_PAYLOAD_MAX) {
		c->got = 0;
		return -E2BIG;
	}
	if (c->got > sizeof(c->msg.hdr) + c->msg.hdr.len)
		goto refuse;
	if (c->got < sizeof(c->msg.hdr) + c->msg.hdr.len)
		return (long)size;
	c->msg.body[c->msg.hdr.len] = '\0';
	c->got = 0;
	rc = take_message(c);
	return rc ? rc : (long)size;
refuse:
	c->got = 0;
	return -EINVAL;
}

static long xenbus_read(struct file *f, struct iter *to, uint64_t *pos)
{
	struct client *c = f->priv;
	struct xenbus_request *r;
	size_t done = 0;

	while (list_empty(&c->answers)) {
		int rc;

		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		rc = waitq_wait(&c->readable, NO_DEADLINE);
		if (rc)
			return rc;
	}
	while (to->left && (r = list_first(&c->answers, struct xenbus_request, node))) {
		size_t n = min_u64(sizeof(r->hdr) + r->hdr.len - r->moved, to->left);
		size_t put = iter_put(to, (char *)&r->hdr + r->moved, n);

		done += put;
		r->moved += (uint32_t)put;
		if (put < n)
			return done ? (long)done : -EFAULT;
		if (r->moved == sizeof(r->hdr) + r->hdr.len) {
			list_remove(&r->node);
			kfree(r);
			c->unread--;
			waitq_wake(&c->readable);
		}
	}
	return (long)done;
}

static unsigned int xenbus_poll(struct file *f, struct poll_table *pt)
{
	struct client *c = f->priv;

	poll_wait(pt, &c->readable);
	return (list_empty(&c->answers) ? 0 : POLLIN | POLLRDNORM) |
	       (c->unread < UNREAD_MAX ? POLLOUT | POLLWRNORM : 0);
}

static int xenbus_open(struct inode *ino, struct file *f)
{
	struct client *c = kzalloc(sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->refs = 1;
	list_init(&c->answers);
	list_init(&c->transactions);
	list_init(&c->watches);
	waitq_init(&c->readable);
	f->priv = c;
	return 0;
}

static void xenbus_release(struct file *f)
{
	struct client *c = f->priv;
	struct xenbus_request *r;
	struct transaction *t;

	c->closed = true;
	unwatch(c, NULL, NULL);
	while ((t = list_first(&c->transactions, struct transaction, node))) {
		xenbus_tell(XS_TRANSACTION_END, t->id, "F", 2);
		transaction_forget(t);
	}
	while ((r = list_first(&c->answers, struct xenbus_request, node))) {
		list_remove(&r->node);
		kfree(r);
	}
	client_put(c);
}

static const struct file_ops xenbus_ops = {
	.open = xenbus_open,
	.release = xenbus_release,
	.read = xenbus_read,
	.write = xenbus_write,
	.poll = xenbus_poll,
};

void xenbus_device_init(void)
{
	dev_register("xen/xenbus", 0600, 10, 63, &xenbus_ops);
}
