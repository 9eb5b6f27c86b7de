/* SPDX-License-Identifier: MIT */
/* lodger.c - a guest that takes its room and stays: for tests of domain life.
 *
 * Rule: it prints "lodger: began at TSC" with the time stamp of its first
 * instruction. Then it obeys the lines typed at its console:
 *
 *   write COUNT KEYS   writes COUNT values to its own nodes data/0, data/1, ...
 *                      through its ring, KEYS of them in turns, with a line
 *                      after each thousand that says how many ticks one took;
 *                      then reads them, and says "wrote COUNT, bad N": N
 *                      answers were not what they should be
 *   count N            prints the lines 1 to N
 *   end                powers off
 *
 * and repeats any other, as "lodger: LINE". Its image has 1 MiB, for what a
 * load costs.
 */
#include <public/event_channel.h>
#include <public/io/console.h>
#include <public/io/xs_wire.h>
#include <public/sched.h>

#include "guest.h"

#define BLOCK 1000ul

/* Not all zeroes, so that the file has all of it. */
static uint8_t ballast[1 << 20] __attribute__((used)) = { 1 };

static struct xencons_interface *console(void)
{
	return va_of_mfn(start_info->console.domU.mfn);
}

static struct xenstore_domain_interface *store(void)
{
	return va_of_mfn(start_info->store_mfn);
}

/* Until the port has fired; what fired it is looked for afterwards. */
static void wait_for(evtchn_port_t port)
{
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &port);
	call2(sched_op, SCHEDOP_poll, &poll);
	__atomic_fetch_and(&shared_info->evtchn_pending[port / 64],
			   ~(1ul << port % 64), __ATOMIC_SEQ_CST);
}

static void fire(evtchn_port_t port)
{
	struct evtchn_send send = { .port = port };

	call2(event_channel_op, EVTCHNOP_send, &send);
}

/* One character, or -1 when none is there. */
static int typed(void)
{
	struct xencons_interface *ring = console();
	int c;

	if (ring->in_cons == __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE))
		return -1;
	c = ring->in[MASK_XENCONS_IDX(ring->in_cons, ring->in)];
	__atomic_store_n(&ring->in_cons, ring->in_cons + 1, __ATOMIC_RELEASE);
	return c;
}

static void store_send(const void *bytes, unsigned int size)
{
	struct xenstore_domain_interface *ring = store();
	const char *from = bytes;

	while (size--) {
		while (ring->req_prod - __atomic_load_n(&ring->req_cons,
				__ATOMIC_ACQUIRE) == XENSTORE_RING_SIZE)
			wait_for(start_info->store_evtchn);
		ring->req[MASK_XENSTORE_IDX(ring->req_prod)] = *from++;
		__atomic_store_n(&ring->req_prod, ring->req_prod + 1,
				 __ATOMIC_RELEASE);
	}
}

static void store_receive(void *bytes, unsigned int size)
{
	struct xenstore_domain_interface *ring = store();
	char *to = bytes;

	while (size--) {
		while (ring->rsp_cons == __atomic_load_n(&ring->rsp_prod,
							 __ATOMIC_ACQUIRE))
			wait_for(start_info->store_evtchn);
		*to++ = ring->rsp[MASK_XENSTORE_IDX(ring->rsp_cons)];
		__atomic_store_n(&ring->rsp_cons, ring->rsp_cons + 1,
				 __ATOMIC_RELEASE);
	}
}

/* Sends a request and waits for its answer, which is a string for these. True
 * if it is an answer to this, and no error. */
static bool ask(uint32_t type, const char *body, unsigned int size,
		char answer[XENSTORE_PAYLOAD_MAX + 1])
{
	static uint32_t serial;
	struct xsd_sockmsg header = {
		.type = type, .req_id = ++serial, .len = size
	};

	store_send(&header, sizeof(header));
	store_send(body, size);
	fire(start_info->store_evtchn);
	store_receive(&header, sizeof(header));
	if (header.len > XENSTORE_PAYLOAD_MAX)
		return false;
	store_receive(answer, header.len);
	answer[header.len] = '\0';
	fire(start_info->store_evtchn);
	return header.type == type && header.req_id == serial;
}

static unsigned int put_number(char *at, uint64_t value)
{
	unsigned int size = 0;

	do {
		for (unsigned int i = size++; i; i--)
			at[i] = at[i - 1];
		at[0] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	at[size] = '\0';
	return size;
}

/* "data/KEY" and a zero byte; returns how many bytes these are. */
static unsigned int put_path(char *at, uint64_t key)
{
	memcpy(at, "data/", 5);
	return 6 + put_number(at + 5, key);
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static void write_nodes(uint64_t count, uint64_t keys)
{
	static char answer[XENSTORE_PAYLOAD_MAX + 1];
	uint64_t bad = 0, before = rdtsc();
	char body[64], value[24];

	for (uint64_t i = 0; i < count; i++) {
		unsigned int size = put_path(body, i % keys);

		size += put_number(body + size, i);
		bad += !ask(XS_WRITE, body, size, answer) || !same(answer, "OK");
		if ((i + 1) % BLOCK)
			continue;
		print("lodger: %lu ticks a write\n", (rdtsc() - before) / BLOCK);
		before = rdtsc();
	}
	for (uint64_t i = count > keys ? count - keys : 0; i < count; i++) {
		put_number(value, i);
		bad += !ask(XS_READ, body, put_path(body, i % keys), answer) ||
		       !same(answer, value);
	}
	print("lodger: wrote %lu, bad %lu\n", count, bad);
}

static const char *get_number(const char *at, uint64_t *value)
{
	*value = 0;
	while (*at == ' ')
		at++;
	for (; *at >= '0' && *at <= '9'; at++)
		*value = *value * 10 + (uint64_t)(*at - '0');
	return at;
}

static bool begins(const char *line, const char *word)
{
	while (*word && *line == *word) {
		line++;
		word++;
	}
	return !*word;
}

static void obey(const char *line)
{
	uint64_t count, keys;

	if (begins(line, "write ")) {
		get_number(get_number(line + 6, &count), &keys);
		write_nodes(count, keys ? keys : 1);
	} else if (begins(line, "count ")) {
		get_number(line + 6, &count);
		for (uint64_t i = 1; i <= count; i++)
			print("%lu\n", i);
		print("lodger: counted\n");
	} else if (begins(line, "end")) {
		shut_down(SHUTDOWN_poweroff);
	} else {
		print("lodger: %s\n", line);
	}
}

void guest_main(const char *arguments)
{
	static char line[256];
	unsigned int length = 0;

	(void)arguments;
	print("lodger: began at %lu\n", first_tsc);
	for (;;) {
		int c = typed();

		if (c < 0) {
			wait_for(start_info->console.domU.evtchn);
		} else if (c == '\n' || c == '\r') {
			line[length] = '\0';
			length = 0;
			obey(line);
		} else if (length < sizeof(line) - 1) {
			line[length++] = (char)c;
		}
	}
}
