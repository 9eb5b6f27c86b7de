/* SPDX-License-Identifier: MIT */
/* main.c - from the first instruction to suite_main.
 *
 * Maps the shared page, opens the console, registers traps and events; events
 * stay masked until a suite unmasks them.
 */
#include <xen/callback.h>

#include "lib.h"

struct start_info *start_info;
static PAGE char shared_page[4096];
volatile struct shared_info *const shared = (void *)shared_page;

void lib_main(struct start_info *si);

bool is_first_domain(void)
{
	return start_info->flags & SIF_INITDOMAIN;
}

/* Our image is mapped from pfn 0 at VIRT_BASE on. */
unsigned long virt_to_mfn(const volatile void *va)
{
	unsigned long pfn = ((unsigned long)va - VIRT_BASE) >> 12;

	return ((unsigned long *)start_info->mfn_list)[pfn];
}

long map_frame(void *page, unsigned long mfn, unsigned long flags)
{
	return call(update_va_mapping, page, mfn << 12 | flags, UVMF_INVLPG);
}

/* NAME=NUMBER of our command line. */
static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *p = (const char *)start_info->cmd_line;
	unsigned long n = 0;

	while (*p && memcmp(p, name, strlen(name)))
		p++;
	if (!*p)
		return otherwise;
	for (p += strlen(name); *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (unsigned long)(*p - '0');
	return n;
}

unsigned int cpus(void)
{
	return (unsigned int)number("cpus=", 1);
}

uint64_t slack(void)
{
	return number("slack=", 0);
}

void lib_main(struct start_info *si)
{
	start_info = si;
	map_frame(shared_page, si->shared_info >> 12,
		  PTE_PRESENT | PTE_WRITE | PTE_USER);
	console_open();
	reset_gates();
	set_callback(CALLBACKTYPE_event, 0, entry_stub(ENTRY_EVENT));
	suite_main();
	suite_end(NULL);
}
