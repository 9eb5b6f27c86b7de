/* SPDX-License-Identifier: MIT */
/* test_conn.c - what a client is owed, and what becomes of one that does not
 * read it.
 *
 * Rule: a run of equal events is one event; looking for that costs the same
 * however many wait. Who lets too many wait loses its connection. A daemon that
 * is killed while it gives a domain a fresh start leaves one who can go on. A
 * request that came while the one before it was served waits for no bell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "harness.h"
#include "record.h"
#include "request.h"
#include "ring.h"

static void write_node(struct store *s, struct conn *c, unsigned int number,
		       size_t fill)
{
	char payload[XENSTORE_ABS_PATH_MAX];
	struct reply reply;
	int length = snprintf(payload, sizeof(payload), "/n/%0*u", (int)fill,
			      number);

	harness_ask(s, c, XS_WRITE, 0, payload, (size_t)length + 1, &reply);
	assert_string_equal(reply.text, "OK");
}

/* One that watches everything and has heard that it does. */
static struct conn *watcher_of(struct store *s)
{
	struct conn *c = harness_client(s, 0);
	struct reply reply;

	harness_ask(s, c, XS_WATCH, 0, "/\0t", 4, &reply);
	harness_event(s, c, &reply);
	assert_int_equal(c->out_events, 0);
	return c;
}

static void only_the_newest_events_are_compared(void **state)
{
	static struct store s;
	struct conn *writer, *watcher;
	struct reply reply;

	harness_open(&s, NULL);
	writer = harness_client(&s, 0);
	watcher = watcher_of(&s);
	for (unsigned int i = 0; i < EVENTS_COMPARED; i++)
		write_node(&s, writer, i, 1);
	assert_int_equal(watcher->out_events, EVENTS_COMPARED);
	for (unsigned int i = 0; i < EVENTS_COMPARED; i++)
		write_node(&s, writer, i, 1);
	assert_int_equal(watcher->out_events, EVENTS_COMPARED);
	/* 0 is told again once there are enough others after it */
	write_node(&s, writer, EVENTS_COMPARED, 1);
	write_node(&s, writer, 0, 1);
	assert_int_equal(watcher->out_events, EVENTS_COMPARED + 2);
	write_node(&s, writer, 0, 1);
	assert_int_equal(watcher->out_events, EVENTS_COMPARED + 2);
	/* one that has been read is none that waits */
	while (watcher->out_events)
		harness_event(&s, watcher, &reply);
	assert_string_equal(reply.text, "/n/0 t");
	write_node(&s, writer, 0, 1);
	assert_int_equal(watcher->out_events, 1);
	harness_close(&s);
}

static void own_client_that_does_not_read_is_dropped(void **state)
{
	static struct store s;
	struct conn *writer, *watcher;
	unsigned int number = 0;

	harness_open(&s, NULL);
	writer = harness_client(&s, 0);
	watcher = watcher_of(&s);
	while (harness_has(&s, watcher)) {
		assert_true(number < 5000);
		write_node(&s, writer, number++, 1500);
	}
	assert_true(number > 2000);
	harness_close(&s);
}

/* The store as the state file has it, with a domain 5 whose page is a file. */
static void open_with_domains(struct store *s, const char *folder)
{
	struct reason why = { 0 };

	assert_int_equal(store_open(s), 0);
	s->hv = hv_open(&why);
	assert_non_null(s->hv);
	assert_int_equal(journal_open(s, folder, &why), 0);
	assert_int_equal(store_begin(s), 0);
}

static void close_with_domains(struct store *s)
{
	struct hv *hv = s->hv;

	store_close(s);
	hv_close(hv);
}

static void make_page(const char *folder, const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), 4096), 0);
	fclose(f);
}

/* Another daemon on the same state and page: the domain is served. */
static void next_one_serves(const char *folder)
{
	static struct store next;
	struct conn *c;

	open_with_domains(&next, folder);
	c = domain_find(&next, 5)->conn;
	assert_non_null(c);
	assert_null(c->broken);
	ring_read(&next, c);
	assert_null(c->broken);
	assert_int_equal(c->ring->page->connection, XENSTORE_CONNECTED);
	assert_int_equal(c->ring->page->req_cons, 0);
	assert_int_equal(c->ring->page->rsp_prod, 0);
	assert_int_equal(c->ring->taken, 0);
	assert_int_equal(c->ring->sent, 0);
	/* this one changes no more of the state than the killed one did */
	next.journal.quiet = true;
	next.journal.record.used = 0;
	close_with_domains(&next);
}

static char folder[32];

/* A store with pages in a new folder, and domain 5's connection. */
static struct conn *serve_domain_5(struct store *s)
{
	strcpy(folder, "/tmp/store.XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("FAKE_XEN_DIR", folder, 1);
	make_page(folder, "ring-0");
	make_page(folder, "ring-5");
	open_with_domains(s, folder);
	assert_int_equal(store_introduce(s, 5, 1, 1), 0);
	return domain_find(s, 5)->conn;
}

static void stop_serving(struct store *s)
{
	char command[64];

	close_with_domains(s);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

static void fresh_start_survives_a_kill(void **state)
{
	static struct store s;
	struct conn *c = serve_domain_5(&s);
	struct xenstore_domain_interface *page = c->ring->page;

	c->ring->taken = page->req_cons = page->req_prod = 100;
	c->ring->sent = c->ring->promised = 200;
	page->rsp_cons = page->rsp_prod = 200;
	record_introduced(&s, c);
	journal_flush(&s);

	/* killed when the page was wholly reset */
	page->connection = XENSTORE_RECONNECT;
	ring_read(&s, c);
	assert_int_equal(page->connection, XENSTORE_CONNECTED);
	next_one_serves(folder);

	/* killed when the journal was written and half of the page */
	page->connection = XENSTORE_RECONNECT;
	page->rsp_cons = page->rsp_prod = 200;
	next_one_serves(folder);
	stop_serving(&s);
}

static void domain_asks(struct xenstore_domain_interface *page)
{
	static const struct {
		struct xsd_sockmsg header;
		char path[2];
	} __attribute__((packed)) request = { { XS_DIRECTORY, 0, 0, 2 }, "/" };

	memcpy(page->req + page->req_prod, &request, sizeof(request));
	page->req_prod += sizeof(request);
}

/* Linux rings only when it finds all it asked before taken. */
static void what_nobody_rings_for_is_found(void **state)
{
	static struct store s;
	struct conn *c = serve_domain_5(&s);
	struct xenstore_domain_interface *page = c->ring->page;

	domain_asks(page);
	assert_true(ring_read(&s, c));
	request_serve(&s, c);
	domain_asks(page);
	c->due = s.busy = false;
	ring_publish(&s, c);
	assert_true(c->due);
	assert_true(s.busy);

	assert_true(ring_read(&s, c));
	request_serve(&s, c);
	c->due = s.busy = false;
	ring_publish(&s, c);
	assert_false(c->due);
	assert_false(s.busy);
	assert_int_equal(page->req_cons, page->req_prod);
	stop_serving(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_newest_events_are_compared),
		cmocka_unit_test(own_client_that_does_not_read_is_dropped),
		cmocka_unit_test(fresh_start_survives_a_kill),
		cmocka_unit_test(what_nobody_rings_for_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
