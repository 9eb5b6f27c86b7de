/* SPDX-License-Identifier: MIT */
/* fifo.c - FIFO event channels: words and control blocks that another vCPU
 * scribbles over, frames that may not be handed over or may not be had back,
 * ports beyond two levels, and resets while all of it is in use. The domain's
 * file has max_event_channels=131071.
 */
#include <xen/sched.h>

#include "attack.h"

#define op(cmd, arg)	call(event_channel_op, EVTCHNOP_##cmd, arg)
#define LAST_PORT	131071u
#define PORTS		16u		/* that the races are about */

static PAGE volatile uint32_t words[1024];
static PAGE uint8_t blocks[4096];

static long init_control(uint64_t frame, uint32_t offset, uint32_t vcpu)
{
	struct evtchn_init_control c = { frame, offset, vcpu, 0, { 0 } };

	return op(init_control, &c);
}

static long expand_array(uint64_t frame)
{
	return op(expand_array, &(struct evtchn_expand_array){ frame });
}

/* Pinned as an L1; a frame that events write to must not become a table. */
static long pin(const void *at)
{
	return extended(MMUEXT_PIN_L1_TABLE, virt_to_mfn(at), 0);
}

static void failed_switch(void)
{
	tree_clear();
	rule("a switch with a frame that is no page of ours to write switches nothing");
	want(read_only(page), 0);
	want(pin(page), 0);
	for (unsigned int i = 0; i < 3; i++) {
		want(init_control(virt_to_mfn(page), 0, i & 1), -XEN_EINVAL);
		want(init_control(~0ul >> i, 0, 0), -XEN_EINVAL);
		want(expand_array(virt_to_mfn(words)), -XEN_EOPNOTSUPP);
	}
	rule("the array does not take it either, and what was handed over stays");
	want(init_control(virt_to_mfn(blocks), 0, 0), 0);
	want(init_control(virt_to_mfn(page), 0, 1), -XEN_EINVAL);
	want(expand_array(virt_to_mfn(page)), -XEN_EINVAL);
	want(expand_array(virt_to_mfn(words)), 0);
	want(init_control(virt_to_mfn(blocks), 128, 1), 0);
	want(extended(MMUEXT_UNPIN_TABLE, virt_to_mfn(page), 0), 0);
}

static void handed_over(void)
{
	rule("a frame that was handed over becomes no page table, mapped or not");
	want(expand_array(virt_to_mfn(spare)), 0);
	want(read_only(spare), 0);
	want_true(pin(spare) < 0);
	want(map_frame(spare, 0, 0), 0);
	want_true(pin(spare) < 0);
	want(read_write(spare), 0);
}

static evtchn_port_t ports[PORTS];

static void scribble(void)
{
	volatile uint32_t *block = (void *)(blocks + (random_number() & 1) * 128);

	for (unsigned int i = 0; i < 64; i++) {
		/* ports that stay linked are not had again: they run off */
		words[ports[random_number() % PORTS] % 1024] = (uint32_t)random_number();
		block[random_number() % 18] = (uint32_t)random_number();
	}
}

static void use(evtchn_port_t *port)
{
	switch (random_number() % 6) {
	case 0:
		op(send, &(struct evtchn_send){ *port });
		break;
	case 1:
		op(unmask, &(struct evtchn_unmask){ *port });
		break;
	case 2:
		op(set_priority, (&(struct evtchn_set_priority){
			*port, random_number() % 17 }));
		break;
	case 3: {
		struct evtchn_bind_ipi b = { .vcpu = random_number() & 1 };

		op(close, &(struct evtchn_close){ *port });
		if (!op(bind_ipi, &b))
			*port = b.port;
		break;
	}
	default:
		op(send, &(struct evtchn_send){ ports[random_number() % PORTS] });
	}
}

static void scribbled(void)
{
	rule("whatever another vCPU writes to words and blocks meanwhile, each call ends");
	for (unsigned int i = 0; i < PORTS; i++) {
		struct evtchn_bind_ipi b = { .vcpu = i & 1 };

		want(op(bind_ipi, &b), 0);
		ports[i] = b.port;
		want_true(b.port < 1024);
	}
	beside(scribble);
	for (unsigned int round = 0; round < 40000; round++)
		use(&ports[random_number() % PORTS]);
	beside_stop();
	want_answered();
}

static void many(void)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };
	evtchn_port_t last = 0;

	rule("ports end at 131071, and those that stay linked are passed over");
	for (unsigned int i = 0; i < 1024; i++)
		words[i] = 0;
	for (unsigned int i = 0; i < PORTS; i++) {
		op(close, &(struct evtchn_close){ ports[i] });
		words[ports[i] % 1024] = ~0u;
	}
	while (!op(bind_ipi, &b)) {
		last = b.port > last ? b.port : last;
		if (b.port % 997 == 0)
			want(op(send, &(struct evtchn_send){ b.port }), 0);
	}
	want(last, LAST_PORT);
	want(op(bind_ipi, &b), -XEN_ENOSPC);
	rule("no port beyond them is sent to, ranked or asked about");
	for (unsigned int bit = 17; bit < 32; bit++) {
		struct evtchn_status s = { .dom = DOMID_SELF, .port = 1u << bit };

		want(op(send, &(struct evtchn_send){ s.port }), -XEN_EINVAL);
		want(op(set_priority, (&(struct evtchn_set_priority){ s.port, 0 })),
		     -XEN_EINVAL);
		want(op(status, &s), -XEN_EINVAL);
	}
	rule("their words may come late");
	while (!expand_array(virt_to_mfn(spare)))
		;
	want(expand_array(virt_to_mfn(spare)), -XEN_ENOSPC);
	want(op(send, &(struct evtchn_send){ LAST_PORT }), 0);
}

/* It ends with everything open: the tear-down's to close. */
void attack_fifo(void)
{
	failed_switch();
	handed_over();
	scribbled();
	many();
}

static void use_anything(void)
{
	evtchn_port_t port = random_number() & 31;

	use(&port);
	if (random_number() & 1)
		expand_array(virt_to_mfn(words));
	init_control(virt_to_mfn(blocks), (random_number() & 31) * 8, random_number() & 1);
}

/* The switch and the way back, while another vCPU makes all the same calls. */
void attack_fifo_reset(void)
{
	struct evtchn_reset all = { .dom = DOMID_SELF };
	struct sched_shutdown off = { SHUTDOWN_poweroff };

	beside(use_anything);
	for (unsigned int round = 0; round < 3000; round++) {
		for (unsigned int i = 0; i < 8; i++)
			use_anything();
		op(reset, &all);
	}
	call(sched_op, SCHEDOP_shutdown, &off);
}
