/* SPDX-License-Identifier: MIT */
/* storeclient.c - the kernel as a client of the store, with this program as
 * the daemon: an honest one first, then a hostile one.
 *
 * Run in a control domain started with "nodaemons"; prints a line a check.
 * The daemon is at /dev/xen/xenbus_backend, programs are at /dev/xen/xenbus,
 * and the kernel has wishes of its own (control/shutdown and so on).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#include "check.h"

#define BACKEND_EVTCHN ((unsigned long)'B' << 8)
#define BIND_INTERDOMAIN ((unsigned long)8 << 16 | 'E' << 8 | 1)
#define NOTIFY ((unsigned long)4 << 16 | 'E' << 8 | 4)
#define PATIENCE 10000

struct message {
	struct xsd_sockmsg hdr;
	char body[XENSTORE_PAYLOAD_MAX + 1];
};

static volatile struct xenstore_domain_interface *ring;
static int events;
static uint32_t port;
static struct message asked;	/* what the daemon got last */
static struct message told;	/* what a program got last */

/* --- the daemon --- */

static void notify(void)
{
	ioctl(events, NOTIFY, &port);
}

static int wait_event(int patience)
{
	struct pollfd pfd = { .fd = events, .events = POLLIN };
	uint32_t p;

	if (poll(&pfd, 1, patience) != 1 || read(events, &p, 4) != 4)
		return 0;
	return write(events, &p, 4) == 4;
}

static int get_bytes(void *to, uint32_t n, int patience)
{
	for (char *at = to; n; n--) {
		while (ring->req_cons == ring->req_prod) {
			notify();
			if (!wait_event(patience) && ring->req_cons == ring->req_prod)
				return 0;
		}
		*at++ = ring->req[MASK_XENSTORE_IDX(ring->req_cons)];
		__sync_synchronize();
		ring->req_cons++;
	}
	return 1;
}

/* The next request, within the time; 0: none came. */
static int request(int patience)
{
	memset(&asked, 0, sizeof(asked));
	return get_bytes(&asked.hdr, sizeof(asked.hdr), patience) &&
	       get_bytes(asked.body, asked.hdr.len, PATIENCE);
}

static int request_is(uint32_t type, const char *body)
{
	return request(PATIENCE) && asked.hdr.type == type && !strcmp(asked.body, body);
}

static void put_bytes(const void *from, uint32_t n)
{
	for (const char *at = from; n; n--) {
		while (ring->rsp_prod - ring->rsp_cons == XENSTORE_RING_SIZE) {
			notify();
			wait_event(PATIENCE);
		}
		ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod)] = *at++;
		__sync_synchronize();
		ring->rsp_prod++;
	}
}

static void say(uint32_t type, uint32_t id, const void *body, uint32_t len)
{
	struct xsd_sockmsg hdr = { type, id, asked.hdr.tx_id, len };

	put_bytes(&hdr, sizeof(hdr));
	put_bytes(body, len);
	notify();
}

static void answer(const char *text)
{
	say(asked.hdr.type, asked.hdr.req_id, text, (uint32_t)strlen(text) + 1);
}

static void refuse(const char *name)
{
	say(XS_ERROR, asked.hdr.req_id, name, (uint32_t)strlen(name) + 1);
}

/* Of the watch whose request is in `asked`. */
static void fire(const struct message *watch, const char *path)
{
	const char *token = watch->body + strlen(watch->body) + 1;
	char body[256];
	int n = snprintf(body, sizeof(body), "%s%c%s%c", path, 0, token, 0);

	say(XS_WATCH_EVENT, 0, body, (uint32_t)n);
}

/* --- a program --- */

static void send(int fd, uint32_t type, uint32_t id, uint32_t tx, const void *body, uint32_t len)
{
	struct message m = { .hdr = { type, id, tx, len } };

	memcpy(m.body, body, len);
	if (write(fd, &m, sizeof(m.hdr) + len) != (ssize_t)(sizeof(m.hdr) + len))
		check("write of a whole message", 0);
}

static int receive(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	memset(&told, 0, sizeof(told));
	return poll(&pfd, 1, PATIENCE) == 1 &&
	       read(fd, &told.hdr, sizeof(told.hdr)) == sizeof(told.hdr) &&
	       (!told.hdr.len || read(fd, told.body, told.hdr.len) == (ssize_t)told.hdr.len);
}

static int got(int fd, uint32_t type, uint32_t id, const char *body)
{
	return receive(fd) && told.hdr.type == type && told.hdr.req_id == id &&
	       !strcmp(told.body, body);
}

static int program(void)
{
	return open("/dev/xen/xenbus", O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* --- the checks --- */

static int backend;

static void daemon_starts(void)
{
	uint32_t arg[2] = { 0x7ff0, (uint32_t)ioctl(backend, BACKEND_EVTCHN) };

	events = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC);
	port = (uint32_t)ioctl(events, BIND_INTERDOMAIN, arg);
}

/* The ring is as the last daemon left it, and so is what it had read. */
static void restart(void)
{
	int a = program();
	struct message first;

	send(a, XS_READ, 1, 0, "first", 6);
	request(PATIENCE);
	first = asked;
	close(events);
	send(a, XS_READ, 2, 0, "second", 7);
	daemon_starts();
	check("a new daemon", (int)port > 0 && request_is(XS_READ, "second"));
	answer("2");
	asked = first;
	answer("1");
	check("answers what the old one was asked", got(a, XS_READ, 2, "2") &&
	      got(a, XS_READ, 1, "1"));
	close(a);
}

static struct message watches[3];	/* the kernel's own */

static int watches_come(void)
{
	static const char *const paths[] = { "control/shutdown", "control/sysrq",
					     "memory/target" };

	for (int i = 0; i < 3; i++) {
		if (!request_is(XS_WATCH, paths[i]))
			return 0;
		watches[i] = asked;
		answer("OK");
	}
	return 1;
}

static void kernel_begins(void)
{
	check("its three watches", watches_come());
	check("feature-poweroff", request_is(XS_WRITE, "control/feature-poweroff"));
	answer("OK");
	check("feature-reboot", request_is(XS_WRITE, "control/feature-reboot"));
	refuse("EACCES");
	check("feature-sysrq, though one was refused",
	      request_is(XS_WRITE, "control/feature-sysrq"));
	answer("OK");
	check("and no more", !request(100));
}

static void requests(void)
{
	int a = program(), b = program();
	struct message first;

	check("nothing to read", read(a, &told, 1) == -1 && errno == EAGAIN);
	send(a, XS_READ, 77, 0, "foo", 4);
	check("a request", request_is(XS_READ, "foo") && asked.hdr.len == 4);
	answer("bar");
	check("its answer", got(a, XS_READ, 77, "bar"));
	send(a, XS_READ, 78, 0, "foo", 4);
	request(PATIENCE);
	refuse("ENOENT");
	check("an error", got(a, XS_ERROR, 78, "ENOENT"));
	send(a, XS_READ, 1, 0, "a", 2);
	send(b, XS_READ, 1, 0, "b", 2);
	check("two programs", request_is(XS_READ, "a"));
	first = asked;
	check("at a time", request_is(XS_READ, "b"));
	answer("for b");
	asked = first;
	answer("for a");
	check("each its own, in any order", got(a, XS_READ, 1, "for a") &&
	      got(b, XS_READ, 1, "for b"));
	for (int i = 0; i < 20; i++)
		(void)!write(a, (char *)&(struct message){ { XS_READ, 5, 0, 4 }, "foo" } + i, 1);
	check("a byte at a time", request_is(XS_READ, "foo"));
	answer("bar");
	check("read in pieces", poll(&(struct pollfd){ a, POLLIN, 0 }, 1, PATIENCE) == 1 &&
	      read(a, &told, 3) == 3 && read(a, (char *)&told + 3, 100) == 17 &&
	      !strcmp(told.body, "bar") && told.hdr.req_id == 5);
	close(a);
	close(b);
}

static void sizes(void)
{
	static char big[XENSTORE_PAYLOAD_MAX + 100];
	int a = program();
	struct xsd_sockmsg hdr = { XS_WRITE, 1, 0, XENSTORE_PAYLOAD_MAX + 1 };

	memset(big, 'x', XENSTORE_PAYLOAD_MAX);
	send(a, XS_WRITE, 9, 0, big, XENSTORE_PAYLOAD_MAX);
	check("the largest request", request(PATIENCE) && !strcmp(asked.body, big));
	say(XS_WRITE, asked.hdr.req_id, big, XENSTORE_PAYLOAD_MAX);
	check("and answer", got(a, XS_WRITE, 9, big));
	check("a larger one", write(a, &hdr, sizeof(hdr)) == -1 && errno == E2BIG);
	check("a write of more than that", write(a, big, sizeof(big)) == -1 && errno == EINVAL);
	send(a, XS_READ, 3, 0, "", 0);
	check("none at all", request(PATIENCE) && asked.hdr.len == 0);
	say(XS_READ, asked.hdr.req_id, "", 0);
	check("and as answer", got(a, XS_READ, 3, "") && told.hdr.len == 0);
	send(a, XS_WATCH, 4, 0, "no token", 9);
	check("a watch without a token", got(a, XS_ERROR, 4, "EINVAL"));
	big[XENSTORE_ABS_PATH_MAX] = '\0';
	big[XENSTORE_ABS_PATH_MAX + 1] = '\0';
	send(a, XS_WATCH, 4, 0, big, XENSTORE_ABS_PATH_MAX + 2);
	check("of too long a path", got(a, XS_ERROR, 4, "EINVAL"));
	check("the daemon saw nothing of it", !request(100));
	check("bad pointer", write(a, (void *)8, 20) == -1 && errno == EFAULT);
	close(a);
}

static void watching(void)
{
	int a = program(), b = program();
	struct message wa, wb;

	send(a, XS_WATCH, 1, 0, "dir\0same", 9);
	check("a watch", request_is(XS_WATCH, "dir"));
	wa = asked;
	answer("OK");
	check("is made", got(a, XS_WATCH, 1, "OK"));
	send(b, XS_WATCH, 1, 0, "dir\0same", 9);
	request(PATIENCE);
	wb = asked;
	answer("OK");
	check("another's of the same name", got(b, XS_WATCH, 1, "OK"));
	fire(&wa, "dir/x");
	check("an event", got(a, XS_WATCH_EVENT, 0, "dir/x") && !strcmp(told.body + 6, "same"));
	fire(&wb, "dir/y");
	check("each its own", got(b, XS_WATCH_EVENT, 0, "dir/y") &&
	      read(a, &told, 1) == -1 && errno == EAGAIN);
	send(a, XS_UNWATCH, 2, 0, "dir\0same", 9);
	check("unwatch", request_is(XS_UNWATCH, "dir") && got(a, XS_UNWATCH, 2, "OK"));
	answer("OK");
	fire(&wa, "dir/late");
	send(a, XS_WATCH, 3, 0, "bad\0t", 6);
	request(PATIENCE);
	refuse("ENOSPC");
	check("no event afterwards; a watch that is refused", got(a, XS_ERROR, 3, "ENOSPC"));
	check("its name is given back", request_is(XS_UNWATCH, "bad"));
	answer("OK");
	close(b);
	check("close ends a watch", request_is(XS_UNWATCH, "dir"));
	answer("OK");
	close(a);
	check("and asks for nothing else", !request(100));
}

static void transactions(void)
{
	int a = program(), b = program(), status;

	send(a, XS_TRANSACTION_START, 1, 0, "", 1);
	request(PATIENCE);
	answer("42");
	check("a transaction", got(a, XS_TRANSACTION_START, 1, "42"));
	send(a, XS_READ, 2, 42, "foo", 4);
	check("used", request_is(XS_READ, "foo") && asked.hdr.tx_id == 42);
	answer("bar");
	check("answered", got(a, XS_READ, 2, "bar") && told.hdr.tx_id == 42);
	send(b, XS_READ, 3, 42, "foo", 4);
	check("not another file's to use", got(b, XS_ERROR, 3, "ENOENT"));
	send(a, XS_TRANSACTION_END, 4, 42, "maybe", 6);
	check("ended neither way", got(a, XS_ERROR, 4, "EINVAL"));
	send(a, XS_TRANSACTION_END, 5, 42, "T", 2);
	check("ended", request_is(XS_TRANSACTION_END, "T"));
	refuse("EAGAIN");
	check("in vain", got(a, XS_ERROR, 5, "EAGAIN"));
	send(a, XS_READ, 6, 42, "foo", 4);
	check("and gone", got(a, XS_ERROR, 6, "ENOENT"));
	send(a, XS_TRANSACTION_START, 7, 0, "", 1);
	request(PATIENCE);
	answer("43");
	receive(a);
	if (fork() == 0) {
		close(a);
		_exit(0);
	}
	wait(&status);
	check("a child's close ends nothing", !request(100));
	close(a);
	check("the last one's does", request_is(XS_TRANSACTION_END, "F") &&
	      asked.hdr.tx_id == 43);
	answer("OK");
	send(b, XS_TRANSACTION_START, 8, 0, "", 1);
	request(PATIENCE);
	close(b);
	answer("44");
	check("nor does one outlive a file closed before its answer",
	      request_is(XS_TRANSACTION_END, "F") && asked.hdr.tx_id == 44);
	answer("OK");
	check("no more", !request(100));
}

/* Plays the node's part while the kernel takes the wish out of it. */
static int wish(int which, const char *path, const char *value, int conflicts)
{
	int ok = 1;

	fire(&watches[which], path);
	do {
		ok = ok && request_is(XS_TRANSACTION_START, "");
		answer("7");
		ok = ok && request_is(XS_READ, path) && asked.hdr.tx_id == 7;
		answer(value);
		ok = ok && request_is(XS_WRITE, path) &&
		     asked.hdr.len == strlen(path) + 1 && asked.hdr.tx_id == 7;
		answer("OK");
		ok = ok && request_is(XS_TRANSACTION_END, "T");
		if (conflicts)
			refuse("EAGAIN");
		else
			answer("OK");
	} while (conflicts--);
	return ok;
}

static long memory_total(void)
{
	char line[128];
	long kib = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemTotal: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static int memory_becomes(long kib)
{
	for (int i = 0; i < 6000 && memory_total() != kib; i++)
		usleep(10000);
	if (memory_total() != kib)
		printf("memory is %ld and not %ld KiB\n", memory_total(), kib);
	return memory_total() == kib;
}

static void target(const char *kib)
{
	fire(&watches[2], "memory/target");
	check("the target is read", request_is(XS_READ, "memory/target"));
	answer(kib);
}

static void wishes(long assigned)
{
	long total = memory_total();
	char text[32];

	check("sysrq m", wish(1, "control/sysrq", "m", 0));
	check("sysrq h, against a conflict", wish(1, "control/sysrq", "h", 2));
	check("a shutdown that is not offered", wish(0, "control/shutdown", "suspend", 0));
	fire(&watches[0], "control/shutdown");
	check("an empty wish", request_is(XS_TRANSACTION_START, ""));
	answer("8");
	check("is read", request_is(XS_READ, "control/shutdown"));
	answer("");
	check("and left", request_is(XS_TRANSACTION_END, "F"));
	answer("OK");
	snprintf(text, sizeof(text), "%ld", assigned - 8192);
	target(text);
	check("8 MiB less", memory_becomes(total - 8192));
	target("nonsense");
	target("");
	check("nonsense is no target", !request(100) && memory_total() == total - 8192);
	snprintf(text, sizeof(text), "%ld", assigned);
	target(text);
	check("and back", memory_becomes(total));
	target("0");
	usleep(500000);
	check("none is not possible: we live", memory_total() > 4096);
	target(text);
	check("and back again", memory_becomes(total));
}

/* --- hostility --- */

static void in_order(const char *what)
{
	ring->connection = XENSTORE_CONNECTED;
	ring->req_cons = ring->req_prod;
	ring->rsp_prod = ring->rsp_cons;
	notify();
	check(what, watches_come());
}

static void hostility(void)
{
	int a = program();
	struct xsd_sockmsg hdr = { XS_READ, 12345, 0, 4 };

	put_bytes(&hdr, sizeof(hdr));
	put_bytes("abc", 4);
	say(XS_WATCH_EVENT, 0, "no token", 8);
	say(XS_WATCH_EVENT, 0, "", 0);
	say(XS_WATCH_EVENT, 0, "control/shutdown\0zzz", 21);
	send(a, XS_READ, 1, 0, "foo", 4);
	check("answers to nothing change nothing", request_is(XS_READ, "foo"));
	hdr.len = 1u << 30;
	put_bytes(&hdr, sizeof(hdr));
	notify();
	check("an overlong answer breaks the ring", got(a, XS_ERROR, 1, "EIO"));
	in_order("which is put in order");
	send(a, XS_READ, 2, 0, "foo", 4);
	ring->rsp_prod = ring->rsp_cons + 5000;
	notify();
	check("so does an index", got(a, XS_ERROR, 2, "EIO"));
	in_order("again");
	ring->req_cons = ring->req_prod + 1;
	send(a, XS_READ, 3, 0, "foo", 4);
	check("and the other", got(a, XS_ERROR, 3, "EIO"));
	in_order("again");
	ring->server_features = XENSTORE_SERVER_FEATURE_RECONNECTION;
	send(a, XS_READ, 4, 0, "foo", 4);
	ring->rsp_prod = ring->rsp_cons - 1;
	notify();
	check("a daemon that can is asked for a new connection",
	      got(a, XS_ERROR, 4, "EIO") && ring->connection == XENSTORE_RECONNECT);
	send(a, XS_READ, 5, 0, "foo", 4);
	check("until then all is EIO", got(a, XS_ERROR, 5, "EIO"));
	ring->req_cons = ring->req_prod = ring->rsp_cons = ring->rsp_prod = 0;
	in_order("it is made");
	send(a, XS_READ, 6, 0, "foo", 4);
	check("and works", request_is(XS_READ, "foo"));
	answer("bar");
	check("both ways", got(a, XS_READ, 6, "bar"));
	close(a);
}

/* Any bytes, any index, many times; nobody has to understand it. */
static void rubbish(void)
{
	static const uint32_t types[] = { XS_WATCH_EVENT, XS_ERROR, XS_READ, 99 };
	int a = program();

	srand(1);
	for (int i = 0; i < 3000; i++) {
		struct xsd_sockmsg hdr = { types[rand() % 4], (uint32_t)rand() % 64, 0,
					   (uint32_t)rand() % 64 };

		for (int j = 0; j < 64; j++)
			ring->rsp[rand() % XENSTORE_RING_SIZE] = (char)rand();
		memcpy((char *)ring->rsp + rand() % 900, &hdr, sizeof(hdr));
		ring->rsp_prod += (uint32_t)rand() % 200;
		if (rand() % 20 == 0)
			ring->rsp_prod = (uint32_t)rand();
		if (rand() % 4)
			ring->req_cons = ring->req_prod;
		else
			ring->req_cons += (uint32_t)rand() % 2000;
		ring->connection = (uint32_t)rand() % 3;
		ring->server_features = (uint32_t)rand();
		notify();
		if (write(a, &hdr, (size_t)rand() % 17) < 0 && errno != EINVAL &&
		    errno != E2BIG && errno != EAGAIN)
			check("write among rubbish", 0);
		while (read(a, &told, sizeof(told)) > 0)
			;
	}
	close(a);
	check("we live", 1);
}

int main(int argc, char **argv)
{
	void *page;

	backend = open("/dev/xen/xenbus_backend", O_RDWR | O_CLOEXEC);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, backend, 0);
	daemon_starts();
	ring = page;
	check("the daemon's place", page != MAP_FAILED && (int)port > 0);
	check("is one page", mmap(NULL, 8192, PROT_READ, MAP_SHARED, backend, 0) == MAP_FAILED &&
	      mmap(NULL, 4096, PROT_READ, MAP_SHARED, backend, 4096) == MAP_FAILED);
	check("and knows no other ioctl", ioctl(backend, BACKEND_EVTCHN | 1) == -1 &&
	      errno == ENOTTY);
	kernel_begins();
	requests();
	restart();
	sizes();
	watching();
	transactions();
	wishes(argc > 1 ? atol(argv[1]) : 131072);
	hostility();
	rubbish();
	return finish();
}
