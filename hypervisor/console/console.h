/* SPDX-License-Identifier: MIT */
/* console.h - the door of the console room: the machine's last words.
 *
 * Guards: text reaches the serial port whole, line by line, and the log
 * ring keeps the newest of it for readconsole. log(), panic() and BUG() are
 * declared in base/log.h. Nothing here needs more than a stack: it works
 * before memory is managed, and with no port present.
 */
#ifndef PARAVANE_CONSOLE_CONSOLE_H
#define PARAVANE_CONSOLE_CONSOLE_H

#include "base/compiler.h"
#include "cpu/frame.h"

/* --- boot ---------------------------------------------------------------- */
/* `console=` and `com1=` of the command line, NULL when not given: prints by
 * default on the first serial port at 115200,8n1. Call it again when the
 * command line is known; before the first call nothing is printed. */
void console_init(const char *console, const char *com1);
/* Let received bytes raise IRQ 4, once somebody handles it. */
void console_enable_input_irq(void);
/* `noreboot`: a panic halts instead of starting the machine again. */
extern bool console_noreboot;
/* How fast the time-stamp counter runs, for the rate limit of log_guest(). */
void console_set_tsc_rate(uint64_t per_second);

/* --- the log ring -------------------------------------------------------- */
#define LOG_RING_SIZE	16384U		/* a power of two */

/* Copies text from position `from` (0: the oldest kept; positions grow for
 * ever) into buf; *from becomes the position behind it. Returns bytes. */
uint32_t log_read(uint32_t *from, char *buf, uint32_t size);
/* The position where a reader that does not say `incremental` starts, and
 * the one where the next character goes. */
uint32_t log_start(void);
uint32_t log_end(void);
/* Readers start at `at` from now on. */
void log_clear(uint32_t at);

/* --- the first domain's console ------------------------------------------- */
/* Raw bytes, not kept in the ring. Returns how many the port took before it
 * was busy; offer it the rest again. */
MUST_CHECK size_t console_write(const char *text, size_t n);
/* Bytes typed at the port, at most `size`; they are consumed. */
size_t console_read(char *buf, size_t size);
/* Move received bytes into the input ring and pend CPU_CONSOLE if there are
 * any; from the timer tick or IRQ 4. What does not fit waits in the port. */
void console_poll_input(void);

/* --- reports that must not wait -------------------------------------------- */
/* Until console_let_go() this CPU logs without asking for the console: its
 * holder may be the one that is stuck. `may_wait`, for who holds no lock: the
 * holder has a while to finish. False while another CPU does that. */
MUST_CHECK bool console_seize(bool may_wait);
void console_let_go(void);

/* --- the end --------------------------------------------------------------- */
/* Registers of a frame, one log line a group. */
void log_registers(const struct cpu_frame *f);
/* Words from `rsp` up to the end of its page that look like return addresses
 * of ours; how many. */
#define BACKTRACE_MAX	24
unsigned backtrace_take(uint64_t rsp, uint64_t *words, unsigned n);
void backtrace_log(const uint64_t *words, unsigned n);
/* Without ACPI: keyboard controller, reset port, triple fault. */
NORETURN void machine_reset(void);
NORETURN void machine_halt(void);

/* --- between the files of this room ---------------------------------------- */
struct uart_line {
	uint32_t baud;		/* 1 to 115200 */
	uint8_t control;	/* data bits, parity, stop bits as in LCR */
	uint16_t port;
};

void uart_open(const struct uart_line *line);
/* Waits, and then loses it. */
void uart_putc(char c);
/* False: the port is busy, ask again. What a port that is stuck is offered is
 * lost. */
MUST_CHECK bool uart_offer(char c);
bool uart_received(void);
bool uart_getc(char *c);
void uart_enable_irq(void);
/* Nobody may wait for the console's lock any more: the machine is stopping. */
void console_force(void);

#endif
