/* SPDX-License-Identifier: MIT */
/* hypercall_page.h - a page of call stubs for a guest that wants one.
 */
#ifndef PARAVANE_CONTROL_HYPERCALL_PAGE_H
#define PARAVANE_CONTROL_HYPERCALL_PAGE_H

/* Fills 4096 bytes: the stub of call n starts at 32 * n. */
void hypercall_page_fill(void *page);

#endif
