/* SPDX-License-Identifier: MIT */
/* grants.h - what the files of this suite share.
 *
 * One domain is both granter and grantee here: it grants to itself.
 */
#ifndef GRANTS_H
#define GRANTS_H

#include <xen/grant_table.h>

#include "events.h"

#define op(cmd, arg, n)	call(grant_table_op, GNTTABOP_##cmd, arg, n)
#define NO_REF		0x7fffffffu
#define NOT_OURS	0ul		/* a frame that nobody is given */
#define NO_HANDLE	0x7ffffffu

extern domid_t self;
/* The first frame of the table, mapped. */
extern volatile struct grant_entry_v1 *const table;
/* Pages of ours: to grant, to copy, and to map others over. */
extern char page_a[4096], page_b[4096], window[4096];

void grant(grant_ref_t ref, const void *page, unsigned int flags);
int map(grant_ref_t ref, uint64_t where, unsigned int flags,
	struct gnttab_map_grant_ref *out);
int unmap(grant_handle_t handle, uint64_t where, uint64_t dev);
/* The machine address of the L1 entry of a page of ours. */
uint64_t entry_address(const void *page);
uint64_t entry_of(const void *page);
/* The page shows its own frame again. */
void restore(void *page);

void copies(void);
void copy_edges(void);
void edges(void);
void mappings(void);

#endif
