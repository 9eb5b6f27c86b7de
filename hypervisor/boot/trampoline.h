/* SPDX-License-Identifier: MIT */
/* trampoline.h - what boot/smp.c and trampoline.S agree on.
 */
#ifndef PARAVANE_BOOT_TRAMPOLINE_H
#define PARAVANE_BOOT_TRAMPOLINE_H

/* Where it runs: a page that memory.c keeps back for ever. */
#define TRAMPOLINE	0x8000

#ifndef __ASSEMBLY__
#include "base/types.h"

struct trampoline_words {
	uint32_t apic_id;		/* low 8 bits of who shall start */
	uint32_t efer;
};
extern char trampoline[], trampoline_words[], trampoline_end[];
extern uint64_t ap_root, ap_stack;
#endif

#endif
