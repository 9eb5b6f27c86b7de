/* SPDX-License-Identifier: MIT */
/* fifo - FIFO event channels: the switch, and what was raised before it; here
 * too the array of event words, and the way back.
 */
#include <xen/sched.h>

#include "fifo.h"

const char suite_name[] = "fifo";

PAGE volatile uint32_t words[1024];
PAGE volatile uint8_t control_page[4096];
static PAGE uint8_t spare_page[4096];

volatile struct evtchn_fifo_control_block *block_of(unsigned int vcpu)
{
	return (void *)(control_page + (vcpu == FAR_VCPU ? BLOCK_LAST : vcpu * BLOCK_1));
}

volatile uint32_t *head_of(unsigned int vcpu, unsigned int priority)
{
	return &block_of(vcpu)->head[priority];
}

long init_control(uint64_t frame, uint32_t offset, uint32_t vcpu)
{
	struct evtchn_init_control c = {
		.control_gfn = frame, .offset = offset, .vcpu = vcpu,
	};
	long rc = event(init_control, &c);

	if (!rc)
		want(c.link_bits, EVTCHN_FIFO_LINK_BITS);
	return rc;
}

long expand_array(uint64_t frame)
{
	struct evtchn_expand_array e = { .array_gfn = frame };

	return event(expand_array, &e);
}

long set_priority(evtchn_port_t port, uint32_t priority)
{
	struct evtchn_set_priority p = { port, priority };

	return event(set_priority, &p);
}

long unmask(evtchn_port_t port)
{
	struct evtchn_unmask u = { port };

	return event(unmask, &u);
}

long move(evtchn_port_t port, uint32_t vcpu)
{
	struct evtchn_bind_vcpu b = { port, vcpu };

	return event(bind_vcpu, &b);
}

static bool used[1024];

void forget_all(void)
{
	static const unsigned int all[] = { 0, 1, FAR_VCPU };

	forget_events();
	for (unsigned int i = 0; i < 1024; i++)
		words[i] = used[i] ? 0 : MASKED;
	for (unsigned int i = 0; i < 3; i++) {
		if (info_of(all[i]))
			info_of(all[i])->evtchn_upcall_pending = 0;
		block_of(all[i])->ready = 0;
		for (unsigned int q = 0; q < EVTCHN_FIFO_MAX_QUEUES; q++)
			*head_of(all[i], q) = 0;
	}
}

struct channel channel(void)
{
	struct channel c;

	port_pair(&c.from, &c.to);
	used[c.to] = true;
	words[c.to] = 0;
	return c;
}

void channel_close(struct channel c)
{
	used[c.to] = false;
	words[c.to] = MASKED;
	want(close_port(c.to), 0);
	want(close_port(c.from), 0);
}

bool told(unsigned int vcpu)
{
	return __sync_lock_test_and_set(&info_of(vcpu)->evtchn_upcall_pending, 0);
}

void take(evtchn_port_t port)
{
	__sync_fetch_and_and(&words[port], ~(PENDING | LINKED | EVTCHN_FIFO_LINK_MASK));
}

static void refused(void)
{
	static const uint32_t offsets[] = {
		1, 4, 7, BLOCK_LAST + 1, BLOCK_LAST + 8, 4088, 4096, 1u << 31, ~0u, ~7u,
	};
	const uint64_t frame = virt_to_mfn(control_page);

	rule("before the switch there are no priorities and no array");
	want(set_priority(unbound_port(), 0), -XEN_ENOSYS);
	want(set_priority(NO_PORT, 0), -XEN_EINVAL);
	want(expand_array(virt_to_mfn(words)), -XEN_EOPNOTSUPP);
	rule("an argument that cannot be read is EFAULT");
	want(event(init_control, BAD_POINTER), -XEN_EFAULT);
	want(event(expand_array, BAD_POINTER), -XEN_EFAULT);
	want(event(set_priority, BAD_POINTER), -XEN_EFAULT);
	rule("a control block of a vCPU that is not there is ENOENT, whatever else");
	want(init_control(frame, 0, 1000), -XEN_ENOENT);
	want(init_control(frame, 0, ~0u), -XEN_ENOENT);
	want(init_control(~0ul, 1, 1000), -XEN_ENOENT);
	rule("a control block may not cross its page, and lies at a multiple of 8");
	for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		want(init_control(frame, offsets[i], 0), -XEN_EINVAL);
	rule("a control block lies in a frame of ours that we may write");
	want(init_control(~0ul, 0, 0), -XEN_EINVAL);
	want(init_control(1ul << 40, 0, 0), -XEN_EINVAL);
	want(init_control(virt_to_mfn((void *)start_info->pt_base), 0, 0), -XEN_EINVAL);
	rule("a switch that failed has switched nothing");
	want(expand_array(virt_to_mfn(words)), -XEN_EOPNOTSUPP);
	want(set_priority(1, 0), -XEN_ENOSYS);
}

static bool bit_in_shared_page(evtchn_port_t port)
{
	return shared->evtchn_pending[port / 64] >> port % 64 & 1;
}

/* What is raised where, from two levels to FIFO. */
static void carried_over(void)
{
	struct channel before = channel(), masked = channel(), between = channel(),
		       never = channel();

	forget_all();
	port_mask(masked.to, true);
	want(send(before.from), 0);
	want(send(masked.from), 0);
	rule("the switch: a good frame, and it tells the bits that a link has");
	want(init_control(virt_to_mfn(control_page), 0, 0), 0);
	told(0);
	rule("no event is told while its word is not there");
	want(send(between.from), 0);
	want(told(0), 0);
	want(block_of(0)->ready, 0);
	rule("after the switch the bits in the shared page stay as they are");
	want(bit_in_shared_page(between.to), 0);
	rule("a second control block for a vCPU is EINVAL");
	want(init_control(virt_to_mfn(control_page), 256, 0), -XEN_EINVAL);
	want(init_control(virt_to_mfn(spare_page), 0, 0), -XEN_EINVAL);
	rule("the array takes frames of ours that we may write, no others");
	want(expand_array(~0ul), -XEN_EINVAL);
	want(expand_array(1ul << 40), -XEN_EINVAL);
	want(expand_array(virt_to_mfn((void *)start_info->pt_base)), -XEN_EINVAL);
	rule("with its word, an event of before or after the switch is linked and told");
	want(expand_array(virt_to_mfn(words)), 0);
	want(words[before.to] & (PENDING | LINKED), PENDING | LINKED);
	want(words[between.to] & (PENDING | LINKED), PENDING | LINKED);
	want(told(0), 1);
	want(block_of(0)->ready, 1u << DEFAULT);
	want(*head_of(0, DEFAULT), before.to);
	rule("masks are not carried over: the word says what is masked");
	want(words[masked.to] & (PENDING | LINKED), PENDING | LINKED);
	rule("what was not raised is not pending");
	want(words[never.to], 0);
	forget_all();
	channel_close(before);
	channel_close(masked);
	channel_close(between);
	channel_close(never);
}

static void whole_array(void)
{
	unsigned int frames = 1;

	rule("the array takes 128 frames, also one frame again, and no more");
	while (frames < 128 && !expand_array(virt_to_mfn(spare_page)))
		frames++;
	want(frames, 128);
	want(expand_array(virt_to_mfn(spare_page)), -XEN_ENOSPC);
	rule("a full array is told before a bad frame");
	want(expand_array(~0ul), -XEN_ENOSPC);
}

/* Closes the console's port too: nothing may be said before it is back. */
static void reset(void)
{
	struct evtchn_reset r = { DOMID_SELF };
	long rc[6];
	evtchn_port_t a, b;
	bool bit, tell;

	rc[0] = event(reset, &r);
	rc[1] = expand_array(virt_to_mfn(words));
	port_pair(&a, &b);
	port_mask(b, false);		/* the console's was masked, and is pending */
	port_clear(b);
	told(0);
	rc[2] = send(a);
	bit = bit_in_shared_page(b);
	tell = told(0);
	rc[3] = event(init_control, (&(struct evtchn_init_control){
		.control_gfn = virt_to_mfn(control_page) }));
	rc[4] = expand_array(virt_to_mfn(words));
	rc[5] = event(reset, &r);
	console_rejoin();
	rule("a reset goes back to two levels");
	want(rc[0], 0);
	want(rc[1], -XEN_EOPNOTSUPP);
	want(rc[2], 0);
	want(bit, 1);
	want(tell, 1);
	rule("then the switch can be made again, and be taken back");
	want(rc[3], 0);
	want(rc[4], 0);
	want(rc[5], 0);
	want(expand_array(virt_to_mfn(words)), -XEN_EOPNOTSUPP);
}

void suite_main(void)
{
	info_open(FAR_VCPU);
	refused();
	carried_over();
	queues();
	priorities();
	vcpus();
	loads();
	whole_array();
	reset();
}
