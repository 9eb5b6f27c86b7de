/* SPDX-License-Identifier: MIT */
/* log.c - lines to the serial port and into the log ring.
 *
 * Guards: lines of the hypervisor start with "(pv) " at the start of a line,
 * whatever the first domain has printed before. The ring keeps the newest
 * LOG_RING_SIZE characters; positions count all characters ever logged.
 * Invariant: a guest cannot flood the log: log_guest() passes LIMIT_BURST
 * lines and then two a second, and says how many it left out.
 * Not here: the port (uart.c), what a guest types (input.c).
 */
#include "console/console.h"

#include "base/log.h"
#include "base/string.h"
#include "cpu/cpus.h"
#include "sync/spinlock.h"

#define LINE_MAX	200
#define LIMIT_BURST	20
#define LIMIT_PER_SEC	2

static struct spinlock lock = SPINLOCK_INIT(CONSOLE);
static bool forced;		/* the machine stops: nobody waits for the lock */
static uint32_t seizer;		/* id + 1 of the CPU that does not ask for it */
static bool seized;		/* it has the lock nevertheless */

/* Longer than anybody holds it who goes on at all. */
#define SEIZE_TURNS	(1u << 18)

/* CONSOLE lock */
static char ring[LOG_RING_SIZE];
static uint32_t ring_end, ring_start;
static char last_out = '\n';	/* last character sent to the port */
static uint64_t limit_tsc, tsc_rate = 1000000000;
static uint32_t limit_tokens = LIMIT_BURST, limit_dropped;

static bool lockless(void)
{
	return unlikely(forced || READ_ONCE(seizer) == this_cpu()->id + 1);
}

static void console_lock(void)
{
	if (!lockless())
		spin_lock(&lock);
}

static void console_unlock(void)
{
	if (!lockless())
		spin_unlock(&lock);
}

bool console_seize(bool may_wait)
{
	uint32_t nobody = 0;

	if (!__atomic_compare_exchange_n(&seizer, &nobody, this_cpu()->id + 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	seized = false;
	for (unsigned i = 0; may_wait && !seized && i < SEIZE_TURNS; i++) {
		cpu_relax();
		seized = spin_trylock(&lock);
	}
	return true;
}

void console_let_go(void)
{
	if (seized)
		spin_unlock(&lock);
	__atomic_store_n(&seizer, 0, __ATOMIC_RELEASE);
}

void console_force(void)
{
	forced = true;
}

static void port_put(char c)
{
	if (c == '\n' && last_out != '\r')
		uart_putc('\r');
	uart_putc(c);
	last_out = c;
}

static void ring_put(char c)
{
	ring[ring_end++ % LOG_RING_SIZE] = c;
}

static uint32_t oldest(void)
{
	return ring_end - ring_start > LOG_RING_SIZE ?
	       ring_end - LOG_RING_SIZE : ring_start;
}

/* CONSOLE lock held */
static void put_line(const char *text)
{
	if (last_out != '\n')
		port_put('\n');
	for (const char *p = "(pv) "; *p; p++) {
		port_put(*p);
		ring_put(*p);
	}
	for (; *text; text++) {
		/* A guest's words may be in the line: one line stays one. */
		char c = *text >= ' ' && *text <= '~' ? *text : '?';

		port_put(c);
		ring_put(c);
	}
	port_put('\n');
	ring_put('\n');
}

void log(const char *fmt, ...)
{
	char line[LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_lock();
	put_line(line);
	console_unlock();
}

/* CONSOLE lock held. A token a line; they come back as time passes. */
static bool limit_take(uint64_t now)
{
	uint64_t earned = (now - limit_tsc) / (tsc_rate / LIMIT_PER_SEC);

	if (earned) {
		limit_tokens = (uint32_t)MIN(earned + limit_tokens, (uint64_t)LIMIT_BURST);
		limit_tsc = now;
	}
	if (!limit_tokens) {
		limit_dropped++;
		return false;
	}
	limit_tokens--;
	return true;
}

void log_guest(const char *fmt, ...)
{
	char line[LINE_MAX], note[48];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);

	console_lock();
	if (limit_take(rdtsc())) {
		if (limit_dropped) {
			snprintf(note, sizeof(note), "(%u lines of this kind left out)",
				 limit_dropped);
			limit_dropped = 0;
			put_line(note);
		}
		put_line(line);
	}
	console_unlock();
}

void console_set_tsc_rate(uint64_t per_second)
{
	if (per_second >= LIMIT_PER_SEC)
		tsc_rate = per_second;
}

uint32_t log_start(void)
{
	return ring_start;
}

uint32_t log_end(void)
{
	return ring_end;
}

void log_clear(uint32_t at)
{
	console_lock();
	if (ring_end - at <= LOG_RING_SIZE)
		ring_start = at;
	console_unlock();
}

uint32_t log_read(uint32_t *from, char *buf, uint32_t size)
{
	uint32_t n = 0;

	console_lock();
	/* Before what is kept, or behind the end: the oldest there is. */
	if (ring_end - *from > ring_end - oldest())
		*from = oldest();
	while (n < size && *from != ring_end)
		buf[n++] = ring[(*from)++ % LOG_RING_SIZE];
	console_unlock();
	return n;
}

/* CONSOLE lock held. As port_put(), but false if it is to be offered again. */
static bool port_offer(char c)
{
	if (c == '\n' && last_out != '\r') {
		if (!uart_offer('\r'))
			return false;
		last_out = '\r';
	}
	if (!uart_offer(c))
		return false;
	last_out = c;
	return true;
}

size_t console_write(const char *text, size_t n)
{
	size_t done = 0;

	console_lock();
	while (done < n && port_offer(text[done]))
		done++;
	console_unlock();
	return done;
}

/* "115200,8n1": speed, data bits, parity, stop bits; what is missing or odd
 * stays as it was. */
static void parse_line(const char *s, struct uart_line *line)
{
	const char *end;
	uint64_t baud = parse_size(s, &end);

	if (baud && baud <= 115200)
		line->baud = (uint32_t)baud;
	if (*end++ != ',' || strnlen(end, 3) < 3)
		return;
	if (end[0] >= '5' && end[0] <= '8')
		line->control = (uint8_t)(end[0] - '5');
	if (end[1] == 'o')
		line->control |= 0x08;
	if (end[1] == 'e')
		line->control |= 0x18;
	if (end[2] == '2')
		line->control |= 0x04;
}

/* Is `word` in the comma-separated list? */
static bool listed(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (;;) {
		if (!strncmp(list, word, n) && (!list[n] || list[n] == ','))
			return true;
		list = strchr(list, ',');
		if (!list)
			return false;
		list++;
	}
}

void console_init(const char *console, const char *com1)
{
	struct uart_line line = { .baud = 115200, .control = 0x03, .port = 0x3f8 };

	if (com1)
		parse_line(com1, &line);
	if (console && !listed(console, "com1"))
		line.port = 0;
	uart_open(&line);
}
