/* SPDX-License-Identifier: MIT */
/* test_console.c - consoled's ring, history and log, and JSON output.
 *
 * Rule: whatever a guest writes into its console page, consoled reads and
 * writes inside that page only, and its log stays bounded.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "cmocka_all.h"
#include "fake_ctl.h"
#include "history.h"
#include "json.h"
#include "kept_log.h"
#include "log_file.h"
#include "ring.h"

static struct xencons_interface *fresh_ring(void)
{
	/* by itself on the heap: the sanitizer sees every step outside */
	return calloc(1, sizeof(struct xencons_interface));
}

static size_t take(struct xencons_interface *ring, char out[2048],
		   bool *broken)
{
	uint32_t before = ring->out_cons, end;
	size_t count = ring_look(ring, out, 2048, &end, broken);

	/* it is the guest's again only when it is safe */
	assert_int_equal(ring->out_cons, before);
	ring_took(ring, end);
	return count;
}

static void output_is_taken_in_order(void **state)
{
	struct xencons_interface *ring = fresh_ring();
	char out[2048];
	bool broken;

	ring->out_cons = ring->out_prod = 0xfffffffe;	/* wraps on the way */
	for (int i = 0; i < 5; i++)
		ring->out[MASK_XENCONS_IDX(ring->out_prod++, ring->out)] =
			"hello"[i];
	assert_int_equal(take(ring, out, &broken), 5);
	assert_false(broken);
	assert_memory_equal(out, "hello", 5);
	assert_int_equal(ring->out_cons, ring->out_prod);
	assert_int_equal(take(ring, out, &broken), 0);
	ring->out_prod = ring->out_cons + 2048;
	assert_int_equal(take(ring, out, &broken), 2048);
	assert_false(broken);
	free(ring);
}

static void broken_indices_are_survived(void **state)
{
	static const uint32_t strange[] = { 2049, 4096, 0x7fffffff,
					    0x80000000, 0xffffffff };
	struct xencons_interface *ring = fresh_ring();
	char out[2048];
	bool broken;

	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		ring->out_prod = ring->out_cons + strange[i];
		assert_int_equal(take(ring, out, &broken),
				 0);
		assert_true(broken);
		/* and it works again afterwards */
		ring->out_prod++;
		assert_int_equal(take(ring, out, &broken),
				 1);
		ring->in_prod = ring->in_cons + strange[i];
		assert_int_equal(ring_room(ring), 0);
	}
	free(ring);
}

static void input_fills_the_ring_and_no_more(void **state)
{
	struct xencons_interface *ring = fresh_ring();
	char bytes[1024];

	ring->in_cons = ring->in_prod = 0xfffffff0;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(ring_room(ring), 1024);
	ring_put(ring, "ab", 2);
	assert_int_equal(ring_room(ring), 1022);
	assert_int_equal(ring->in[0xfffffff0 % 1024], 'a');
	ring_put(ring, bytes, 1022);
	assert_int_equal(ring_room(ring), 0);
	assert_int_equal(ring->in_prod - ring->in_cons, 1024);
	free(ring);
}

static void history_keeps_the_last_bytes(void **state)
{
	struct history *h = calloc(1, sizeof(*h));
	const char *piece;
	char byte;

	history_add(h, "abc", 3);
	assert_int_equal(history_start(h), 0);
	assert_int_equal(history_piece(h, 1, &piece), 2);
	assert_memory_equal(piece, "bc", 2);
	assert_int_equal(history_piece(h, 3, &piece), 0);
	for (unsigned int i = 3; i < HISTORY_BYTES + 10; i++) {
		byte = (char)i;
		history_add(h, &byte, 1);
	}
	assert_int_equal(history_start(h), 10);
	/* two pieces: to the end of the buffer, and the rest */
	assert_int_equal(history_piece(h, 10, &piece), HISTORY_BYTES - 10);
	assert_int_equal(*piece, 10);
	assert_int_equal(history_piece(h, HISTORY_BYTES, &piece), 10);
	assert_int_equal(*piece, (char)HISTORY_BYTES);
	free(h);
}

static long size_of(const char *folder, const char *name)
{
	char path[PATH_ROOM * 2];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return stat(path, &st) ? -1 : (long)st.st_size;
}

static void the_log_is_bounded(void **state)
{
	char folder[] = "/tmp/test_console.XXXXXX", path[64], bytes[1000];
	struct log_file log;

	assert_non_null(mkdtemp(folder));
	setenv("VANE_LOG_DIR", folder, 1);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(log_file_open(&log, "g", true, 0), 0);
	for (unsigned int i = 0; i < 3 * LOG_FILE_BYTES / 1000; i++)
		log_file_write(&log, bytes, sizeof(bytes));
	log_file_close(&log);
	assert_in_range(size_of(folder, "guest-g.log"), 1, LOG_FILE_BYTES);
	assert_in_range(size_of(folder, "guest-g.log.1"),
			LOG_FILE_BYTES - 1000, LOG_FILE_BYTES);

	/* the same domain goes on, a new one begins anew */
	assert_int_equal(log_file_open(&log, "n", true, 0), 0);
	log_file_write(&log, "one", 3);
	log_file_close(&log);
	assert_int_equal(log_file_open(&log, "n", false, 0), 0);
	log_file_write(&log, "two", 3);
	log_file_close(&log);
	assert_int_equal(size_of(folder, "guest-n.log"), 6);
	assert_int_equal(log_file_open(&log, "n", true, 0), 0);
	log_file_close(&log);
	assert_int_equal(size_of(folder, "guest-n.log"), 0);
	assert_int_equal(size_of(folder, "guest-n.log.1"), 6);

	snprintf(path, sizeof(path), "rm -r %s", folder);
	assert_int_equal(system(path), 0);
	/* a folder that is gone loses the log and nothing else */
	assert_true(log_file_open(&log, "n", true, 0) < 0);
	log_file_write(&log, "x", 1);
	log_file_close(&log);
	unsetenv("VANE_LOG_DIR");
}

/* A full disk loses what it does not take, and is told of once. */
static void the_log_goes_on_after_a_full_disk(void **state)
{
	char folder[] = "/tmp/test_console.XXXXXX", command[64];
	struct rlimit before, full;
	struct log_file log;
	int kept = dup(2);

	assert_non_null(mkdtemp(folder));
	setenv("VANE_LOG_DIR", folder, 1);
	snprintf(command, sizeof(command), "%s/said", folder);
	assert_non_null(freopen(command, "w", stderr));
	assert_int_equal(log_file_open(&log, "g", true, 0), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	full = before;
	full.rlim_cur = 5;
	setrlimit(RLIMIT_FSIZE, &full);
	log_file_write(&log, "1234567", 7);
	log_file_write(&log, "lost", 4);
	assert_int_equal(size_of(folder, "guest-g.log"), 5);
	setrlimit(RLIMIT_FSIZE, &before);
	log_file_write(&log, "again", 5);
	assert_int_equal(size_of(folder, "guest-g.log"), 10);
	log_file_close(&log);
	/* as after a log that could not be opened */
	log_file_write(&log, "again", 5);
	assert_int_equal(size_of(folder, "guest-g.log"), 15);
	log_file_close(&log);
	fflush(stderr);
	dup2(kept, 2);
	close(kept);
	snprintf(command, sizeof(command), "test $(wc -l < %s/said) = 1",
		 folder);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	unsetenv("VANE_LOG_DIR");
}

/* What others add (vane backtrace) counts. */
static void the_log_is_bounded_whoever_writes(void **state)
{
	char folder[] = "/tmp/test_console.XXXXXX", command[64];
	struct log_file log;

	assert_non_null(mkdtemp(folder));
	setenv("VANE_LOG_DIR", folder, 1);
	assert_int_equal(log_file_open(&log, "g", true, 1), 0);
	log_file_write(&log, "1", 1);
	snprintf(command, sizeof(command),
		 "head -c %u /dev/zero >> %s/guest-g.log", LOG_FILE_BYTES_MIN,
		 folder);
	assert_int_equal(system(command), 0);
	log_file_write(&log, "2", 1);
	log_file_close(&log);
	assert_int_equal(size_of(folder, "guest-g.log"), 1);
	assert_int_equal(size_of(folder, "guest-g.log.1"),
			 LOG_FILE_BYTES_MIN + 1);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	unsetenv("VANE_LOG_DIR");
}

/* What was typed before the hanging up is not lost with the output. */
static void who_hangs_up_has_been_heard(void **state)
{
	struct guest_host host = { .evtchn = -1 };
	struct guest g = { .ring = fresh_ring(), .log.fd = -1 };
	struct client *c;
	int ends[2];

	fake_reset(4096);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	c = client_open(ends[0]);
	history_add(&g.history, "output", 6);
	client_attach(c, &g, CLIENT_ATTACHED);
	assert_int_equal(write(ends[1], "typed\n", 6), 6);
	close(ends[1]);
	client_send_output(c);
	assert_false(client_behind(c));
	client_take_input(c, &host);
	assert_int_equal(g.ring->in_prod, 6);
	assert_int_equal(c->state, CLIENT_ATTACHED);
	client_take_input(c, &host);
	assert_int_equal(c->state, CLIENT_DONE);
	client_free(c);
	free(g.ring);
}

/* What a new daemon remembers: the end of both files together. */
static void the_history_comes_from_the_log(void **state)
{
	char folder[] = "/tmp/test_console.XXXXXX", command[64];
	struct history *h = calloc(1, sizeof(*h));
	struct log_file log;
	const char *piece;

	assert_non_null(mkdtemp(folder));
	setenv("VANE_LOG_DIR", folder, 1);
	/* the least limit there is */
	assert_int_equal(log_file_open(&log, "g", true, 1), 0);
	for (unsigned int i = 0; i < LOG_FILE_BYTES_MIN / 4; i++)
		log_file_write(&log, "old.", 4);
	history_load(h, &log);
	assert_int_equal(h->end, LOG_FILE_BYTES_MIN);
	log_file_write(&log, "new.", 4);
	assert_int_equal(size_of(folder, "guest-g.log"), 4);
	history_load(h, &log);
	assert_int_equal(h->end, LOG_FILE_BYTES_MIN + 4);
	history_piece(h, LOG_FILE_BYTES_MIN - 4, &piece);
	assert_memory_equal(piece, "old.new.", 8);
	log_file_close(&log);

	assert_int_equal(log_file_open(&log, "h", true, 0), 0);
	for (unsigned int i = 0; i < HISTORY_BYTES / 4; i++)
		log_file_write(&log, "old.", 4);
	log_file_write(&log, "new.", 4);
	history_load(h, &log);
	assert_int_equal(h->end, HISTORY_BYTES);
	history_piece(h, HISTORY_BYTES - 8, &piece);
	assert_memory_equal(piece, "old.new.", 8);
	log_file_rename(&log, "g");
	log_file_write(&log, "more", 4);
	log_file_close(&log);
	assert_int_equal(size_of(folder, "guest-h.log"), -1);
	assert_int_equal(size_of(folder, "guest-g.log"), HISTORY_BYTES + 8);
	assert_int_equal(size_of(folder, "guest-g.log.1"), 4);
	free(h);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	unsetenv("VANE_LOG_DIR");
}

static void the_words_of_the_gone_are_found(void **state)
{
	char folder[] = "/tmp/test_console.XXXXXX", path[PATH_ROOM];
	char command[64], *text = NULL;
	size_t size;
	struct log_file log;
	FILE *out;

	assert_non_null(mkdtemp(folder));
	setenv("VANE_LOG_DIR", folder, 1);
	assert_int_equal(log_file_open(&log, "g", true, 0), 0);
	log_file_write(&log, "last words\n", 11);
	log_file_close(&log);
	assert_int_equal(kept_log_find("g", path), 0);
	out = open_memstream(&text, &size);
	assert_int_equal(kept_log_print(path, out), 0);
	fclose(out);
	assert_string_equal(text, "last words\n");
	free(text);
	assert_int_equal(kept_log_find("h", path), -ENOENT);
	assert_int_equal(kept_log_find("", path), -ENOENT);
	assert_int_equal(kept_log_find("x/../g", path), -ENOENT);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	unsetenv("VANE_LOG_DIR");
}

static void json_is_json(void **state)
{
	char *text = NULL;
	size_t size;
	struct json j = { .out = open_memstream(&text, &size) };

	json_open(&j, NULL, '[');
	json_open(&j, NULL, '{');
	json_string(&j, "a\"b", "q\\\x01");
	json_number(&j, "n", UINT64_MAX);
	json_hex(&j, "h", 0x1f);
	json_bool(&j, "t", true);
	json_close(&j, '}');
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_close(&j, ']');
	fclose(j.out);
	assert_string_equal(text,
			    "[\n"
			    "    {\n"
			    "        \"a\\\"b\": \"q\\\\\\u0001\",\n"
			    "        \"n\": 18446744073709551615,\n"
			    "        \"h\": \"0x1f\",\n"
			    "        \"t\": true\n"
			    "    },\n"
			    "    {}\n"
			    "]\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_taken_in_order),
		cmocka_unit_test(broken_indices_are_survived),
		cmocka_unit_test(input_fills_the_ring_and_no_more),
		cmocka_unit_test(history_keeps_the_last_bytes),
		cmocka_unit_test(the_log_is_bounded),
		cmocka_unit_test(the_log_goes_on_after_a_full_disk),
		cmocka_unit_test(the_log_is_bounded_whoever_writes),
		cmocka_unit_test(who_hangs_up_has_been_heard),
		cmocka_unit_test(the_history_comes_from_the_log),
		cmocka_unit_test(the_words_of_the_gone_are_found),
		cmocka_unit_test(json_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
