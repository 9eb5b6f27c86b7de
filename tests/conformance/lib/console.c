/* SPDX-License-Identifier: MIT */
/* console.c - text out: the machine's console for the first domain, the
 * console ring for others. Also the few string functions compilers call.
 */
#include <xen/io/console.h>
#include <xen/sched.h>

#include "lib.h"
#include "time.h"

/* Who has not come by then reads nothing. */
#define READER_NS	(60000 * MS)

static PAGE char ring_page[4096];
static volatile struct xencons_interface *const ring = (void *)ring_page;
static evtchn_port_t port;
static struct evtchn_bind_interdomain reader;

void console_open(void)
{
	struct evtchn_status s = { .dom = DOMID_SELF };
	uint64_t end = now() + READER_NS;

	if (is_first_domain())
		return;
	map_frame(ring_page, start_info->console.domU.mfn,
		  PTE_PRESENT | PTE_WRITE | PTE_USER);
	port = s.port = start_info->console.domU.evtchn;
	/* Who reads us answers by events, which no rule is about. */
	port_mask(port, true);
	port_mask(start_info->store_evtchn, true);
	/* It learns of us when we run already. */
	while (!call(event_channel_op, EVTCHNOP_status, &s) &&
	       s.status == EVTCHNSTAT_unbound && now() < end)
		call(sched_op, SCHEDOP_yield, 0);
	reader.remote_dom = s.u.interdomain.dom;
	reader.remote_port = s.u.interdomain.port;
}

void console_rejoin(void)
{
	if (!port)
		return;
	call(event_channel_op, EVTCHNOP_bind_interdomain, &reader);
	port = reader.local_port;
	port_mask(port, true);
}

static void ring_write(const char *s, size_t n)
{
	struct evtchn_send notify = { port };
	uint32_t prod = ring->out_prod;

	while (n) {
		for (; n && prod - ring->out_cons < sizeof(ring->out); n--)
			ring->out[MASK_XENCONS_IDX(prod++, ring->out)] = *s++;
		__sync_synchronize();	/* the bytes before the index */
		ring->out_prod = prod;
		call(event_channel_op, EVTCHNOP_send, &notify);
		if (n)
			call(sched_op, SCHEDOP_yield, 0);
	}
}

/* Waits until all that was printed has been read: a domain that ends takes
 * the rest with it. */
void console_drain(void)
{
	while (port && ring->out_cons != ring->out_prod)
		call(sched_op, SCHEDOP_yield, 0);
}

void print(const char *s)
{
	if (port)
		ring_write(s, strlen(s));
	else
		call(console_io, CONSOLEIO_write, strlen(s), s);
}

static void print_base(unsigned long n, unsigned int base)
{
	char digits[24], *p = digits + sizeof(digits) - 1;

	*p = 0;
	do {
		*--p = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	print(p);
}

void print_signed(long n)
{
	if (n < 0)
		print("-");
	print_base(n < 0 ? -(unsigned long)n : (unsigned long)n, 10);
}

void print_hex(unsigned long n)
{
	print("0x");
	print_base(n, 16);
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

void *memset(void *to, int byte, size_t n)
{
	volatile char *p = to;

	while (n--)
		*p++ = (char)byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	volatile char *p = to;
	const char *q = from;

	while (n--)
		*p++ = *q++;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}
