/* SPDX-License-Identifier: MIT */
/* names.h - the index of names, for the files of libs/tree alone. */
#ifndef TOOLS_TREE_NAMES_H
#define TOOLS_TREE_NAMES_H

#include "tree/tree.h"

#define NAME_NODE (3 * GUEST_NAME_MAX + 4)
void name_to_node(const char *name, char node[NAME_NODE]);

/* /local/domain/ID is about the very domain that has that UUID. */
bool tree_is_about(struct xs_handle *store, xs_transaction_t t, domid_t id,
		   const xen_domain_handle_t handle);

/* Inside a transaction: the name is the domain's, or -EEXIST. */
int tree_claim_name(struct ctl *c, struct xs_handle *store, xs_transaction_t t,
		    domid_t id, const xen_domain_handle_t handle,
		    const char *name, struct reason *why);

#endif
