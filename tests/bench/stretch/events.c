/* SPDX-License-Identifier: MIT */
/* events.c - all ports there can be, waiting for many, and calls that are
 * about neither memory nor other domains.
 */
#include <xen/callback.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "events.h"
#include "stretch.h"

static void all_ports(void)
{
	while (!event(alloc_unbound, (&(struct evtchn_alloc_unbound){ DOMID_SELF, DOMID_SELF, 0 })))
		;
}

/* Half of the ports lead to the other half, and all have been raised. */
static void joined_ports(void)
{
	for (;;) {
		struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };
		struct evtchn_bind_interdomain b = { 0 };

		if (event(alloc_unbound, &a))
			break;
		b.remote_port = a.port;
		b.remote_dom = DOMID_SELF;
		if (event(bind_interdomain, &b))
			break;
		send(b.local_port);
	}
}

static void reset(void)
{
	must(event(reset, &(struct evtchn_reset){ DOMID_SELF }), 0);
	console_rejoin();
}

/* All those go over at the switch, their words come; then 128 frames, all ports
 * twice, and back. */
static void fifo(void)
{
	static PAGE volatile uint8_t block[4096];
	static PAGE volatile uint32_t words[1024];
	unsigned int frames = 0;

	must(event(init_control, (&(struct evtchn_init_control){
		.control_gfn = virt_to_mfn(block) })), 0);
	while (!event(expand_array, (&(struct evtchn_expand_array){ virt_to_mfn(words) })))
		frames++;
	must(frames, 128);
	for (unsigned int i = 0; i < 64; i++)
		send(200 + i);
	/* none is linked any more, so that all can be had */
	memset((void *)words, 0, sizeof(words));
	all_ports();
	/* one is free again, is taken, and all above it are passed by */
	must(event(close, (&(struct evtchn_close){ 5000 })), 0);
	all_ports();
	reset();
}

void long_events(void)
{
	static evtchn_port_t ports[128];
	struct sched_poll p = { .nr_ports = 128 };

	set_xen_guest_handle(p.ports, ports);
	all_ports();
	if (is_first_domain())
		reset();
	joined_ports();
	for (unsigned int i = 0; i < 128; i++)
		ports[i] = i < 4 ? 1 : 200 + 2 * i;
	memset((void *)shared->evtchn_pending, 0, sizeof(shared->evtchn_pending));
	p.timeout = 1;
	must(call(sched_op, SCHEDOP_poll, &p), 0);
	for (unsigned int i = 0; i < 128; i++)
		ports[i] = 3;
	must(call(sched_op, SCHEDOP_poll, &p), 0);
	for (unsigned int i = 0; i < 64; i++)
		send(200 + i);
	if (is_first_domain()) {
		reset();
		joined_ports();
		fifo();
	}
}

static void gates(void)
{
	static struct trap_info many[MANY];

	for (unsigned int i = 0; i < MANY - 1; i++)
		many[i] = (struct trap_info){ (uint8_t)i, 3, FLAT_KERNEL_CS,
			(unsigned long)entry_stub(i & 255) };
	must(call(set_trap_table, many), 0);
	must(call(set_trap_table, 0), 0);
	reset_gates();
	set_callback(CALLBACKTYPE_event, 0, entry_stub(ENTRY_EVENT));
}

/* A block wakes by a timer; so does a poll without ports. */
static void waits(void)
{
	struct sched_poll p = { .timeout = 1 };

	for (unsigned int i = 0; i < 3; i++) {
		shared->vcpu_info[0].evtchn_upcall_pending = 1;
		must(call(sched_op, SCHEDOP_block), 0);
	}
	shared->vcpu_info[0].evtchn_upcall_mask = 1;
	must(call(sched_op, SCHEDOP_poll, &p), 0);
	must(call(sched_op_compat, SCHEDOP_yield), 0);
	call(sched_op, SCHEDOP_watchdog, (&(struct sched_watchdog){ 0, 1000 }));
	call(sched_op, SCHEDOP_watchdog, (&(struct sched_watchdog){ 1, 0 }));
	call(sched_op, SCHEDOP_pin_override, &(struct sched_pin_override){ -1 });
}

/* Strings and blocks, as long as they come. */
static void text(void)
{
	memset(room, '.', sizeof(room));
	for (unsigned int i = 79; i < sizeof(room); i += 80)
		room[i] = '\n';
	if (is_first_domain()) {
		call(console_io, CONSOLEIO_write, 16384, room);
		memset(room, '\n', 2048);
		call(console_io, CONSOLEIO_write, 2048, room);
		print("\n");
		call(console_io, CONSOLEIO_read, sizeof(room), room);
	}
	for (unsigned int cmd = 0; cmd < 11; cmd++)
		call(xen_version, cmd, room);
}

/* Instructions that we carry out: string instructions on ports are longest. */
static void emulated(void)
{
	unsigned long n = sizeof(room);
	void *at = room;

	must(call(physdev_op, PHYSDEVOP_set_iopl, (&(struct physdev_set_iopl){ 1 })), 0);
	asm volatile("rep insb" : "+c"(n), "+D"(at) : "d"(0x64) : "memory");
	n = sizeof(room);
	at = room;
	asm volatile("rep outsb" : "+c"(n), "+S"(at) : "d"(0x80) : "memory");
	n = sizeof(room) / 4;
	at = room;
	asm volatile("rep outsl" : "+c"(n), "+S"(at) : "d"(0x80) : "memory");
	for (uint32_t leaf = 0; leaf < 64; leaf++) {
		uint32_t a = leaf < 32 ? leaf : 0x40000000 + leaf - 32, b, c = 1, d;

		asm volatile("ud2a; .ascii \"xen\"; cpuid"
			     : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	}
}

void long_others(void)
{
	gates();
	waits();
	text();
	if (is_first_domain())
		emulated();
}
