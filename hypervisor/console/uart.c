/* SPDX-License-Identifier: MIT */
/* uart.c - one 8250-compatible serial port, polled.
 *
 * Invariant: a port that is absent or stuck costs a bounded wait a byte and
 * loses the byte; it never stops the machine.
 * Not here: lines, locks and the input ring (log.c, input.c).
 */
#include "console/console.h"
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
/* Longer than a byte at 300 baud takes at one microsecond a port access. */
#define SPIN_LIMIT	100000

static uint16_t port;		/* 0: none */

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

void uart_putc(char c)
{
	if (!port)
		return;
	for (int i = 0; i < SPIN_LIMIT; i++) {
		if (inb(port + UART_LSR) & LSR_EMPTY) {
			outb(port + UART_DATA, (uint8_t)c);
			return;
		}
	}
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
