/* SPDX-License-Identifier: MIT */
/* xenbus.c - requests to the store and what comes back, over the shared ring.
 *
 * Guards: nothing on the ring is believed: indices are ours and the daemon's
 * are checked, a message is copied once, an answer finds its request by a
 * number of ours or is dropped. A daemon that breaks the ring loses us until
 * it has put the ring in order; whoever waits is told EIO.
 * Not here: user programs (xenbus_device.c), the kernel's wishes (wishes.c).
 */
#include "platform/xen-pv/xenbus.h"

#include "core/printk.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define RING XENSTORE_RING_SIZE
#define COMPLAINTS 10		/* a hostile daemon is not to fill the console */

static struct xenstore_domain_interface *ring;
static unsigned port;
static bool down;			/* the ring is out of order */
static uint32_t req_prod, rsp_cons;	/* our own copies rule */
static uint32_t last_id;
static struct list to_send = LIST_INIT(to_send);
static struct list to_answer = LIST_INIT(to_answer);
static struct list watches = LIST_INIT(watches);

/* The message that is coming in. */
static struct {
	uint32_t got;
	struct xsd_sockmsg hdr;
	char body[XENSTORE_PAYLOAD_MAX + 1];
} in;

bool xenbus_exists(void)
{
	return ring;
}

static uint32_t read_index(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void write_index(uint32_t *index, uint32_t value)
{
	__atomic_store_n(index, value, __ATOMIC_RELEASE);
}

static void fail(struct xenbus_request *r)
{
	static const struct xsd_sockmsg hdr = { .type = XS_ERROR, .len = 4 };

	list_remove(&r->node);
	r->done(r, &hdr, "EIO");
}

static void fail_all(struct list *requests)
{
	struct xenbus_request *r;

	while ((r = list_first(requests, struct xenbus_request, node)))
		fail(r);
}

static void ring_is_broken(const char *why)
{
	static unsigned said;

	if (said++ < COMPLAINTS)
		printk("xenbus: the store's daemon broke our ring (%s)\n", why);
	down = true;
	if (read_index(&ring->server_features) & XENSTORE_SERVER_FEATURE_RECONNECTION) {
		write_index(&ring->connection, XENSTORE_RECONNECT);
		event_send(port);
	}
	fail_all(&to_answer);
	fail_all(&to_send);
}

/* Between the copies of a message, at most to the end of the ring. */
static uint32_t piece(uint32_t index, uint32_t ready, uint64_t want)
{
	return (uint32_t)min_u64(min_u64(ready, want), RING - MASK_XENSTORE_IDX(index));
}

/* True when all of it is on the ring. */
static bool put(struct xenbus_request *r, uint32_t room)
{
	uint32_t size = sizeof(r->hdr) + r->hdr.len, n;

	while (r->moved < size && (n = piece(req_prod, room, size - r->moved))) {
		memcpy(&ring->req[MASK_XENSTORE_IDX(req_prod)], (char *)&r->hdr + r->moved, n);
		r->moved += n;
		req_prod += n;
		room -= n;
	}
	write_index(&ring->req_prod, req_prod);
	return r->moved == size;
}

static void send_what_fits(void)
{
	struct xenbus_request *r;
	bool sent = false;

	while (!down && (r = list_first(&to_send, struct xenbus_request, node))) {
		uint32_t used = req_prod - read_index(&ring->req_cons);

		if (used > RING) {
			ring_is_broken("requests");
			return;
		}
		if (used == RING)
			break;
		sent = true;
		if (put(r, RING - used)) {
			list_remove(&r->node);
			list_push_back(&to_answer, &r->node);
		}
	}
	if (sent)
		event_send(port);
}

static void take_event(void)
{
	size_t path = strlen(in.body) + 1;
	uint64_t token = strtou64(in.body + min_u64(path, in.hdr.len), NULL, 16);
	struct xenbus_watch *w;

	list_for_each(w, &watches, node)
		if (w->token == token) {
			w->fired(w, in.body);
			return;
		}
}

static void take_message(void)
{
	struct xenbus_request *r;

	in.body[in.hdr.len] = '\0';
	if (in.hdr.type == XS_WATCH_EVENT) {
		take_event();
		return;
	}
	list_for_each(r, &to_answer, node)
		if (r->hdr.req_id == in.hdr.req_id) {
			list_remove(&r->node);
			r->done(r, &in.hdr, in.body);
			return;
		}
	klog("xenbus: an answer to nothing: type %u\n", in.hdr.type);
}

/* Takes up to `ready` bytes more of the message. */
static void fetch(uint32_t ready)
{
	uint32_t size = sizeof(in.hdr) + (in.got < sizeof(in.hdr) ? 0 : in.hdr.len);
	uint32_t n = piece(rsp_cons, ready, size - in.got);

	memcpy((char *)&in.hdr + in.got, &ring->rsp[MASK_XENSTORE_IDX(rsp_cons)], n);
	in.got += n;
	rsp_cons += n;
}

static void take_what_is_there(void)
{
	uint32_t ready;

	while (!down && (ready = read_index(&ring->rsp_prod) - rsp_cons)) {
		if (ready > RING) {
			ring_is_broken("answers");
			return;
		}
		fetch(ready);
		write_index(&ring->rsp_cons, rsp_cons);
		if (in.got >= sizeof(in.hdr) && in.hdr.len > XENSTORE_PAYLOAD_MAX) {
			ring_is_broken("an overlong message");
			return;
		}
		if (in.got >= sizeof(in.hdr) && in.got == sizeof(in.hdr) + in.hdr.len) {
			in.got = 0;
			take_message();
		}
		if (read_index(&ring->rsp_prod) == rsp_cons)
			event_send(port);
	}
}

/* What was on the ring is nobody's any more; our watches may be forgotten. */
static bool ring_is_in_order(void)
{
	struct xenbus_watch *w;

	if (!down)
		return true;
	if (read_index(&ring->connection) != XENSTORE_CONNECTED)
		return false;
	req_prod = read_index(&ring->req_cons);
	rsp_cons = read_index(&ring->rsp_prod);
	write_index(&ring->req_prod, req_prod);
	write_index(&ring->rsp_cons, rsp_cons);
	in.got = 0;
	down = false;
	list_for_each(w, &watches, node) {
		struct xenbus_request *r = xenbus_watch_request(XS_WATCH, w);

		if (r)
			xenbus_send(r);
	}
	return true;
}

static void ring_event(unsigned p)
{
	if (ring_is_in_order()) {
		take_what_is_there();
		send_what_fits();
	}
}

static void free_request(struct xenbus_request *r, const struct xsd_sockmsg *hdr, const char *body)
{
	kfree(r);
}

struct xenbus_request *xenbus_request_new(uint32_t type, uint32_t tx, const void *body,
					  size_t len)
{
	struct xenbus_request *r = kzalloc(sizeof(*r) + max_u64(len, sizeof("ENOMEM")));

	if (!r)
		return NULL;
	list_init(&r->node);
	r->done = free_request;
	r->hdr = (struct xsd_sockmsg){ .type = type, .tx_id = tx, .len = (uint32_t)len };
	if (body)
		memcpy(r->body, body, len);
	return r;
}

void xenbus_send(struct xenbus_request *r)
{
	r->hdr.req_id = ++last_id;
	list_push_back(&to_send, &r->node);
	if (down || !ring || r->hdr.len > XENSTORE_PAYLOAD_MAX)
		fail(r);
	else
		send_what_fits();
}

void xenbus_tell(uint32_t type, uint32_t tx, const void *body, size_t len)
{
	struct xenbus_request *r = xenbus_request_new(type, tx, body, len);

	if (r)
		xenbus_send(r);
}

void xenbus_watch_add(struct xenbus_watch *w)
{
	static uint32_t last;

	w->token = ++last;
	list_push_back(&watches, &w->node);
}

struct xenbus_request *xenbus_watch_request(uint32_t type, const struct xenbus_watch *w)
{
	size_t len = strlen(w->path) + 1 + XENBUS_TOKEN_MAX;
	struct xenbus_request *r = xenbus_request_new(type, 0, NULL, len);
	int n;

	if (!r)
		return NULL;
	n = snprintf(r->body, len, "%s%c%x", w->path, 0, w->token);
	r->hdr.len = (uint32_t)n + 1;
	return r;
}

void xenbus_watch_remove(struct xenbus_watch *w)
{
	struct xenbus_request *r = xenbus_watch_request(XS_UNWATCH, w);

	list_remove(&w->node);
	if (r)
		xenbus_send(r);
}

struct page *xenbus_own_page(void)
{
	return virt_page(ring);
}

unsigned xenbus_own_port(void)
{
	return port;
}

/* The first domain's daemon is a program of its own: it is given a page and a
 * port to bind. */
static bool make_own_ring(void)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct page *page = page_alloc_zero();

	if (!page || hv_event_channel_op(EVTCHNOP_alloc_unbound, &op))
		return false;
	ring = page_virt(page);
	port = op.port;
	return true;
}

void xenbus_init(void)
{
	if (start_info->store_mfn && start_info->store_evtchn) {
		ring = phys_to_virt(mfn_to_pfn(start_info->store_mfn) << PAGE_SHIFT);
		port = start_info->store_evtchn;
	} else if (!xen_is_first_domain() || !make_own_ring()) {
		return;
	}
	/* A boot loader may have used it: its answers are none of ours. */
	req_prod = read_index(&ring->req_prod);
	rsp_cons = read_index(&ring->rsp_prod);
	write_index(&ring->rsp_cons, rsp_cons);
	event_bind(port, ring_event);
	xenbus_device_init();
}
