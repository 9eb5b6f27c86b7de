/* SPDX-License-Identifier: MIT */
/* pheap.c - melding and unpicking of pairing heaps.
 *
 * Invariant: a root has no neighbours (next and prev NULL); all loops, no
 * recursion, because the hypervisor's stack is small.
 */
#include "base/pheap.h"

/* Two roots become one. */
static struct pheap_node *meld(struct pheap_node *a, struct pheap_node *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (b->key < a->key) {
		struct pheap_node *t = a;

		a = b;
		b = t;
	}
	b->prev = a;
	b->next = a->child;
	if (a->child)
		a->child->prev = b;
	a->child = b;
	return a;
}

/* Children of a removed node, melded in pairs from the left and the pairs
 * from the right: this is what makes removal logarithmic over time. */
static struct pheap_node *meld_children(struct pheap_node *first)
{
	struct pheap_node *pairs = NULL, *root = NULL;

	while (first) {
		struct pheap_node *a = first, *b = a->next;

		first = b ? b->next : NULL;
		a->next = a->prev = NULL;
		if (b)
			b->next = b->prev = NULL;
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct pheap_node *a = pairs;

		pairs = a->next;
		a->next = NULL;
		root = meld(root, a);
	}
	return root;
}

void pheap_insert(struct pheap *h, struct pheap_node *n)
{
	n->child = n->next = n->prev = NULL;
	h->root = meld(h->root, n);
}

void pheap_remove(struct pheap *h, struct pheap_node *n)
{
	struct pheap_node *rest = meld_children(n->child);

	if (n == h->root) {
		h->root = rest;
		return;
	}
	if (n->prev->child == n)
		n->prev->child = n->next;
	else
		n->prev->next = n->next;
	if (n->next)
		n->next->prev = n->prev;
	h->root = meld(h->root, rest);
}
