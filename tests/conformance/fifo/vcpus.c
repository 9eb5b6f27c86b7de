/* SPDX-License-Identifier: MIT */
/* vcpus.c - each vCPU has queues of its own, in a control block of its own;
 * and what a guest writes over all of it is its own loss.
 */
#include "fifo.h"

static struct channel a, b;

static void without_block(void)
{
	rule("an event for a vCPU without a control block is lost");
	forget_all();
	want(move(a.to, 1), 0);
	want(send(a.from), 0);
	want(words[a.to], 0);
	want(told(1), 0);
	rule("each vCPU hands its own over, at any place of a page");
	want(init_control(virt_to_mfn(control_page), BLOCK_1, 1), 0);
	want(init_control(virt_to_mfn(control_page), BLOCK_LAST, FAR_VCPU), 0);
	want(init_control(virt_to_mfn(control_page), 512, FAR_VCPU), -XEN_EINVAL);
	rule("that does not bring up what was raised before it, only what comes then");
	want(words[a.to], 0);
	want(told(1), 0);
	want(send(a.from), 0);
	want(words[a.to], PENDING | LINKED);
	want(*head_of(1, DEFAULT), a.to);
	want(told(1), 1);
	want(told(0), 0);
}

static void moved(void)
{
	rule("a port that is linked stays with its vCPU when it is moved");
	__sync_fetch_and_and(&words[a.to], ~PENDING);
	want(move(a.to, 0), 0);
	want(send(a.from), 0);
	want(words[a.to], PENDING | LINKED);
	want(block_of(0)->ready, 0);
	want(told(0), 0);
	want(told(1), 0);
	rule("taken out there, it goes to the vCPU it was moved to");
	take(a.to);
	want(send(a.from), 0);
	want(*head_of(0, DEFAULT), a.to);
	want(told(0), 1);
	want(told(1), 0);
	rule("and what its first vCPU is told next does not follow it");
	want(move(b.to, 1), 0);
	block_of(1)->ready = 0;
	want(send(b.from), 0);
	want(words[a.to], PENDING | LINKED);
	want(*head_of(1, DEFAULT), b.to);
	want(told(1), 1);
}

static void far_away(void)
{
	evtchn_port_t ipi;

	rule("a vCPU above 31 is told where it registered to be");
	forget_all();
	want(move(a.to, FAR_VCPU), 0);
	want(send(a.from), 0);
	want(*head_of(FAR_VCPU, DEFAULT), a.to);
	want(block_of(FAR_VCPU)->ready, 1u << DEFAULT);
	want(told(FAR_VCPU), 1);
	rule("an IPI's port is queued like any other, up to the page's last word");
	ipi = ipi_port(FAR_VCPU);
	words[ipi] = 0;
	want(set_priority(ipi, 15), 0);
	want(send(ipi), 0);
	want(*head_of(FAR_VCPU, 15), ipi);
	want(block_of(FAR_VCPU)->ready, 1u << DEFAULT | 1u << 15);
	take(ipi);
	words[ipi] = MASKED;
	want(close_port(ipi), 0);
	want(move(a.to, 0), 0);
	want(move(b.to, 0), 0);
}

/* Each word, head and ready bit anything, often: sends, unmasks and moves end,
 * without an error. */
static void garbage(void)
{
	uint64_t random = 0x9e3779b97f4a7c15ul;
	long failures = 0;

	rule("whatever a guest writes to words, heads and ready bits, calls end well");
	for (unsigned int round = 0; round < 2000; round++) {
		random = random * 6364136223846793005ul + 1442695040888963407ul;
		words[(random >> 33) % 64] = (uint32_t)(random >> 20);
		words[a.to] = (uint32_t)(random >> 8);
		words[b.to] = (uint32_t)(random >> 24);
		*head_of(0, DEFAULT) = (uint32_t)(random >> 16);
		block_of(round & 1)->ready = (uint32_t)(random >> 12);
		failures += send(a.from) != 0;
		failures += send(b.from) != 0;
		failures += unmask(a.to) != 0;
		failures += move(b.to, round & 1) != 0;
		failures += set_priority(a.to, round & 15) != 0;
	}
	want(failures, 0);
	rule("put right again, all is as it was");
	forget_all();
	want(move(b.to, 0), 0);
	want(set_priority(a.to, DEFAULT), 0);
	want(send(a.from), 0);
	want(send(b.from), 0);
	want(words[a.to], PENDING | LINKED | b.to);
	want(words[b.to], PENDING | LINKED);
	want(*head_of(0, DEFAULT), a.to);
	want(told(0), 1);
	forget_all();
}

void vcpus(void)
{
	a = channel();
	b = channel();
	without_block();
	moved();
	far_away();
	garbage();
	channel_close(a);
	channel_close(b);
}
