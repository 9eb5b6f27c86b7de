/* SPDX-License-Identifier: MIT */
/* pheap.h - an intrusive pairing heap: what has the smallest key is at hand.
 *
 * Invariant: a node's key is not greater than its children's. A node is in
 * at most one heap; who owns it remembers whether it is in one. Insert costs
 * a handful of instructions, remove O(log n) amortised. Among equal keys
 * none is preferred.
 */
#ifndef PARAVANE_BASE_PHEAP_H
#define PARAVANE_BASE_PHEAP_H

#include "compiler.h"

struct pheap_node {
	uint64_t key;
	struct pheap_node *child;	/* first of the children */
	struct pheap_node *next;		/* among the parent's children */
	struct pheap_node *prev;		/* left neighbour, or parent of a first child */
};

struct pheap {
	struct pheap_node *root;		/* smallest key; NULL when empty */
};

void pheap_insert(struct pheap *h, struct pheap_node *n);	/* n->key is set */
void pheap_remove(struct pheap *h, struct pheap_node *n);	/* n is in h */

#endif
