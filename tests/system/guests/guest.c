/* SPDX-License-Identifier: MIT */
/* guest.c - console, faults and shutdown for the test guests.
 *
 * As first domain it prints by console_io, else into its console ring. A full
 * ring is waited for by yielding, so nothing printed is lost.
 */
#include <stdarg.h>

#include <public/event_channel.h>
#include <public/hvm/hvm_op.h>
#include <public/io/console.h>
#include <public/sched.h>

#include "guest.h"

#define PTE_PRESENT 1ul
#define PTE_FRAME 0x000ffffffffff000ul

struct start_info *start_info;
struct shared_info *shared_info;

static struct xencons_interface *ring;
static uint8_t shared_page[4096] __attribute__((aligned(4096)));

/* The compiler calls these two by itself. */
void *memcpy(void *to, const void *from, size_t size)
{
	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size)
		     : : "memory");
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(byte)
		     : "memory");
	return to;
}

void *va_of_mfn(uint64_t mfn)
{
	const uint64_t *m2p = (const uint64_t *)0xffff800000000000ul;

	return (void *)(VIRT_BASE + (m2p[mfn] << 12));
}

static uint64_t mfn_of_pfn(uint64_t pfn)
{
	return ((const uint64_t *)start_info->mfn_list)[pfn];
}

uint64_t machine_of(const void *va)
{
	uint64_t offset = (uint64_t)va - VIRT_BASE;

	return mfn_of_pfn(offset >> 12) << 12 | (offset & 4095);
}

uint64_t pte_machine(const void *va)
{
	const uint64_t *table = (const uint64_t *)start_info->pt_base;
	uint64_t entry, machine;
	int level;

	for (level = 4; ; level--) {
		unsigned int index = (uint64_t)va >> (3 + 9 * level) & 511;

		machine = machine_of(table + index);
		if (level == 1)
			return machine;
		entry = table[index];
		if (!(entry & PTE_PRESENT))
			return 0;
		table = va_of_mfn((entry & PTE_FRAME) >> 12);
	}
}

static void write_ring(const char *text, unsigned int size)
{
	struct evtchn_send send = { .port = start_info->console.domU.evtchn };
	unsigned int at;

	for (at = 0; at < size; at++) {
		while (ring->out_prod - *(volatile uint32_t *)&ring->out_cons >=
		       sizeof(ring->out)) {
			call2(event_channel_op, EVTCHNOP_send, &send);
			call2(sched_op, SCHEDOP_yield, 0);
		}
		ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] =
			text[at];
		__atomic_store_n(&ring->out_prod, ring->out_prod + 1,
				 __ATOMIC_RELEASE);
	}
	call2(event_channel_op, EVTCHNOP_send, &send);
}

static unsigned int number(char *out, uint64_t value, unsigned int base)
{
	char digits[24];
	unsigned int count = 0, at = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (count)
		out[at++] = digits[--count];
	return at;
}

/* Knows %s, %c, %ld, %lu and %lx. */
void print(const char *format, ...)
{
	char line[512];
	unsigned int at = 0;
	va_list args;

	va_start(args, format);
	for (; *format && at < sizeof(line) - 32; format++) {
		if (*format != '%') {
			line[at++] = *format;
			continue;
		}
		format++;
		if (*format == 's') {
			const char *s = va_arg(args, const char *);

			while (*s && at < sizeof(line) - 32)
				line[at++] = *s++;
			continue;
		}
		if (*format == 'c') {
			line[at++] = (char)va_arg(args, int);
			continue;
		}
		format += *format == 'l';
		if (*format == 'd') {
			long value = va_arg(args, long);

			if (value < 0)
				line[at++] = '-';
			at += number(line + at, value < 0 ? -value : value, 10);
		} else {
			at += number(line + at, va_arg(args, unsigned long),
				     *format == 'x' ? 16 : 10);
		}
	}
	va_end(args);
	if (start_info->flags & SIF_INITDOMAIN)
		call3(console_io, CONSOLEIO_write, at, line);
	else
		write_ring(line, at);
}

bool has_word(const char *line, const char *word)
{
	for (; *line; line++) {
		const char *a = line, *b = word;

		while (*b && *a == *b) {
			a++;
			b++;
		}
		if (!*b && (!*a || *a == ' ' || *a == '='))
			return true;
		while (*line && *line != ' ')
			line++;
		if (!*line)
			return false;
	}
	return false;
}

void catch_faults(void)
{
	static struct trap_info traps[21];
	/* The vectors whose frame holds an error code. */
	const uint32_t with_code = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 |
				   1u << 13 | 1u << 14 | 1u << 17;
	unsigned int vector, at = 0;

	for (vector = 0; vector < 20; vector++) {
		if (vector == 2 || vector == 15)
			continue;
		traps[at].vector = vector;
		traps[at].flags = vector == 3 || vector == 4 ? 3 : 0;
		traps[at].cs = FLAT_KERNEL_CS64;
		traps[at].address = with_code & 1u << vector ?
			(unsigned long)fault_entry :
			(unsigned long)fault_entry_noerr;
		at++;
	}
	traps[at].address = 0;
	hypercall(__HYPERVISOR_set_trap_table, (uint64_t)traps, 0, 0, 0, 0);
}

uint64_t number_of(const char *line, const char *name)
{
	uint64_t value = 0;

	for (; *line; line++) {
		const char *a = line, *b = name;

		while (*b && *a == *b) {
			a++;
			b++;
		}
		if (*b || *a != '=')
			continue;
		for (a++; *a >= '0' && *a <= '9'; a++)
			value = value * 10 + (uint64_t)(*a - '0');
		break;
	}
	return value;
}

uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dul >> 3;
}

uint64_t system_time(void)
{
	struct xen_hvm_get_time t = { 0 };

	call2(hvm_op, HVMOP_get_time, &t);
	return t.now;
}

domid_t own_number(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_status s = { .dom = DOMID_SELF };
	struct evtchn_close c;

	call2(event_channel_op, EVTCHNOP_alloc_unbound, &a);
	s.port = c.port = a.port;
	call2(event_channel_op, EVTCHNOP_status, &s);
	call2(event_channel_op, EVTCHNOP_close, &c);
	return s.u.unbound.dom;
}

void shut_down(unsigned int reason)
{
	struct sched_shutdown how = { .reason = reason };

	for (;;)
		call2(sched_op, SCHEDOP_shutdown, &how);
}

void guest_start(struct start_info *info);

void guest_start(struct start_info *info)
{
	start_info = info;
	shared_info = (struct shared_info *)shared_page;
	call4(update_va_mapping, shared_page, info->shared_info | 7,
	      UVMF_INVLPG, 0);
	if (!(info->flags & SIF_INITDOMAIN))
		ring = va_of_mfn(info->console.domU.mfn);
	guest_main((const char *)info->cmd_line);
	shut_down(SHUTDOWN_poweroff);
}
