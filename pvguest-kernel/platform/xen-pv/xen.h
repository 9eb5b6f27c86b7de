/* SPDX-License-Identifier: MIT */
/* xen.h - what the files of this platform share. */
#ifndef KERNEL_XEN_PV_XEN_H
#define KERNEL_XEN_PV_XEN_H

#include <public/event_channel.h>
#include <public/sched.h>
#include <public/xen.h>

#include "core/types.h"

/* KERNEL_BASE leaves 2 GiB; the last 16 MiB stay free of mappings. */
#define PLATFORM_MAX_PAGES ((0x80000000ul - 0x1000000ul) >> 12)

extern struct start_info *start_info;
extern struct shared_info shared_info;		/* mapped over its own page */

static inline bool xen_is_first_domain(void)
{
	return start_info->flags & SIF_INITDOMAIN;
}

/* Machine frames and our own numbers for them. */
uint64_t pfn_to_mfn(uint64_t pfn);
uint64_t mfn_to_pfn(uint64_t mfn);
uint64_t virt_to_machine(const void *va);

/* mm.c */
struct boot_info;
void xen_extend_mapping(struct boot_info *boot);	/* to all of its pages */
/* Maps a machine frame over the page at va, an address of the kernel's image. */
void xen_map_over(void *va, uint64_t machine);
/* An entry naming a frame of `domid`, at once; 0 or a negative errno. */
int xen_map_foreign(uint64_t *slot, uint64_t mfn, bool writable, unsigned domid);

/* The page's frame goes, comes: at the next commit. A gone page's number of
 * before is the answer. */
struct page;
uint64_t xen_page_leaves(const struct page *page);
void xen_page_arrives(const struct page *page, uint64_t mfn);

/* events.c: one handler per port, called with kernel interrupts masked */
typedef void (*event_handler)(unsigned port);
void event_bind(unsigned port, event_handler handler);
bool event_is_bound(unsigned port);
void event_unbind(unsigned port);	/* forgets the handler, masks the port */
void event_mask(unsigned port);
long event_send(unsigned port);
void event_unmask(unsigned port);
int event_bind_virq(unsigned virq, event_handler handler);	/* port or -errno */

void xen_console_init(void);
void xen_console_events_init(void);
void xen_time_init(void);

/* Drivers, made known by platform_devices_init. */
void privcmd_init(void);
void hypercall_buffer_init(void);
void evtchn_device_init(void);
void wishes_init(void);

#endif
