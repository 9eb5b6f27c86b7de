/* SPDX-License-Identifier: MIT */
/* console - console_io: the machine's console, for the first domain alone.
 *
 * A plain guest is refused before anything is looked at.
 */
#include "lib.h"

const char suite_name[] = "console";

static PAGE char page[8192];

/* What the first domain is answered; a plain guest is refused, so that the rule
 * does not apply to it. */
static void want_io(unsigned int cmd, unsigned long count, const void *at,
		    long wanted)
{
	want(call(console_io, cmd, count, at), is_first_domain() ? wanted : -XEN_EPERM);
	if (!is_first_domain())
		skip("a plain guest is refused");
}

static void writing(void)
{
	static const unsigned int lengths[] = { 1, 2, 126, 127, 128, 129, 255,
						256, 4096 };

	rule("write: nothing is written without an error");
	want_io(CONSOLEIO_write, 0, page, 0);
	rule("write: nothing may be anywhere");
	want_io(CONSOLEIO_write, 0, BAD_POINTER, 0);
	want_io(CONSOLEIO_write, 0, HYPERVISOR_POINTER, 0);
	want_io(CONSOLEIO_write, 0, NULL, 0);
	rule("write: any length is written whole, and answered 0");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		unsigned int n = lengths[i];

		memset(page, '.', sizeof(page));
		page[n - 1] = '\n';
		want_io(CONSOLEIO_write, n, page, 0);
	}
	rule("write: a line's end is not needed");
	want_io(CONSOLEIO_write, 5, "....\n", 0);
	want_io(CONSOLEIO_write, 1, ".", 0);
	want_io(CONSOLEIO_write, 1, "\n", 0);
	rule("write: bytes that are no text are no error");
	want_io(CONSOLEIO_write, 8, "\0\x01\x1b\x7f\xff\x80.\n", 0);
	rule("write: a bad address is EFAULT");
	want_io(CONSOLEIO_write, 1, BAD_POINTER, -XEN_EFAULT);
	want_io(CONSOLEIO_write, 1, HYPERVISOR_POINTER, -XEN_EFAULT);
	want_io(CONSOLEIO_write, 1, (void *)0x1000, -XEN_EFAULT);
	rule("write: absurd lengths at a bad address are EFAULT");
	want_io(CONSOLEIO_write, 0x80000000, BAD_POINTER, -XEN_EFAULT);
	want_io(CONSOLEIO_write, 0xffffffff, BAD_POINTER, -XEN_EFAULT);
	rule("write: what runs into nothing is EFAULT");
	memset(page, '\n', sizeof(page));
	want(map_frame(page + 4096, 0, 0), 0);
	want_io(CONSOLEIO_write, 8, page + 4092, -XEN_EFAULT);
	rule("write: 2^31 bytes that run into nothing are EFAULT");
	want_io(CONSOLEIO_write, 0x80000000, page + 4092, -XEN_EFAULT);
	rule("write: what ends where nothing begins is no error");
	want_io(CONSOLEIO_write, 4, page + 4092, 0);
	want(map_frame(page + 4096, virt_to_mfn(page + 4096),
		       PTE_PRESENT | PTE_WRITE | PTE_USER), 0);
	rule("write: what may only be read can be written");
	want(map_frame(page, virt_to_mfn(page), PTE_PRESENT | PTE_USER), 0);
	want_io(CONSOLEIO_write, 4, page, 0);
	want(map_frame(page, virt_to_mfn(page),
		       PTE_PRESENT | PTE_WRITE | PTE_USER), 0);
	rule("write: the length is 32 bits of its argument");
	want_io(CONSOLEIO_write, 1ul << 32, BAD_POINTER, 0);
}

static void reading(void)
{
	rule("read: nothing typed is 0, and nothing is stored");
	memset(page, 0x5a, sizeof(page));
	want_io(CONSOLEIO_read, 4, page, 0);
	want(page[0], 0x5a);
	rule("read: no room is no error");
	want_io(CONSOLEIO_read, 0, page, 0);
	rule("read: nothing typed is no error at a bad address");
	want_io(CONSOLEIO_read, 4, BAD_POINTER, 0);
	rule("read: as much as an answer can count may be asked for");
	want_io(CONSOLEIO_read, 0x7fffffff, page, 0);
	rule("read: more is E2BIG");
	want_io(CONSOLEIO_read, 0x80000000, page, -XEN_E2BIG);
	want_io(CONSOLEIO_read, 0xffffffff, BAD_POINTER, -XEN_E2BIG);
}

void suite_main(void)
{
	static const unsigned int unknown[] = { 2, 3, 7, 0x7fffffff, ~0u };

	rule("a plain guest is refused whatever it asks: EPERM");
	if (is_first_domain()) {
		skip("we may");
	} else {
		for (unsigned int cmd = 0; cmd < 8; cmd++) {
			want(call(console_io, cmd, 0, 0), -XEN_EPERM);
			want(call(console_io, cmd, 4, BAD_POINTER), -XEN_EPERM);
			want(call(console_io, cmd, ~0u, page), -XEN_EPERM);
		}
	}
	writing();
	reading();
	rule("an unknown command is ENOSYS");
	for (int i = 0; i < 5; i++)
		want_io(unknown[i], 4, page, -XEN_ENOSYS);
}
