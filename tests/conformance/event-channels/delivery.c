/* SPDX-License-Identifier: MIT */
/* delivery.c - from a send to the upcall: the bits in the shared page, what
 * masks hold back, and upcalls within upcalls.
 */
#include <xen/callback.h>

#include "event-channels.h"

static volatile struct vcpu_info *info;
static evtchn_port_t a, b;	/* joined: a send on a raises b */

static bool selected(evtchn_port_t port)
{
	return info->evtchn_pending_sel >> port / 64 & 1;
}

static long unmask(evtchn_port_t port)
{
	struct evtchn_unmask u = { port };

	return event(unmask, &u);
}

static void bits(void)
{
	unsigned int before = upcalls;

	rule("events masked: a send sets all three bits, and no more");
	want(send(a), 0);
	want(port_pending(b), 1);
	want(selected(b), 1);
	want(info->evtchn_upcall_pending, 1);
	want(info->evtchn_upcall_mask, 1);
	want(upcalls, before);
	rule("a port that is pending already is not announced again");
	info->evtchn_pending_sel = 0;
	info->evtchn_upcall_pending = 0;
	want(send(a), 0);
	want(selected(b), 0);
	want(info->evtchn_upcall_pending, 0);
	rule("taken, it is announced anew");
	port_clear(b);
	want(send(a), 0);
	want(selected(b), 1);
	want(info->evtchn_upcall_pending, 1);
	rule("a masked port becomes pending, and is not announced");
	forget_events();
	port_mask(b, true);
	want(send(a), 0);
	want(port_pending(b), 1);
	want(selected(b), 0);
	want(info->evtchn_upcall_pending, 0);
	rule("unmask announces what came meanwhile");
	want(unmask(b), 0);
	want(shared->evtchn_mask[b / 64] >> b % 64 & 1, 0);
	want(selected(b), 1);
	want(info->evtchn_upcall_pending, 1);
	rule("unmask announces nothing where nothing came");
	forget_events();
	port_mask(b, true);
	want(unmask(b), 0);
	want(selected(b), 0);
	want(info->evtchn_upcall_pending, 0);
	rule("unmask of a port that is not masked does nothing");
	shared->evtchn_pending[b / 64] |= 1ul << b % 64;
	want(unmask(b), 0);
	want(selected(b), 0);
	want(info->evtchn_upcall_pending, 0);
	rule("unmask of a port that is closed is no error, and leaves its mask");
	forget_events();
	port_mask(b + 1, true);
	want(port_status(b + 1), EVTCHNSTAT_closed);
	want(unmask(b + 1), 0);
	want(shared->evtchn_mask[(b + 1) / 64] >> (b + 1) % 64 & 1, 1);
	port_mask(b + 1, false);
}

static void upcall(void)
{
	unsigned int before = upcalls;

	rule("unmasked, the next call is interrupted");
	forget_events();
	want(send(a), 0);
	events_unmask();
	want(upcalls, before + 1);
	want(last_port, b);
	rule("events unmasked: a send interrupts before it returns");
	want(send(a), 0);
	want(upcalls, before + 2);
	rule("after the upcall events are unmasked again");
	want(info->evtchn_upcall_mask, 0);
	rule("a masked port does not interrupt");
	port_mask(b, true);
	want(send(a), 0);
	want(upcalls, before + 2);
	rule("unmask interrupts for what is pending");
	want(unmask(b), 0);
	want(upcalls, before + 3);
	rule("nothing new: no upcall");
	want(unmask(b), 0);
	call(xen_version, 0, 0);
	want(upcalls, before + 3);
	rule("bits that we set ourselves interrupt nobody");
	shared->evtchn_pending[b / 64] |= 1ul << b % 64;
	info->evtchn_pending_sel |= 1ul << b / 64;
	call(xen_version, 0, 0);
	want(upcalls, before + 3);
	rule("the bit that says an upcall is due, set by ourselves, interrupts at the next call");
	info->evtchn_upcall_pending = 1;
	call(xen_version, 0, 0);
	want(upcalls, before + 4);
	want(last_port, b);
	events_mask();
	forget_events();
}

/* What our own upcall saw, per depth. */
static struct seen {
	uint8_t mask, pending;
	uint16_t cs;
	uint64_t flags;
} seen[4];
static unsigned int depth, deepest, entries;
static bool nest;

static bool on_event(struct frame *f)
{
	struct seen *s = &seen[entries < 4 ? entries : 3];

	entries++;
	if (++depth > deepest)
		deepest = depth;
	s->mask = info->evtchn_upcall_mask;
	s->pending = info->evtchn_upcall_pending;
	s->cs = (uint16_t)f->cs;
	s->flags = f->rflags;
	forget_events();
	if (entries < 3) {
		send(a);
		if (nest)
			events_unmask();
	}
	depth--;
	return true;
}

static void own_upcall(bool nested)
{
	entries = depth = deepest = 0;
	nest = nested;
	forget_events();
	info->evtchn_upcall_mask = 0;
	send(a);
	events_mask();
	forget_events();
}

static void reentry(void)
{
	uint8_t masks, saved;

	trap_hook = on_event;
	want(set_callback(CALLBACKTYPE_event, 0, entry_stub(ENTRY_OTHER)), 0);
	own_upcall(false);
	masks = seen[0].mask;
	saved = seen[0].pending;
	rule("upcall: entered with events masked");
	want(masks, 1);
	rule("upcall: that it is due is for us to take back");
	want(saved, 1);
	rule("upcall: interrupts the kernel with its flags, IF set, in ring 0");
	want(seen[0].flags & RFLAGS_IF, RFLAGS_IF);
	want(seen[0].cs & 3, 0);
	rule("upcall: what comes during it interrupts after it, each time");
	want(entries, 3);
	want(deepest, 1);
	own_upcall(true);
	rule("upcall: one that unmasks events is interrupted itself");
	want(entries, 3);
	want(deepest, 3);
	want(seen[2].mask, 1);
	rule("upcall: its address can be changed at any time");
	want(set_callback(CALLBACKTYPE_event, 0, entry_stub(ENTRY_EVENT)), 0);
	trap_hook = NULL;
	masks = (uint8_t)upcalls;
	events_unmask();
	want(send(a), 0);
	want((uint8_t)upcalls, (uint8_t)(masks + 1));
	events_mask();
	forget_events();
}

void delivery(void)
{
	info = &shared->vcpu_info[0];
	rule("two ports of our own can be joined");
	port_pair(&a, &b);
	bits();
	upcall();
	reentry();
	want(close_port(a), 0);
	want(close_port(b), 0);
}
