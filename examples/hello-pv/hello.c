/* SPDX-License-Identifier: MIT */
/* hello.c - a whole PV guest: it says hello, counts timer ticks, powers off.
 *
 * The kernel runs in ring 3 and asks the hypervisor, by SYSCALL, for all that
 * needs more. Its options: ticks=N (default 5), loop (never end).
 */
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/callback.h>
#include <xen/sched.h>
#include <xen/io/console.h>

#define TICK_NS		200000000	/* 0.2 s */
#define PTE_FLAGS	7		/* present, writable, user */

void main(struct start_info *si);
void on_event(void);
void event_entry(void);

/* Two pages of ours, over which we map frames we share with others. */
static char page[2][4096] __attribute__((aligned(4096)));
static volatile struct shared_info *const shared = (void *)page[0];
static volatile struct xencons_interface *const ring = (void *)page[1];

static evtchn_port_t console_port;	/* 0: the machine's own console */
static evtchn_port_t timer_port;
static volatile int ticked;		/* the timer's event came */

static long hypercall(long number, long a, long b, long c)
{
	asm volatile("syscall" : "+a"(number), "+D"(a), "+S"(b), "+d"(c)
		     : : "rcx", "r11", "r8", "r9", "r10", "memory");
	return number;
}
#define call(name, a, b, c) hypercall(__HYPERVISOR_##name, (long)(a), (long)(b), (long)(c))

static void print(const char *s)
{
	struct evtchn_send reader = { console_port };
	uint32_t prod = console_port ? ring->out_prod : 0;
	size_t n = 0;

	while (s[n])
		n++;
	if (!console_port)
		call(console_io, CONSOLEIO_write, n, s);
	while (console_port && n) {
		for (; n && prod - ring->out_cons < sizeof(ring->out); n--)
			ring->out[MASK_XENCONS_IDX(prod++, ring->out)] = *s++;
		__sync_synchronize();	/* the bytes before the index */
		ring->out_prod = prod;
		call(event_channel_op, EVTCHNOP_send, &reader, 0);
		if (n)			/* full: let the reader run */
			call(sched_op, SCHEDOP_yield, 0, 0);
	}
}

static void print_number(const char *before, unsigned long n, const char *after)
{
	char digits[21], *p = digits + 20;

	for (*p = 0; n || !*p; n /= 10)
		*--p = '0' + n % 10;
	print(before);
	print(p);
	print(after);
}

/* The number after a word of the command line, or -1 without that word. */
static long option(const char *line, const char *word)
{
	long i = 0, n = 0;

	for (; *line && word[i]; line++)
		i = *line == word[i] ? i + 1 : *line == word[0];
	for (; !word[i] && *line >= '0' && *line <= '9'; line++)
		n = n * 10 + (*line - '0');
	return word[i] ? -1 : n;
}

/* System time: what the hypervisor wrote when we last began to run, and the
 * TSC since then. */
static uint64_t now(void)
{
	const volatile struct vcpu_time_info *t = &shared->vcpu_info[0].time;
	uint64_t tsc = __builtin_ia32_rdtsc() - t->tsc_timestamp;

	tsc = t->tsc_shift < 0 ? tsc >> -t->tsc_shift : tsc << t->tsc_shift;
	return t->system_time + (uint64_t)((unsigned __int128)tsc * t->tsc_to_system_mul >> 32);
}

/* Called with events masked. Of our ports all but the timer's only wake us. */
void on_event(void)
{
	volatile xen_ulong_t *word = &shared->evtchn_pending[timer_port / 64];

	shared->vcpu_info[0].evtchn_upcall_pending = 0;
	__sync_lock_test_and_set(&shared->vcpu_info[0].evtchn_pending_sel, 0);
	if (__sync_lock_test_and_set(word, 0) >> timer_port % 64 & 1)
		ticked = 1;
}

/* Block unmasks events while it sleeps. Masked around it, none can slip in
 * between the test and the sleep. */
static void sleep_until(uint64_t system_time)
{
	ticked = 0;
	call(set_timer_op, system_time, 0, 0);
	while (!ticked) {
		call(sched_op, SCHEDOP_block, 0, 0);
		shared->vcpu_info[0].evtchn_upcall_mask = 1;
	}
}

void main(struct start_info *si)
{
	struct callback_register event = { CALLBACKTYPE_event, 0, (xen_callback_t)event_entry };
	struct evtchn_bind_virq timer = { VIRQ_TIMER, 0, 0 };
	struct sched_shutdown off = { SHUTDOWN_poweroff };
	const char *line = (const char *)si->cmd_line;
	long last = option(line, "ticks="), forever = option(line, "loop") >= 0;

	call(update_va_mapping, page[0], si->shared_info | PTE_FLAGS, UVMF_INVLPG);
	if (!(si->flags & SIF_INITDOMAIN)) {
		call(update_va_mapping, page[1], si->console.domU.mfn << 12 | PTE_FLAGS, UVMF_INVLPG);
		console_port = si->console.domU.evtchn;
	}
	print_number("Hello from ring 3, with ", si->nr_pages / 256, " MiB.\n");

	call(callback_op, CALLBACKOP_register, &event, 0);
	call(event_channel_op, EVTCHNOP_bind_virq, &timer, 0);
	timer_port = timer.port;
	uint64_t due = now();
	for (long n = 1; n <= (last < 0 ? 5 : last) || forever; n++) {
		sleep_until(due += TICK_NS);
		print_number("tick ", n, "\n");
	}
	print("Goodbye.\n");
	call(sched_op, SCHEDOP_shutdown, &off, 0);
}
