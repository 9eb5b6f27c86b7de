/* SPDX-License-Identifier: MIT */
/* deliver.c - from a port to a vCPU that looks at its events.
 *
 * Guards: the bitmaps are the guest's to write at any time, so every bit is
 * changed by one locked instruction and believed for one decision only.
 * Invariant: pending bit, then (unless masked) the word's selector bit, then
 * the upcall byte, then the wake-up: whoever sees the later finds the
 * earlier. Each is a locked instruction, so none is passed by what follows:
 *   - a vCPU on another CPU: that CPU took it (on_cpu) before it looks at the
 *     upcall byte on its way out. We write the byte, then look at on_cpu: either
 *     it finds the byte, or we find it there and interrupt it. Its event mask is
 *     not asked: a guest unmasks and looks without a barrier between.
 *   - a vCPU that falls asleep says so, then looks at the byte; we write the
 *     byte, then look whether it sleeps.
 *   - one that polls says so (pollers), then looks at the pending bits; we set
 *     the bit, then look for pollers.
 * A domain that switched to FIFO delivery has its own half: fifo.c.
 * v->info changes once, at a registration that marks everything pending after
 * it (vcpu_info.c): who still wrote to the old place had set the pending bit
 * before, and that place is the domain's until its end.
 */
#include "evtchn/port.h"

#include "base/errno.h"
#include "sched/sched.h"

/* Bit `n` of *word, which is the guest's too: what it was before. */
static inline bool bit_set(volatile uint64_t *word, unsigned n)
{
	bool was;

	__asm__ volatile("lock btsq %2, %0" : "+m"(*word), "=@ccc"(was)
			 : "r"((uint64_t)n) : "memory");
	return was;
}

static inline bool bit_clear(volatile uint64_t *word, unsigned n)
{
	bool was;

	__asm__ volatile("lock btrq %2, %0" : "+m"(*word), "=@ccc"(was)
			 : "r"((uint64_t)n) : "memory");
	return was;
}

static inline volatile uint64_t *pending_word(struct domain *d, evtchn_port_t n)
{
	return (volatile uint64_t *)&d->shared->evtchn_pending[n / 64];
}

static inline volatile uint64_t *mask_word(struct domain *d, evtchn_port_t n)
{
	return (volatile uint64_t *)&d->shared->evtchn_mask[n / 64];
}

void vcpu_upcall(struct vcpu *v)
{
	if (!__atomic_exchange_n(&v->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
		sched_wake(v);
}

/* Unmasked and pending: v is to find it by its selector. */
static void select_word(struct vcpu *v, evtchn_port_t n)
{
	if (!bit_set((volatile uint64_t *)&v->info->evtchn_pending_sel, n / 64))
		vcpu_upcall(v);
}

/* tour 15: an event: a bit in memory that both sides share, and the vCPU is woken. */
static void raise(struct domain *d, evtchn_port_t n, struct vcpu *v)
{
	if (bit_set(pending_word(d, n), n % 64))
		return;
	/* no vCPU: a domain that is still being built finds it pending */
	if (v && !(*mask_word(d, n) >> (n % 64) & 1))
		select_word(v, n);
	if (unlikely(READ_ONCE(d->sched.pollers)))
		sched_wake_pollers(d, n);
}

void port_raise(struct ports p, evtchn_port_t n, struct port *port)
{
	if (unlikely(p.d->evtchn.fifo))
		fifo_raise(p.d, n, port);
	else
		raise(p.d, n, p.d->vcpu[port->vcpu]);
}

static __attribute__((noinline)) void raise_peer_fifo(struct domain *d, evtchn_port_t n)
{
	/* found without its lock, as any peer: it is there while ours is */
	fifo_raise(d, n, port_find((struct ports){ d }, n));
}

void port_raise_peer(const struct port *port)
{
	struct domain *d = port->peer;
	evtchn_port_t n = port->peer_port;
	const struct port *other;

	if (unlikely(READ_ONCE(d->evtchn.fifo))) {
		raise_peer_fifo(d, n);
		return;
	}
	other = &d->evtchn.frame[n / EVTCHN_PORTS_PER_FRAME][n % EVTCHN_PORTS_PER_FRAME];
	raise(d, n, d->vcpu[READ_ONCE(other->vcpu)]);
}

void port_unmask(struct ports p, evtchn_port_t n, struct port *port)
{
	if (unlikely(p.d->evtchn.fifo))
		fifo_unmask(p.d, n, port);
	else if (bit_clear(mask_word(p.d, n), n % 64) && port_is_pending(p, n))
		select_word(p.d->vcpu[port->vcpu], n);
}

void port_clear_pending(struct ports p, evtchn_port_t n)
{
	if (unlikely(p.d->evtchn.fifo))
		fifo_clear_pending(p.d, n);
	else if (n < EVTCHN_NR_PORTS)
		bit_clear(pending_word(p.d, n), n % 64);
}

bool virq_is_per_vcpu(unsigned virq)
{
	return virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENOPROF ||
	       virq == VIRQ_XENPMU;
}

static void raise_virq(struct vcpu *v, unsigned virq)
{
	struct ports p = ports_lock(v->domain);
	evtchn_port_t n = v->evtchn.virq_port[virq];

	if (n)
		port_raise(p, n, port_find(p, n));
	ports_unlock(p);
}

void evtchn_virq_vcpu(struct vcpu *v, unsigned virq)
{
	raise_virq(v, virq);
}

/* Bound by vCPU 0, delivered to whom bind_vcpu said. */
void evtchn_virq_global(struct domain *d, unsigned virq)
{
	if (d->vcpu[0])
		raise_virq(d->vcpu[0], virq);
}
