/* SPDX-License-Identifier: MIT */
/* test_model.c - random operations of eight clients against a model.
 *
 * Rule: what a request outside a transaction answers is what the model, a
 * plain list of nodes, answers at that moment. What the requests of a
 * transaction answered is, when it succeeds, what the model answers when they
 * are all done at once at its end. One that ends with EAGAIN has looked at
 * something that changed. So every node is linearizable and no update is
 * lost; counters say the latter a second time. Now and then the state is read
 * back into a second store, which must be the same.
 * Not here: rights. All clients are domain 0's, who may everything; what
 * others may is compared with Debian's daemon (compare/conversations.py).
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "harness.h"
#include "path.h"

#define OPERATIONS 100000
#define CLIENTS    8
#define SEED       20240229U
#define NODES_MAX  256
#define STEPS_MAX  24
#define VALUE_MAX  12

/* The model: nodes in the order in which they were made. */
struct model_node {
	char path[32];
	char value[VALUE_MAX];
	char perms[16];
	/* of the last change of the node or its children */
	unsigned int changed;
};

struct model {
	struct model_node node[NODES_MAX];
	size_t count;
	unsigned int clock;
};

/* One request and what it was answered. */
struct step {
	uint32_t type;
	char path[32];
	char value[VALUE_MAX];
	struct reply reply;
};

struct client {
	struct conn *conn;
	/* 0: none is open */
	uint32_t transaction;
	unsigned int began;
	struct step step[STEPS_MAX];
	size_t steps;
	/* a transaction that adds 1 to the counter */
	bool counting;
};

static uint64_t random_state = SEED;

static unsigned int any(unsigned int below)
{
	random_state = random_state * 6364136223846793005ULL +
		       1442695040888963407ULL;
	return (unsigned int)(random_state >> 33) % below;
}

static struct model_node *model_find(struct model *m, const char *path)
{
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->node[i].path, path))
			return &m->node[i];
	return NULL;
}

static void model_touch(struct model *m, const char *path)
{
	struct model_node *n = model_find(m, path);

	if (n)
		n->changed = m->clock;
}

static void model_parent(char out[32], const char *path)
{
	char *slash;

	strcpy(out, path);
	slash = strrchr(out, '/');
	slash[slash == out] = '\0';
}

static struct model_node *model_make(struct model *m, const char *path)
{
	struct model_node *n;
	char parent[32];

	model_parent(parent, path);
	n = model_find(m, parent);
	if (!n)
		n = model_make(m, parent);
	n->changed = m->clock;
	assert_true(m->count < NODES_MAX);
	/* the list may not move: `n` and the new one are places in it */
	strcpy(m->node[m->count].perms, n->perms);
	n = &m->node[m->count++];
	strcpy(n->path, path);
	n->value[0] = '\0';
	n->changed = m->clock;
	return n;
}

static bool below(const char *path, const char *top)
{
	size_t length = strlen(top);

	return !strncmp(path, top, length) &&
	       (path[length] == '\0' || path[length] == '/');
}

static void model_remove(struct model *m, const char *path)
{
	size_t kept = 0;
	char parent[32];

	for (size_t i = 0; i < m->count; i++)
		if (!below(m->node[i].path, path))
			m->node[kept++] = m->node[i];
	m->count = kept;
	model_parent(parent, path);
	model_touch(m, parent);
}

static void say(struct reply *reply, uint32_t type, const char *text,
		size_t length)
{
	reply->type = type;
	reply->length = (uint32_t)length;
	memcpy(reply->text, text, length);
}

static void model_list(const struct model *m, const char *path,
		       struct reply *reply)
{
	size_t length = strcmp(path, "/") ? strlen(path) : 0;

	reply->length = 0;
	for (size_t i = 0; i < m->count; i++) {
		const char *name = m->node[i].path + length + 1;

		if (strncmp(m->node[i].path, path, length) ||
		    m->node[i].path[length] != '/' || strchr(name, '/') ||
		    !*name)
			continue;
		strcpy(reply->text + reply->length, name);
		reply->length += (uint32_t)strlen(name) + 1;
	}
}

/* What the model answers, and what it becomes. */
static void model_do(struct model *m, const struct step *st,
		     struct reply *reply)
{
	struct model_node *n = model_find(m, st->path);
	char parent[32];

	m->clock++;
	say(reply, st->type, "OK", 3);
	switch (st->type) {
	case XS_READ:
		if (n)
			say(reply, XS_READ, n->value, strlen(n->value));
		break;
	case XS_GET_PERMS:
		if (n)
			say(reply, XS_GET_PERMS, n->perms,
			    strlen(n->perms) + 1);
		break;
	case XS_DIRECTORY:
		if (n)
			model_list(m, st->path, reply);
		break;
	case XS_WRITE:
		if (!n)
			n = model_make(m, st->path);
		strcpy(n->value, st->value);
		n->changed = m->clock;
		return;
	case XS_MKDIR:
		if (!n)
			model_make(m, st->path);
		return;
	case XS_SET_PERMS:
		if (!n)
			break;
		strcpy(n->perms, st->value);
		n->changed = m->clock;
		return;
	case XS_RM:
		if (n) {
			model_remove(m, st->path);
			return;
		}
		model_parent(parent, st->path);
		if (model_find(m, parent))
			return;
		break;
	}
	if (!n)
		say(reply, XS_ERROR, "ENOENT", 7);
}

static void ask(struct store *s, struct client *c, struct step *st)
{
	char payload[64];
	size_t length = strlen(st->path) + 1;

	strcpy(payload, st->path);
	if (st->type == XS_WRITE) {
		memcpy(payload + length, st->value, strlen(st->value));
		length += strlen(st->value);
	} else if (st->type == XS_SET_PERMS) {
		strcpy(payload + length, st->value);
		length += strlen(st->value) + 1;
	}
	harness_ask(s, c->conn, st->type, c->transaction, payload, length,
		    &st->reply);
}

static void same(const struct step *st, const struct reply *expected)
{
	if (st->reply.type != expected->type ||
	    st->reply.length != expected->length ||
	    memcmp(st->reply.text, expected->text, expected->length))
		fail_msg("type %u %s: answered %u \"%.*s\", the model %u \"%.*s\"",
			 st->type, st->path, st->reply.type,
			 (int)st->reply.length, st->reply.text,
			 expected->type, (int)expected->length,
			 expected->text);
}

static void make_step(struct step *st)
{
	static const uint32_t types[] = {
		XS_READ, XS_READ, XS_WRITE, XS_WRITE, XS_WRITE, XS_MKDIR,
		XS_RM, XS_DIRECTORY, XS_GET_PERMS, XS_SET_PERMS,
	};
	unsigned int depth = 1 + any(3);
	size_t used = 0;

	st->type = types[any(sizeof(types) / sizeof(types[0]))];
	for (unsigned int i = 0; i < depth; i++)
		used += (size_t)sprintf(st->path + used, "/%c",
					"abcd"[any(4)]);
	if (st->type == XS_SET_PERMS)
		sprintf(st->value, "%c0", "nrwb"[any(4)]);
	else
		sprintf(st->value, "%u", any(1000000));
}

static struct model model, trial;
static unsigned long commits, conflicts, counted;

/* True if something that the transaction looked at, or a node above or below
 * it, has changed since it began, or has come or gone. */
static bool justified(const struct client *c)
{
	for (size_t i = 0; i < c->steps; i++)
		for (size_t k = 0; k < model.count; k++)
			if (model.node[k].changed > c->began &&
			    (below(model.node[k].path, c->step[i].path) ||
			     below(c->step[i].path, model.node[k].path) ||
			     !strcmp(model.node[k].path, "/")))
				return true;
	return false;
}

static void replay(struct client *c)
{
	struct reply expected;

	trial = model;
	for (size_t i = 0; i < c->steps; i++) {
		model_do(&trial, &c->step[i], &expected);
		same(&c->step[i], &expected);
	}
	model = trial;
}

static void end_transaction(struct store *s, struct client *c)
{
	bool keep = c->counting || any(8);
	struct reply reply;

	harness_ask_text(s, c->conn, XS_TRANSACTION_END, c->transaction,
			 keep ? "T" : "F", &reply);
	c->transaction = 0;
	if (reply.type == XS_TRANSACTION_END) {
		if (!keep)
			return;
		replay(c);
		commits++;
		counted += c->counting;
		return;
	}
	assert_string_equal(reply.text, "EAGAIN");
	assert_true(justified(c));
	conflicts++;
}

static void begin_transaction(struct store *s, struct client *c)
{
	struct reply reply;

	harness_ask_text(s, c->conn, XS_TRANSACTION_START, 0, "", &reply);
	assert_int_equal(reply.type, XS_TRANSACTION_START);
	c->transaction = (uint32_t)atoi(reply.text);
	c->began = model.clock;
	c->steps = 0;
	c->counting = any(4) == 0;
}

/* The counter is read first and written with one more last. */
static void count_up(struct store *s, struct client *c)
{
	struct step *st = &c->step[c->steps];

	strcpy(st->path, "/counter");
	st->type = c->steps ? XS_WRITE : XS_READ;
	if (c->steps)
		sprintf(st->value, "%d", atoi(c->step[0].reply.text) + 1);
	ask(s, c, st);
	if (c->steps++)
		end_transaction(s, c);
}

static void act(struct store *s, struct client *c)
{
	struct reply expected;
	struct step *st;

	if (!c->transaction) {
		if (any(3) == 0) {
			begin_transaction(s, c);
			return;
		}
		c->steps = 0;
	}
	st = &c->step[c->steps];
	if (c->transaction && c->counting) {
		count_up(s, c);
		return;
	}
	make_step(st);
	ask(s, c, st);
	if (!c->transaction) {
		model_do(&model, st, &expected);
		same(st, &expected);
	} else if (++c->steps == STEPS_MAX || any(5) == 0) {
		end_transaction(s, c);
	}
}

/* True if one of the client's last requests was to change this node. */
static bool named(const struct client *c, const char *path)
{
	size_t count = c->steps ? c->steps : 1;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(c->step[i].path, path) &&
		    (c->step[i].type == XS_WRITE ||
		     c->step[i].type == XS_MKDIR ||
		     c->step[i].type == XS_RM ||
		     c->step[i].type == XS_SET_PERMS))
			return true;
	return false;
}

/* Each event of the watch on "/" is about a node that was named by who has
 * just acted. */
static void drain(struct store *s, struct conn *watcher,
		  const struct client *c, unsigned long *events)
{
	struct reply reply;

	for (;;) {
		harness_event(s, watcher, &reply);
		if (!reply.type)
			return;
		reply.text[strcspn(reply.text, " ")] = '\0';
		if (!named(c, reply.text))
			fail_msg("an event about %s", reply.text);
		(*events)++;
	}
}

/* The store, and one read back from its files, are what the model is. */
static void compare(struct store *s)
{
	/* "/tool" and "/tool/xenstored" besides */
	assert_int_equal(s->tree.count, model.count + 2);
	for (size_t i = 0; i < model.count; i++) {
		const struct model_node *m = &model.node[i];
		const struct node *n = tree_find(&s->tree, m->path,
						 strlen(m->path));
		char perms[PERM_TEXT_MAX];

		assert_non_null(n);
		assert_int_equal(n->perms->count, 1);
		perm_format(perms, &n->perms->entry[0]);
		assert_string_equal(perms, m->perms);
		assert_int_equal(n->value->length, strlen(m->value));
		assert_memory_equal(n->value->bytes, m->value,
				    n->value->length);
	}
}

static void read_back(struct store *s, const char *folder)
{
	static struct store again;
	struct reply one, other;
	struct conn *a, *b;

	harness_open(&again, folder);
	compare(&again);
	a = harness_client(s, 0);
	b = harness_client(&again, 0);
	for (size_t i = 0; i < model.count; i++) {
		/* the order of children survives too */
		harness_ask_text(s, a, XS_DIRECTORY, 0, model.node[i].path,
				 &one);
		harness_ask_text(&again, b, XS_DIRECTORY, 0,
				 model.node[i].path, &other);
		assert_int_equal(one.length, other.length);
		assert_memory_equal(one.text, other.text, one.length);
	}
	conn_close(s, a);
	harness_close(&again);
}

static void begin_model(struct store *s, struct conn *conn)
{
	struct reply reply;

	harness_ask(s, conn, XS_WRITE, 0, "/counter\0" "0", 10, &reply);
	model.count = 2;
	strcpy(model.node[0].path, "/");
	strcpy(model.node[0].perms, "n0");
	strcpy(model.node[1].path, "/counter");
	strcpy(model.node[1].perms, "n0");
	strcpy(model.node[1].value, "0");
}

static void remove_folder(const char *folder)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

static void random_operations_match_the_model(void **state)
{
	static struct store s;
	static struct client clients[CLIENTS];
	char folder[] = "/tmp/store.XXXXXX";
	unsigned long events = 0;
	struct conn *watcher;
	struct reply reply;

	assert_non_null(mkdtemp(folder));
	harness_open(&s, folder);
	/* snapshots all the time, and never done between two requests */
	s.journal.least = 4096;
	s.journal.piece = 3;
	watcher = harness_client(&s, 0);
	harness_ask(&s, watcher, XS_WATCH, 0, "/\0t", 4, &reply);
	for (int i = 0; i < CLIENTS; i++)
		clients[i].conn = harness_client(&s, 0);
	begin_model(&s, clients[0].conn);
	/* that the watch is there, and the counter */
	harness_event(&s, watcher, &reply);
	assert_string_equal(reply.text, "/ t");
	harness_event(&s, watcher, &reply);
	assert_string_equal(reply.text, "/counter t");
	for (unsigned long i = 0; i < OPERATIONS; i++) {
		struct client *c = &clients[any(CLIENTS)];

		act(&s, c);
		drain(&s, watcher, c, &events);
		snapshot_step(&s);
		if (i % (OPERATIONS / 500) == 0)
			read_back(&s, folder);
	}
	compare(&s);
	read_back(&s, folder);
	assert_int_equal(counted, atoi(model_find(&model, "/counter")->value));
	print_message("%d operations, %lu commits, %lu conflicts, %lu events\n",
		      OPERATIONS, commits, conflicts, events);
	assert_true(s.journal.number > 20);
	assert_true(commits > OPERATIONS / 100);
	assert_true(conflicts > OPERATIONS / 100);
	assert_true(events > OPERATIONS / 10);
	harness_close(&s);
	remove_folder(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_match_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
