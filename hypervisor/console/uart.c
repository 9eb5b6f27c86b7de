/* SPDX-License-Identifier: MIT */
/* uart.c - one 8250-compatible serial port, polled.
 *
 * Invariant: a port that is absent or stuck costs a bounded wait a byte; it
 * never stops the machine. Who can come again loses a byte only if the port has
 * taken none for STUCK_POLLS, who cannot after SPIN_LIMIT.
 * Not here: lines, locks and the input ring (log.c, input.c).
 */
#include "console/console.h"
#include "cpu/cpus.h"
#include "cpu/insn.h"

/* Register offsets; the first two are the divisor while DLAB is set. */
#define UART_DATA	0
#define UART_IER	1
#define UART_FCR	2
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_SCRATCH	7

#define IER_RECEIVED	0x01
#define FCR_ENABLE	0x07	/* FIFOs on, both emptied, trigger at one byte */
#define LCR_DLAB	0x80
#define MCR_READY	0x0b	/* DTR, RTS, OUT2 (lets the interrupt out) */
#define LSR_RECEIVED	0x01
#define LSR_EMPTY	0x20

#define UART_CLOCK	115200
/* Between two polls. An emulator's port empties only while no CPU is at one. */
#define RELAX		100
/* All three in polls, of some five microseconds or more with what is between.
 * Longer than a byte takes at 300 baud. */
#define SPIN_LIMIT	20000
/* Than at 115200 baud; interrupts are off meanwhile. */
#define OFFER_POLLS	20
/* A minute or so: nobody reads at the other end. No clock tells: it may stand
 * still while an emulator's reader rests. */
#define STUCK_POLLS	(1u << 23)

static uint16_t port;		/* 0: none */
/* CONSOLE lock. Polls in vain since it took a byte. */
static uint32_t in_vain;

/* Nothing answers at an empty port: every read is all ones. */
static bool present(uint16_t base)
{
	outb(base + UART_SCRATCH, 0x5a);
	if (inb(base + UART_SCRATCH) != 0x5a)
		return false;
	outb(base + UART_SCRATCH, 0xa5);
	return inb(base + UART_SCRATCH) == 0xa5;
}

void uart_open(const struct uart_line *line)
{
	uint16_t base = line->port;
	uint32_t divisor = UART_CLOCK / line->baud;

	port = 0;
	in_vain = 0;
	if (!base || !present(base))
		return;
	outb(base + UART_IER, 0);
	outb(base + UART_LCR, LCR_DLAB);
	outb(base + UART_DATA, (uint8_t)divisor);
	outb(base + UART_IER, (uint8_t)(divisor >> 8));
	outb(base + UART_LCR, line->control);
	outb(base + UART_FCR, FCR_ENABLE);
	outb(base + UART_MCR, MCR_READY);
	port = base;
}

/* Whether the port took it. If it is stuck, it is asked only once. */
static bool put(char c, uint32_t polls)
{
	while (!(inb(port + UART_LSR) & LSR_EMPTY)) {
		if (in_vain == STUCK_POLLS || !polls--)
			return false;
		in_vain++;
		for (int i = 0; i < RELAX; i++)
			cpu_relax();
	}
	outb(port + UART_DATA, (uint8_t)c);
	in_vain = 0;
	return true;
}

void uart_putc(char c)
{
	if (port)
		put(c, SPIN_LIMIT);
}

bool uart_offer(char c)
{
	return !port || put(c, OFFER_POLLS) || in_vain == STUCK_POLLS;
}

bool uart_received(void)
{
	return port && inb(port + UART_LSR) & LSR_RECEIVED;
}

bool uart_getc(char *c)
{
	if (!uart_received())
		return false;
	*c = (char)inb(port + UART_DATA);
	return true;
}

void uart_enable_irq(void)
{
	if (port)
		outb(port + UART_IER, IER_RECEIVED);
}
